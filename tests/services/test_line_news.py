"""What Meta tells of a number and its account is kept on its lines and followed; a disabled line sends nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flowbuilder import clock
from flowbuilder.errors import Conflict
from flowbuilder.services.accounts import lines, news
from flowbuilder.services.inbound import apply, intake
from flowbuilder.services.sending import batches, deliver, pump, single, starting
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, LineEvent
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.stub import Stub

pytestmark = pytest.mark.database


def _tell(line: Line, field: str, value: dict[str, Any], *, at: int = 1751247548) -> None:
    entry = {"id": line.waba_id, "time": at, "changes": [{"field": field, "value": value}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()
    db.session.rollback()


def _sibling(line: Line, number: str) -> Line:
    values = {column.name: getattr(line, column.name) for column in Line.__table__.columns}
    row = Line(**{**values, "id": new_id("lin"), "phone_number_id": "3000000000000099", "display_number": number})
    db.session.add(row)
    db.session.commit()
    return row


def _user(line: Line, sign_in: Any) -> str:
    from flowbuilder.store.accounts import User

    sign_in("admin")
    return db.session.query(User).filter_by(email="admin@acme.example").one().id


def test_a_limit_is_the_accounts_and_the_same_post_again_changes_nothing(here: Line) -> None:
    other = _sibling(here, "+49 30 1234567")
    for _ in range(2):
        _tell(here, "business_capability_update", {"max_daily_conversations_per_business": 2000})
    assert [worlds.reload(line).facts["limit"] for line in (here, other)] == ["TIER_2K", "TIER_2K"]
    assert [event.text for event in news.history(here)] == ["The messaging limit is now: 2,000 people in 24 hours."]
    _tell(here, "business_capability_update", {"max_daily_conversations_per_business": 2000}, at=1751999999)
    assert db.session.query(LineEvent).count() == 4


def test_news_of_one_number_is_kept_on_its_line_alone(here: Line) -> None:
    other = _sibling(here, "+49 30 1234567")
    _tell(here, "phone_number_quality_update", {"display_phone_number": "49301234567", "event": "FLAGGED", "current_limit": "TIER_1K"})
    assert worlds.reload(other).facts == {"quality": "RED", "limit": "TIER_1K"}
    assert worlds.reload(here).facts == {}
    assert news.history(here) == []


def test_a_restricted_account_stops_its_batches_with_the_reason(redis_url: str, here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 3)
    rule = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": 1751300000}
    _tell(here, "account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [rule]})
    pump.run(batch.id)
    assert meta.seen == []
    assert "does not let the account begin conversations" in worlds.reload(batch).stopped_because
    _tell(here, "account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}})
    assert worlds.reload(here).paused_reason == ""


def test_a_disabled_line_sends_nothing_and_its_batches_say_why(redis_url: str, here: Line, meta: Stub, sign_in: Any) -> None:
    batch, template = worlds.batch(here, worlds.template(here), 3), worlds.template(here)
    waiting = single.send(here.workspace_id, template.id, "+4915100000007", {"first_name": "Ann"}, user_id=None, client_key="k")
    user_id, waiting_id, batch_id = _user(here, sign_in), waiting.id, batch.id
    workspace_id, line_id = here.workspace_id, here.id
    lines.disable(workspace_id, line_id, user_id=user_id)
    pump.run(batch_id)
    deliver.one(waiting_id)
    assert meta.seen == []
    db.session.rollback()
    stopped = db.session.get(Batch, batch_id, populate_existing=True)
    assert stopped.status == "stopped" and "was disabled" in stopped.stopped_because
    assert "disabled" in db.session.get(Message, waiting_id).error_text
    with pytest.raises(Conflict, match="is disabled"):
        batches.resume(workspace_id, batch_id, user_id=None)
    lines.enable(workspace_id, line_id, user_id=user_id)
    batches.resume(workspace_id, batch_id, user_id=None)
    pump.run(batch_id)
    assert len(meta.seen) == 3


def test_no_row_is_claimed_over_a_line_disabled_while_it_runs(redis_url: str, here: Line, meta: Stub) -> None:
    batch = worlds.batch(here, worlds.template(here), 3)
    db.session.query(Line).update({"disabled_at": clock.now()})
    db.session.commit()
    pump.run(batch.id)
    assert meta.seen == []
    assert db.session.query(Message).filter_by(batch_id=batch.id, status="queued").count() == 3
    assert "line was disabled" in worlds.reload(batch).stopped_because


def test_only_a_line_without_a_history_is_deleted(here: Line, sign_in: Any) -> None:
    user_id = _user(here, sign_in)
    fresh = _sibling(here, "+49 30 1234567")
    _tell(here, "account_review_update", {"decision": "APPROVED"})
    lines.remove(here.workspace_id, fresh.id, user_id=user_id)
    assert db.session.get(Line, fresh.id) is None
    worlds.template(here)
    with pytest.raises(Conflict, match="disable it instead"):
        lines.remove(here.workspace_id, here.id, user_id=user_id)


def test_a_batch_that_was_to_start_over_a_disabled_line_says_why_it_did_not(here: Line) -> None:
    batch = worlds.batch(here, worlds.template(here), 1, status="scheduled")
    batch.start_at, here.disabled_at = clock.now(), clock.now()
    db.session.commit()
    starting.start_due()
    stopped = worlds.reload(batch)
    assert (stopped.status, "was disabled when this was to start" in stopped.stopped_because) == ("stopped", True)
