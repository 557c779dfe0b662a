"""The threads that send: what they were given and have not begun with can be taken back."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.sending.crew import Crew
from flowbuilder.whatsapp.client import Accepted
from tests.fixtures.servers import until


class _Slow:
    """A way to Meta that answers when it is told to."""

    def __init__(self) -> None:
        self.begun: list[Any] = []
        self.may_answer = threading.Event()

    def template(self, parameters: Any, phone: str, message_id: int) -> int:
        return message_id

    def send(self, payload: Any) -> Accepted:
        self.begun.append(payload)
        self.may_answer.wait(10)
        return Accepted(f"wamid.{payload}", None, "accepted")

    @property
    def sender(self) -> _Slow:
        return self


def _row(number: int) -> Any:
    return SimpleNamespace(id=number, content={}, phone="+4915100000001", attempt=1)


def test_what_no_thread_has_begun_with_is_taken_back_and_never_leaves() -> None:
    wire: Any = _Slow()
    crew = Crew(wire, 2)
    crew.send([_row(number) for number in range(5)])
    until(lambda: len(wire.begun) == 2)
    assert [(each.id, each.become, each.uncounted) for each in crew.recall()] == [(n, DeliveryStatus.QUEUED, 1) for n in (2, 3, 4)]
    assert crew.under_way == 2
    wire.may_answer.set()
    until(lambda: crew.fates(0.1) is not None and crew.under_way == 0)
    assert sorted(wire.begun) == [0, 1]
    crew.dismiss()
