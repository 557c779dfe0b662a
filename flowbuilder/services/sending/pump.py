"""Sends a running batch: one process, one thread for the database, many that speak to Meta.

In a steady rhythm one short transaction records what became of messages and claims as many as may leave now. So rows
are ``sending`` only while their request is under way or just about to be, and a death leaves no more in doubt than that.
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from flowbuilder import clock, queue
from flowbuilder.core.batch import BatchStatus
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.errors import NotFound
from flowbuilder.services import restored, transaction
from flowbuilder.services.outgoing.events import Watch
from flowbuilder.services.sending import effects, go_ahead, lease, lines, rate, tier
from flowbuilder.services.sending.ahead import Ahead
from flowbuilder.services.sending.breaker import Breaker
from flowbuilder.services.sending.crew import Crew
from flowbuilder.services.sending.fate import Effect, Fate
from flowbuilder.services.sending.lines import Wire, frozen_wire
from flowbuilder.services.sending.writing import DatabaseAway, Writer
from flowbuilder.store import db, leases, outbox
from flowbuilder.store.accounts import Line
from flowbuilder.store.sending import Batch
from flowbuilder.whatsapp.errors import Verdict, WireError

log = logging.getLogger(__name__)

SLICE_SECONDS = 60.0
_LEAST_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_DRAIN_SECONDS = 40.0
_WORTH_WAITING = 3.0
_MOST_THREADS = 256
_UNLIMITED_THREADS = 128


def ring_batch(batch_id: str) -> None:
    """Have this running batch sent."""
    queue.ring(queue.BULK, "pump", batch_id)


def run(batch_id: str, *, seconds: float = SLICE_SECONDS, threads: int | None = None) -> None:
    """Send the batch for a while; rings again if something is left. Nothing happens if another process has it."""
    batch = db.session.get(Batch, batch_id, populate_existing=True)
    line = db.session.get(Line, batch.line_id) if batch else None
    if batch is None or line is None or batch.status != BatchStatus.RUNNING:
        return
    try:
        wire = frozen_wire(line, batch.plan)
    except (WireError, NotFound) as error:
        _not_uploaded(batch_id, error)
        return
    pump = _Pump(batch, line, wire, threads or threads_for(line.messages_per_second))
    db.session.remove()
    try:
        if pump.take_over():
            try:
                pump.work(seconds)
            finally:
                left = pump.let_go()
            if left:
                ring_batch(batch_id)
    finally:
        pump.close()


def _not_uploaded(batch_id: str, error: WireError | NotFound) -> None:
    """The file at the head of the messages is not at Meta, and nothing was claimed: it is tried again, unless that is in vain."""
    if isinstance(error, WireError) and error.verdict in (Verdict.RETRY, Verdict.WAIT, Verdict.UNKNOWN):
        log.warning("Batch %s waits: its file could not be brought to Meta (%s).", batch_id, error.details or error.text)
        with transaction() as session:
            because = f"The file at the head of the messages could not be brought to Meta yet. {error.text}"
            leases.put_off(session, batch_id, because, clock.now() + lines.UPLOAD_PAUSE)
        return
    with transaction() as session:
        leases.stop_batch(session, batch_id, f"The file at the head of the messages could not be uploaded: {error.text}")


def threads_for(per_second: int) -> int:
    """Enough requests at once for answers that take a quarter of a second."""
    return max(8, min(_MOST_THREADS, math.ceil(per_second / 4))) if per_second > 0 else _UNLIMITED_THREADS


@dataclass(slots=True)
class _Look:
    """What was seen when the pump last looked up from its work."""

    at: float
    renewed_at: float
    goes_on: bool = True


class _Pump:
    """One turn at one batch."""

    def __init__(self, batch: Batch, line: Line, wire: Wire, threads: int) -> None:
        self._batch_id, self._line_id = batch.id, line.id
        self._per_second = line.messages_per_second
        self._has_note = bool(line.paused_reason)
        self._owner = lease.owner()
        self._uploaded = wire.uploaded
        self._crew = Crew(wire, threads)
        self._breaker = Breaker()
        self._room = tier.Room(line)
        self._ahead = Ahead(self._per_second, threads)
        self._writer = Writer()
        self._ready: list[Any] = []
        self._known: list[Fate] = []
        """What became of messages and is not yet committed; nothing leaves this list before it is."""
        self._not_before = 0.0
        self._is_stopped = False

    def take_over(self) -> bool:
        now = clock.now()
        return self._writer.run(
            lambda on: not restored.is_held(on) and leases.hold_batch(on, self._batch_id, self._owner, now, lease.until(now))
        )

    def work(self, seconds: float) -> None:
        """Until the slice is over, nothing is left, or something says stop; then wait for what is under way."""
        started = time.monotonic()
        look = _Look(started, started)
        self._crew.fence = started + lease.LEASE_SECONDS - 2
        try:
            while look.goes_on and not self._is_stopped:
                self._turn(look, started, seconds)
        except DatabaseAway as error:
            log.warning("The database stays away; nothing more of batch %s leaves for now (%s).", self._batch_id, error.orig)
        finally:
            self._drain(look)

    def _turn(self, look: _Look, started: float, seconds: float) -> None:
        tick = time.monotonic()
        self._let_leave()
        self._hear()
        claimed = self._beat(self._wanted())
        self._let_leave()
        idle = claimed == 0 and not self._ready and self._crew.under_way == 0
        self._look_up(look, started, seconds, idle=idle)
        time.sleep(max(0.0, tick + self._ahead.rhythm - time.monotonic()))

    def let_go(self) -> bool:
        """Give the batch back, finished if it is; True when something could be sent at once."""
        self._crew.dismiss()
        return self._writer.run(self._let_go)

    def _let_go(self, on: Connection) -> bool:
        leases.let_go_of_batch(on, self._batch_id, self._owner)
        now = clock.now()
        if leases.finish_batch(on, self._batch_id, now) or leases.hold_back(on, self._batch_id):
            return False
        if reached := self._room.reached:
            leases.put_off(on, self._batch_id, reached.text, tier.look_again_at(reached, now))
            return False
        waiting = leases.next_due(on, self._batch_id)
        return waiting is not None and (waiting.dated < waiting.waiting or waiting.due <= now)

    def close(self) -> None:
        self._writer.close()

    def _wanted(self) -> int:
        """How many to claim: as many as can leave before the next beat, by free threads, by Meta's health, by the line's rate."""
        if time.monotonic() < self._not_before:
            return 0
        busy = self._crew.under_way + len(self._ready)
        room = min(self._ahead.most, self._breaker.admits(busy)) - busy
        return self._ahead.wanted(room, len(self._ready))

    def _let_leave(self) -> None:
        """Let claimed rows leave as the line's rate allows, at this very moment."""
        if not self._ready:
            return
        granted, _ = rate.take(self._line_id, self._per_second, len(self._ready), bulk=True)
        self._crew.send(self._ready[:granted])
        del self._ready[:granted]

    def _hear(self, wait: float = 0) -> None:
        """What became of messages meanwhile: it makes room for others, unless it tells to hold back."""
        fates = self._crew.fates(wait)
        self._known += fates
        self._ahead.note(len(fates))
        for each in fates:
            self._breaker.note(each)
        if not self._breaker.admits(0):
            self._known += self._crew.recall()
        if refused := sum(each.effect is Effect.SLOWER for each in fates):
            rate.slow_down(self._line_id, self._per_second, refused)

    def _beat(self, wanted: int) -> int:
        """One transaction: record what became known, claim what is wanted."""
        if not self._known and not wanted:
            return 0
        rows = self._writer.run(lambda on: self._record_and_claim(on, wanted))
        self._ready += rows
        self._room.spend(len(rows))
        self._is_stopped = self._is_stopped or self._room.reached is not None
        if wanted and not rows:
            self._not_before = time.monotonic() + 0.1
        fates, self._known = self._known, []
        self._has_note = self._has_note and not any(each.wamid for each in fates)
        return len(rows)

    def _record_and_claim(self, on: Connection, wanted: int) -> Sequence[Any]:
        now = clock.now()
        if self._known:
            self._record(on, self._known, now)
        if wanted and restored.is_held(on):
            self._is_stopped = True
        wanted = self._room.admits(on, wanted) if wanted and not self._is_stopped else 0
        return outbox.claim_of_batch(on, self._batch_id, self._owner, wanted, now, lease.until(now)) if wanted else ()

    def _record(self, on: Connection, fates: Sequence[Fate], now: datetime) -> None:
        with Watch(on, (each.id for each in fates if each.become is DeliveryStatus.FAILED)):
            outbox.record(on, [each.values(self._owner, now) for each in fates])
        effects.on_people(on, fates, now)
        taken = next((each for each in fates if each.wamid), None)
        if self._has_note and taken:
            effects.on_line(on, self._line_id, taken)
        for each in fates:
            if each.gone or each.effect in (Effect.STOP_LINE, Effect.STOP_BATCH):
                self._is_stopped = True
                effects.on_line(on, self._line_id, each)
                effects.on_batch(on, self._batch_id, each)

    def _look_up(self, look: _Look, started: float, seconds: float, *, idle: bool) -> None:
        """Once a second: is it still ours, running and worth going on; does somebody else wait?"""
        now = time.monotonic()
        if queue.is_stopping() or now - started > seconds:
            look.goes_on = False
        if now - look.at < _LOOK_SECONDS and not (idle and now - look.at > 0.1):
            return
        look.at = now
        if now - look.renewed_at > lease.RENEW_SECONDS:
            self._renew(look)
        if now - started > _LEAST_SECONDS and queue.is_waiting(queue.BULK, "pump", self._batch_id):
            look.goes_on = False
        if not self._writer.run(lambda on: go_ahead.given(on, self._batch_id, self._line_id, self._uploaded)):
            look.goes_on = False
        if idle:
            look.goes_on = look.goes_on and self._writer.run(self._is_worth_waiting)

    def _is_worth_waiting(self, on: Connection) -> bool:
        """Nothing is under way: go on only if rows can leave soon, and may."""
        now = clock.now()
        waiting = leases.next_due(on, self._batch_id)
        if waiting is None or not leases.hold_batch(on, self._batch_id, self._owner, now, lease.until(now)):
            return False
        return waiting.dated < waiting.waiting or (waiting.due - now).total_seconds() < _WORTH_WAITING

    def _renew(self, look: _Look) -> None:
        if not self._writer.run(self._hold):
            look.goes_on = False
        look.renewed_at = time.monotonic()
        self._crew.fence = look.renewed_at + lease.LEASE_SECONDS - 2

    def _hold(self, on: Connection) -> bool:
        """Messages before their batch, as everywhere, so that nobody waits for another in a circle."""
        now = clock.now()
        outbox.renew(on, self._owner, lease.until(now))
        return leases.hold_batch(on, self._batch_id, self._owner, now, lease.until(now))

    def _drain(self, look: _Look) -> None:
        """Nothing new leaves; what is under way is waited for and recorded, also when the database is away for a while."""
        deadline = time.monotonic() + _DRAIN_SECONDS
        self._known += [Fate(row.id, DeliveryStatus.QUEUED, uncounted=1) for row in self._ready] + self._crew.recall()
        self._ready.clear()
        while (self._crew.under_way or self._known) and time.monotonic() < deadline:
            try:
                self._hear(0.05)
                self._beat(0)
                if time.monotonic() - look.renewed_at > lease.RENEW_SECONDS:
                    self._renew(look)
            except DatabaseAway as error:
                log.warning("%s answers of Meta wait to be recorded (%s).", len(self._known), error.orig)
        if self._known:
            log.error("%s answers of Meta could not be recorded; their messages stay in doubt.", len(self._known))
