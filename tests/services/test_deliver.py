"""One message outside of batches: what becomes of it when Meta refuses."""

from __future__ import annotations

import pytest

from flowbuilder import clock
from flowbuilder.services.sending import deliver, single
from flowbuilder.store.accounts import Line
from tests import worlds
from tests.stub import Stub


@pytest.mark.parametrize(("code", "ends"), [(131048, "queued"), (132015, "failed")])
def test_a_single_message_waits_while_a_number_is_held_back_and_fails_when_its_template_is(line: Line, code: int, ends: str) -> None:
    with Stub(lambda payload: (400, {"error": {"code": code, "message": "No"}})) as meta:
        line.base_url, line.messages_per_second = meta.url, 0
        worlds.seal(line)
        template = worlds.template(line)
        row = single.send(line.workspace_id, template.id, "+4915112345678", {"first_name": "A"}, user_id=None, client_key="k")
        deliver.one(row.id)
    after = worlds.reload(row)
    assert (after.status, after.error_code) == (ends, code)
    assert ends == "failed" or after.due_at > clock.now()
