"""Sending in one process in a world of our own (``chance``), so that a seed always makes the same story.

The code is the product's: pump, deliver, sweep, doubt, settle. Ours are the time, what Meta answers, the moment at which the
process dies, and that messages leave in the pump's own thread, one after the other.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from flowbuilder import clock, queue
from flowbuilder.errors import Conflict
from flowbuilder.services import transaction
from flowbuilder.services.sending import batches, crew, deliver, lease, lines, pair, pump, rate, single, sweep, writing
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.inbound import ParkedStatus
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from tests import worlds
from tests.faults.chance import Died, World
from tests.faults.judge import ENDED

_LIVENESS = timedelta(hours=2)
_WITNESSES = 25


class _Alone(crew.Crew):
    """Nobody is hired: each row leaves at once, and what became of it is known before the next one leaves."""

    world: World

    def send(self, rows: Sequence[Any]) -> None:
        self.under_way += len(rows)
        for row in rows:
            self._send(row)
            if self.world.is_dead:
                raise Died


@contextmanager
def ruled_by(world: World) -> Iterator[None]:
    """Time, chance, Meta and death are the world's while this lasts."""
    time = SimpleNamespace(monotonic=world.monotonic, sleep=world.sleep)
    commit, known = db.engine.dialect.do_commit, random.getstate()
    with pytest.MonkeyPatch.context() as patch:
        for module in (pump, deliver, writing):
            patch.setattr(module, "time", time)
        patch.setattr(clock, "now", world.now)
        patch.setattr(clock, "monotonic", world.monotonic)
        patch.setattr(lease, "owner", world.owner)
        patch.setattr(lease, "is_dead", world.is_gone)
        patch.setattr(lines, "_sender", lambda *_: world)
        patch.setattr(pump, "Crew", type("Alone", (_Alone,), {"world": world}))
        patch.setattr(sweep, "_last", {})
        patch.setattr(queue, "ring", lambda *_: True)
        patch.setattr(rate, "slow_down", lambda *_: None)
        patch.setattr(pair, "take", lambda *_: 0.0)
        patch.setattr(db.engine.dialect, "do_commit", lambda connection: world.commit(commit, connection))
        random.seed(world.chosen.random())
        try:
            yield
        finally:
            random.setstate(known)


class Play:
    """One seed: a batch and a few single messages through thirty events with faults, then in peace to the end."""

    def __init__(self, seed: int, line: Line, category: str, count: int = 20) -> None:
        self.world = World(seed, line.id)
        self.line_id, self.workspace_id, self.category, self.count = line.id, line.workspace_id, category, count
        self.story: list[str] = []

    def run(self) -> None:
        self.world.is_calm = True
        with ruled_by(self.world):
            self._prepare()
            self.world.is_calm = False
            for _ in range(30):
                self._event(self.world.chosen.choice(_EVENTS))
                self.check()
            self.world.is_calm, self.world.is_token_bad = True, False
            self._settle_down()
            self.check()

    def _prepare(self) -> None:
        """Nothing of an earlier story is left, since it would count as a witness in this one."""
        with transaction() as session:
            for table in (ParkedStatus, Message, Batch):
                session.execute(db.delete(table))
            session.execute(db.update(Line).values(paused_reason=""))
        line = db.session.get_one(Line, self.line_id)
        template = worlds.template(line, category=self.category)
        self.template_id, self.batch_id = template.id, worlds.batch(line, template, self.count).id
        self.singles = [self._single(n).id for n in range(3)]

    def _single(self, number: int) -> Message:
        phone, key = f"+49151234567{number:02}", f"{self.template_id}.{number}"
        return single.send(self.workspace_id, self.template_id, phone, {"first_name": "A"}, user_id=None, client_key=key)

    def _event(self, act: Callable[[Play], None]) -> None:
        try:
            act(self)
            ended = ""
        except Died:
            ended = " died"
            self.world.revive()
        except (OperationalError, Conflict) as error:
            ended = f" {type(error).__name__}"
            db.session.rollback()
        self.story.append(f"{self.world.at:.3f} {act.__name__}{ended} {sorted(self.stands().items())}")

    def pumped(self) -> None:
        pump.run(self.batch_id, seconds=self.world.chosen.uniform(1, 15), threads=4)

    def delivered(self) -> None:
        deliver.one(self.world.chosen.choice(self.singles))

    def swept(self) -> None:
        sweep._last.clear()
        sweep.sweep()

    def told(self) -> None:
        self.world.tell()

    def passed(self) -> None:
        self.world.at += self.world.chosen.choice([1, 20, 90, 1000])

    def paused(self) -> None:
        batches.pause(self.workspace_id, self.batch_id, user_id=None)

    def resumed(self) -> None:
        self.world.is_token_bad = False
        batches.resume(self.workspace_id, self.batch_id, user_id=None)

    def stands(self) -> Counter[str]:
        return Counter(row.status for row in self._rows())

    def _rows(self) -> Sequence[Any]:
        db.session.rollback()
        wanted = db.select(Message.id, Message.number, Message.phone, Message.status, Message.wamid, Message.is_possible_duplicate)
        return db.session.execute(wanted.where(Message.template_id == self.template_id).order_by(Message.id)).all()

    def check(self) -> None:
        """Safety, at any moment: nobody is lost, nobody written to twice unless a rule says so, and what we claim is so."""
        rows, accepted = self._rows(), self.world.accepted
        assert len(rows) >= self.count + len(self.singles)
        for row in rows:
            may_be_twice = row.is_possible_duplicate
            assert accepted[row.id] <= 1 + may_be_twice, f"{row.number or row.phone} was accepted {accepted[row.id]} times"
            if row.status in ("accepted", "sent", "delivered", "read"):
                assert accepted[row.id], f"{row.number or row.phone} is {row.status}, but Meta never had it"
            if row.status == "failed" and not row.wamid:
                assert not accepted[row.id], f"{row.number or row.phone} failed, but Meta took it"

    def _settle_down(self) -> None:
        """Liveness: without faults everybody ends somewhere within two hours, once later messages witness that webhooks come."""
        ends = self.world.at + _LIVENESS.total_seconds()
        template = db.session.get_one(TemplateMessage, self.template_id)
        later = worlds.batch(db.session.get_one(Line, self.line_id), template, _WITNESSES).id
        pump.run(later, threads=4)
        while not set(self.stands()) <= ENDED or db.session.get_one(Batch, self.batch_id).status != "finished":
            assert self.world.at < ends, f"after two hours: {self.stands()}, {db.session.get_one(Batch, self.batch_id).status}"
            self._event(Play.swept)
            if db.session.get_one(Batch, self.batch_id).status in ("paused", "stopped"):
                self._event(Play.resumed)
            self._event(Play.pumped)
            for message_id in self.singles:
                deliver.one(message_id)
            self._event(Play.told)
            self.world.at += 240
        for row in self._rows():
            assert (row.status == "unconfirmed") <= (not self.world.accepted[row.id]), f"{row.number} is unconfirmed, but Meta told of it"


_EVENTS = (
    [Play.pumped] * 5
    + [Play.delivered] * 3
    + [Play.swept] * 3
    + [Play.told] * 3
    + [Play.passed] * 2
    + [Play.paused, Play.resumed, Play.resumed]
)
