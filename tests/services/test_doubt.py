"""Old doubts end also where there are many: the young don't hold up the old, and the cost doesn't grow with the line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from flowbuilder import clock
from flowbuilder.core.doubt import DEFAULTS, Policy, Then
from flowbuilder.services import transaction
from flowbuilder.services.accounts import workspaces
from flowbuilder.services.sending import doubt
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, User, Workspace
from flowbuilder.store.sending import Message
from tests import worlds


def _messages(line: Line, count: int, *, category: str = "UTILITY", **values: Any) -> str:
    batch = worlds.batch(line, worlds.template(line, category=category), count)
    with transaction() as session:
        session.execute(db.update(Message).where(Message.batch_id == batch.id).values(**values))
    return batch.id


def _unknown(line: Line, count: int, ago: timedelta, **more: Any) -> str:
    return _messages(line, count, status="unknown", sending_at=clock.now() - ago, **more)


def _told(line: Line, count: int, ago: timedelta = timedelta()) -> None:
    _messages(line, count, status="delivered", sending_at=clock.now() - ago, delivered_at=clock.now())


def _statuses(batch_id: str) -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(db.select(Message.status).where(Message.batch_id == batch_id)))


@pytest.mark.parametrize("in_front", [{"ago": timedelta(minutes=5)}, {"ago": timedelta(minutes=14), "category": "A_NEW_CATEGORY"}])
def test_young_doubts_do_not_hold_up_old_ones(line: Line, in_front: dict[str, Any]) -> None:
    young = _unknown(line, 2100, **in_front)
    old = _unknown(line, 3, timedelta(minutes=16))
    _told(line, 20)
    doubt.resolve()
    assert _statuses(old) == {"queued"}
    assert _statuses(young) == {"unknown"}


def test_only_witnesses_that_left_later_count(line: Line) -> None:
    batch = _unknown(line, 1, timedelta(minutes=20))
    _told(line, 40, timedelta(minutes=30))
    _told(line, 19, timedelta(minutes=10))
    doubt.resolve()
    assert _statuses(batch) == {"unknown"}
    _told(line, 1, timedelta(minutes=19))
    doubt.resolve()
    assert _statuses(batch) == {"queued"}


def test_many_doubts_ask_once_for_witnesses(line: Line) -> None:
    _unknown(line, 100, timedelta(minutes=16))
    statements: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *heard: statements.append(heard[2]))
    doubt.resolve()
    assert len([statement for statement in statements if statement.lstrip().startswith("SELECT")]) <= 4


def test_witnesses_are_found_by_an_index(line: Line) -> None:
    _told(line, 50)
    asked: list[tuple[str, Any]] = []
    event.listen(db.engine, "before_cursor_execute", lambda *heard: asked.append((heard[2], heard[3])))
    doubt._witnessed_until([line.id])
    ((statement, parameters),) = [each for each in asked if "IS NOT NULL" in each[0]]
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL reads so small a table from end to end.")
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert "ix_message_told" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


@pytest.mark.parametrize(("then", "becomes"), [(Then.LIST, "unconfirmed"), (Then.RESEND, "queued")])
def test_the_rule_of_the_workspace_holds_in_place_of_the_default(line: Line, sign_in: Any, then: Then, becomes: str) -> None:
    rules = {**DEFAULTS, "MARKETING": Policy(30, then), "UTILITY": Policy(30, then)}
    workspaces.set_doubts(line.workspace_id, rules, user_id=db.session.scalar(db.select(User.id)))
    batches = [_unknown(line, 1, timedelta(minutes=ago), category=category) for category in ("MARKETING", "UTILITY") for ago in (20, 31)]
    _told(line, 20)
    doubt.resolve()
    assert [_statuses(batch) for batch in batches] == [{"unknown"}, {becomes}] * 2


def test_the_rules_of_one_workspace_are_not_those_of_another(line: Line, app: Any) -> None:
    other = Workspace(id=new_id("wsp"), name="Globex", doubts={"UTILITY": {"minutes": 30, "then": "list"}}, created_at=clock.now())
    db.session.add(other)
    db.session.flush()
    copied = {column.name: getattr(line, column.name) for column in Line.__table__.columns}
    theirs = Line(**(copied | {"id": new_id("lin"), "workspace_id": other.id}))
    db.session.add(theirs)
    db.session.commit()
    batches = [_unknown(each, 1, timedelta(minutes=20)) for each in (line, theirs)]
    for each in (line, theirs):
        _told(each, 20)
    doubt.resolve()
    assert [_statuses(batch) for batch in batches] == [{"queued"}, {"unknown"}]
