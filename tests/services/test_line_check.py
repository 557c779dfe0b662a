"""Check connection: what Meta says of the number, or in plain words what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line, User
from tests import worlds


@pytest.fixture
def user_id(sign_in: Callable[..., FlaskClient]) -> str:
    sign_in("admin")
    return db.session.query(User).filter_by(email="admin@acme.example").one().id


def _check(line: Line, user_id: str, **changes: Any) -> dict[str, Any]:
    for name, value in changes.items():
        setattr(line, name, value)
    db.session.commit()
    return lines.check(line.workspace_id, line.id, user_id=user_id).facts


def test_a_line_that_works_shows_how_it_stands(simulator: Any, line: Line, user_id: str) -> None:
    facts = _check(line, user_id)
    assert "error" not in facts
    assert (facts["quality"], facts["throughput"]) == ("GREEN", "STANDARD")
    assert facts["limit"].startswith("TIER_")


def test_a_wrong_token_says_which_one_to_make(simulator: Any, line: Line, user_id: str) -> None:
    from flowbuilder.services.accounts import secrets

    token = secrets.seal("wrong", line.workspace_id, line.id, "access_token")
    assert "with one of a system user" in _check(line, user_id, access_token=token)["advice"]


@pytest.mark.parametrize(("field", "words"), [("phone_number_id", "phone number ID"), ("waba_id", "WABA ID")])
def test_an_id_that_meta_does_not_know_is_named(simulator: Any, line: Line, user_id: str, field: str, words: str) -> None:
    assert f"does not know the {words}" in _check(line, user_id, **{field: "999999999999999"})["advice"]


def test_no_answer_names_the_address(line: Line, user_id: str) -> None:
    worlds.seal(line)
    assert "Check the API base URL" in _check(line, user_id, base_url="http://127.0.0.1:1")["advice"]


def test_secrets_that_do_not_open_are_to_be_entered_again(line: Line, user_id: str) -> None:
    assert "enter its secrets again" in _check(line, user_id, access_token=b"nonsense")["advice"]
