"""Members, roles, the first start, and the audit log that all of it leaves."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from flowbuilder import clock
from flowbuilder.config import Config
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import accounts, transaction
from flowbuilder.services.accounts import audit, keys, lines, people, sessions, signin, workspaces
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import AuditEvent, Line, Membership, Role, User, Workspace

FROM = {"ip": "192.0.2.1", "user_agent": "Test"}


@pytest.fixture
def config(app: Flask) -> Config:
    return app.extensions["flowbuilder"]


def _user(role: str) -> User:
    return db.session.query(User).filter_by(email=f"{role}@acme.example").one()


def _verbs() -> list[str]:
    return [event.verb for event in db.session.query(AuditEvent).order_by(AuditEvent.id)]


def _other_workspace() -> Workspace:
    with transaction() as session:
        row = Workspace(id=new_id("wsp"), name="Globex", created_at=clock.now())
        session.add(row)
    return row


def test_an_invited_person_comes_in_by_the_link_with_the_given_role(workspace: Workspace) -> None:
    invited = people.invite(workspace.id, email=" New@Acme.example ", name="New", role=Role.TESTER, user_id=_user("admin").id)

    person = sessions.find(signin.with_link(invited.token, **FROM))

    assert person is not None
    assert (person.email, person.role, person.has_password) == ("new@acme.example", "tester", False)
    assert "person.invited" in _verbs()


def test_a_member_is_not_invited_twice(workspace: Workspace) -> None:
    with pytest.raises(Conflict, match="member already"):
        people.invite(workspace.id, email="tester@acme.example", name="", role=Role.ADMIN, user_id=None)


def test_inviting_somebody_who_is_known_elsewhere_gives_no_way_into_their_account(workspace: Workspace) -> None:
    invited = people.invite(_other_workspace().id, email="admin@acme.example", name="", role=Role.VIEWER, user_id=None)

    assert invited.token == ""


def test_a_link_is_not_made_for_somebody_who_belongs_to_other_workspaces(workspace: Workspace) -> None:
    other = _other_workspace()
    people.invite(other.id, email="tester@acme.example", name="", role=Role.VIEWER, user_id=None)

    with pytest.raises(Conflict, match="other workspaces"):
        people.new_link(other.id, _user("tester").id, user_id="")


def test_a_new_link_ends_the_password_and_the_sessions(workspace: Workspace) -> None:
    tester = _user("tester")
    with transaction() as session:
        begun = sessions.begin(session, tester.id, workspace.id, **FROM)

    invited = people.new_link(workspace.id, tester.id, user_id=_user("admin").id)

    assert sessions.find(begun) is None
    assert sessions.find(signin.with_link(invited.token, **FROM)) is not None


@pytest.mark.parametrize("deed", ["remove", "demote"])
def test_the_last_administrator_stays(workspace: Workspace, deed: str) -> None:
    admin = _user("admin")

    with pytest.raises(Conflict, match="only administrator"):
        if deed == "remove":
            people.remove(workspace.id, admin.id, user_id=admin.id)
        else:
            people.change_role(workspace.id, admin.id, Role.VIEWER, user_id=admin.id)

    assert db.session.get(Membership, (workspace.id, admin.id)).role == Role.ADMIN


def test_with_a_second_administrator_the_first_may_go(workspace: Workspace) -> None:
    admin, designer = _user("admin"), _user("designer")
    people.change_role(workspace.id, designer.id, Role.ADMIN, user_id=admin.id)

    people.remove(workspace.id, admin.id, user_id=designer.id)

    assert db.session.get(Membership, (workspace.id, admin.id)) is None
    assert _verbs()[-2:] == ["person.role_changed", "person.removed"]


def test_a_removed_person_is_out_at_the_next_request(workspace: Workspace) -> None:
    tester = _user("tester")
    with transaction() as session:
        begun = sessions.begin(session, tester.id, workspace.id, **FROM)

    people.remove(workspace.id, tester.id, user_id=_user("admin").id)

    assert sessions.find(begun) is None


def test_members_of_another_workspace_cannot_be_touched(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        people.remove(_other_workspace().id, _user("tester").id, user_id="")


def test_a_person_turns_only_to_workspaces_of_theirs(workspace: Workspace) -> None:
    admin = _user("admin")
    with transaction() as session:
        begun = sessions.begin(session, admin.id, workspace.id, **FROM)

    with pytest.raises(NotFound):
        people.enter(admin.id, begun, _other_workspace().id)


def test_an_audit_line_comes_and_goes_with_its_deed(workspace: Workspace) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        audit.record(session, workspace.id, None, "flow.published", "flw_1", "Published version 1.")
        raise RuntimeError

    assert _verbs() == []


def test_an_audit_line_is_one_line_of_printable_text(workspace: Workspace) -> None:
    with transaction() as session:
        audit.record(session, workspace.id, None, "flow.renamed", "flw_1", "Renamed to \x1b[31mred\r\n2026 FORGED" + "x" * 600)

    text = db.session.query(AuditEvent).one().text
    assert text.isprintable()
    assert len(text) == 500


def test_the_log_is_read_in_pages_latest_first(workspace: Workspace) -> None:
    with transaction() as session:
        for number in range(1, 8):
            audit.record(session, workspace.id, None, "test", "", f"number {number}")

    events, last = workspaces.log(workspace.id, page=2, size=3)

    assert [event.text for event, _ in events] == ["number 4", "number 3", "number 2"]
    assert last == 3


def test_the_first_start_makes_the_demo_and_a_link_for_its_administrator(config: Config) -> None:
    path = accounts.first_start(config)

    person = sessions.find(signin.with_link(path.removeprefix("/signin/link/"), **FROM))
    assert person is not None
    assert (person.workspace_name, person.email, person.role) == ("Demo", "admin@example.com", "admin")


def test_each_start_makes_a_new_link_until_there_is_a_password(config: Config) -> None:
    first, second = accounts.first_start(config), accounts.first_start(config)
    begun = signin.with_link(second.removeprefix("/signin/link/"), **FROM)
    signin.set_password(sessions.find(begun).user_id, begun, current="", new="the kettle sings at nine")

    assert first != second
    assert accounts.first_start(config) == ""
    assert db.session.query(Workspace).count() == 1
    assert db.session.query(Line).count() == 1


def test_the_simulator_line_shares_the_secrets_of_the_simulator(config: Config) -> None:
    accounts.first_start(config)

    line, shared = db.session.query(Line).one(), keys.simulator_secrets(config.home)

    opened = {"app_secret": lines.app_secret(line), "access_token": lines.access_token(line), "verify_token": lines.verify_token(line)}
    assert opened == shared
    assert (line.phone_number_id, line.waba_id, line.app_id) == ("3000000000000001", "2000000000000001", "1000000000000001")


def test_the_simulator_line_follows_its_port(config: Config) -> None:
    accounts.first_start(config)

    accounts.first_start(dataclasses.replace(config, simulator_port=9123))

    assert db.session.query(Line).one().base_url == "http://127.0.0.1:9123"


def test_an_installation_with_people_of_its_own_is_left_alone(config: Config, workspace: Workspace) -> None:
    assert accounts.first_start(config) == ""
    assert [row.name for row in db.session.query(Workspace)] == ["Acme"]


def test_the_console_adds_a_person_to_the_oldest_workspace(workspace: Workspace) -> None:
    path = people.add_from_console("ops@acme.example", role="viewer")

    person = sessions.find(signin.with_link(path.removeprefix("/signin/link/"), **FROM))
    assert person is not None
    assert (person.workspace_id, person.role) == (workspace.id, "viewer")
