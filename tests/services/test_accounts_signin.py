"""The ways in: sessions end when they should, links work once, guessing is slowed down."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.errors import Invalid, NotFound, TooMany
from flowbuilder.services import transaction
from flowbuilder.services.accounts import sessions, signin
from flowbuilder.store import db
from flowbuilder.store.accounts import SigninFailure, SigninLink, User, UserSession, Workspace

EMAIL = "admin@acme.example"
PASSWORD = "the kettle sings at nine"
FROM = {"ip": "192.0.2.1", "user_agent": "Test"}


@pytest.fixture
def admin(workspace: Workspace) -> User:
    """Acme's administrator, who has a password."""
    user = db.session.query(User).filter_by(email=EMAIL).one()
    with transaction() as session:
        begun = sessions.begin(session, user.id, workspace.id, **FROM)
    signin.set_password(user.id, begun, current="", new=PASSWORD)
    with transaction() as session:
        session.query(UserSession).delete()
    return db.session.get(User, user.id)


def _link(user: User, valid: timedelta = timedelta(hours=1)) -> str:
    with transaction() as session:
        return signin.issue_link(session, user.id, valid)


def test_the_right_password_begins_a_session(admin: User) -> None:
    person = sessions.find(signin.with_password(EMAIL.upper(), PASSWORD, **FROM))

    assert person is not None
    assert (person.email, person.role, person.has_password) == (EMAIL, "admin", True)


def test_a_wrong_password_and_an_unknown_person_get_the_same_sentence(admin: User) -> None:
    with pytest.raises(Invalid) as wrong:
        signin.with_password(EMAIL, "something else entirely", **FROM)
    with pytest.raises(Invalid) as unknown:
        signin.with_password("nobody@acme.example", PASSWORD, **FROM)

    assert wrong.value.text == unknown.value.text


def test_a_disabled_person_does_not_get_in(admin: User) -> None:
    with transaction() as session:
        session.get(User, admin.id).disabled_at = clock.now()

    with pytest.raises(Invalid):
        signin.with_password(EMAIL, PASSWORD, **FROM)


def test_disabling_a_person_ends_their_sessions_at_the_next_request(admin: User) -> None:
    begun = signin.with_password(EMAIL, PASSWORD, **FROM)
    with transaction() as session:
        session.get(User, admin.id).disabled_at = clock.now()

    assert sessions.find(begun) is None


def test_a_session_ends_after_twelve_idle_hours(admin: User) -> None:
    begun = signin.with_password(EMAIL, PASSWORD, **FROM)

    with clock.shifted(timedelta(hours=11, minutes=50)):
        assert sessions.find(begun) is not None
    with clock.shifted(timedelta(hours=24)):
        assert sessions.find(begun) is None


def test_a_session_ends_after_seven_days_even_when_it_is_used(admin: User) -> None:
    begun = signin.with_password(EMAIL, PASSWORD, **FROM)

    for hours in range(10, 168, 10):
        with clock.shifted(timedelta(hours=hours)):
            assert sessions.find(begun) is not None, f"after {hours} hours"
    with clock.shifted(timedelta(days=7, seconds=1)):
        assert sessions.find(begun) is None


def test_looking_at_pages_in_a_row_writes_nothing(admin: User) -> None:
    begun = signin.with_password(EMAIL, PASSWORD, **FROM)
    before = db.session.get(UserSession, begun).last_seen_at

    with clock.shifted(timedelta(minutes=4)):
        sessions.find(begun)

    db.session.expire_all()
    assert db.session.get(UserSession, begun).last_seen_at == before


def test_ten_wrong_passwords_lock_the_address_for_a_quarter_of_an_hour(admin: User) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            signin.with_password(EMAIL, "something else entirely", **FROM)

    with pytest.raises(TooMany):
        signin.with_password(EMAIL, PASSWORD, **FROM)
    with clock.shifted(timedelta(minutes=16)):
        assert signin.with_password(EMAIL, PASSWORD, **FROM)


def test_guesses_from_many_addresses_are_counted_together(admin: User) -> None:
    for number in range(10):
        with pytest.raises(Invalid):
            signin.with_password(EMAIL, "something else entirely", ip=f"192.0.2.{number}", user_agent="")

    with pytest.raises(TooMany):
        signin.with_password(EMAIL, PASSWORD, ip="198.51.100.1", user_agent="")


def test_at_most_twenty_guesses_an_hour_are_judged(admin: User) -> None:
    judged = 0
    for minute in range(0, 60, 2):
        with clock.shifted(timedelta(minutes=minute)):
            try:
                signin.with_password(EMAIL, "something else entirely", **FROM)
            except TooMany:
                continue
            except Invalid:
                judged += 1

    assert judged <= 20


def test_the_owner_gets_in_from_a_known_browser_while_others_guess(admin: User) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            signin.with_password(EMAIL, "something else entirely", **FROM)

    assert signin.with_password(EMAIL, PASSWORD, ip="198.51.100.1", user_agent="", device="known")


def test_one_place_that_guesses_for_many_people_is_stopped(admin: User) -> None:
    with transaction() as session:
        session.add_all(SigninFailure(email=f"p{n}@acme.example", ip="192.0.2.1", at=clock.now()) for n in range(100))

    with pytest.raises(TooMany):
        signin.with_password(EMAIL, PASSWORD, **FROM)


def test_a_right_password_is_not_counted_as_a_guess(admin: User) -> None:
    for _ in range(12):
        signin.with_password(EMAIL, PASSWORD, **FROM)

    assert db.session.query(SigninFailure).count() == 0


def test_a_link_lets_its_owner_in_once(admin: User) -> None:
    token = _link(admin)

    person = sessions.find(signin.with_link(token, **FROM))

    assert person is not None
    assert person.email == EMAIL
    with pytest.raises(NotFound):
        signin.with_link(token, **FROM)


def test_a_link_ends_in_time_and_when_a_newer_one_is_made(admin: User) -> None:
    late, old = _link(admin), _link(admin)

    with pytest.raises(NotFound):
        signin.with_link(late, **FROM)
    with clock.shifted(timedelta(hours=1, seconds=1)), pytest.raises(NotFound):
        signin.with_link(old, **FROM)


def test_the_database_holds_no_usable_link(admin: User) -> None:
    token = _link(admin)

    assert token not in db.session.query(SigninLink).one().token_hash
    with pytest.raises(NotFound):
        signin.with_link(db.session.query(SigninLink).one().token_hash, **FROM)


def test_a_new_password_ends_all_other_sessions_and_renames_this_one(admin: User) -> None:
    other, this = signin.with_password(EMAIL, PASSWORD, **FROM), signin.with_password(EMAIL, PASSWORD, **FROM)

    goes_on = signin.set_password(admin.id, this, current=PASSWORD, new="nine kettles sing at dawn")

    assert sessions.find(other) is None
    assert sessions.find(this) is None
    assert sessions.find(goes_on) is not None


def test_the_current_password_is_asked_for(admin: User) -> None:
    begun = signin.with_password(EMAIL, PASSWORD, **FROM)

    with pytest.raises(Invalid) as refused:
        signin.set_password(admin.id, begun, current="wrong", new="nine kettles sing at dawn")

    assert [finding.field for finding in refused.value.findings] == ["current"]


def test_a_person_without_a_workspace_is_told_so(app: Flask, admin: User) -> None:
    from flowbuilder.store.accounts import Membership

    with transaction() as session:
        session.query(Membership).filter_by(user_id=admin.id).delete()

    with pytest.raises(Invalid, match="any workspace"):
        signin.with_password(EMAIL, PASSWORD, **FROM)
