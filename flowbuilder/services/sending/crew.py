"""Threads that send: they take claimed rows, speak to Meta and say what became of each. They know no database."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from typing import Any

from flowbuilder import clock
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.services.sending import fate
from flowbuilder.services.sending.fate import Effect, Fate
from flowbuilder.services.sending.lines import Wire
from flowbuilder.whatsapp.errors import MaybeSent, WireError


class Crew:
    """Up to ``size`` threads, hired as they are needed. Rows handed in leave at once: a row that finds no free thread waits for one.

    Each idle thread has a bell of its own: those that wait at one queue wake each other in turn, which on a busy machine takes long.
    """

    def __init__(self, wire: Wire, size: int) -> None:
        self._wire = wire
        self.size = size
        self._tasks: deque[Any] = deque()
        self._fates: SimpleQueue[Fate] = SimpleQueue()
        self._bells: list[SimpleQueue[None]] = []
        self._idle: list[SimpleQueue[None]] = []
        self._is_over = False
        self.under_way = 0
        self.fence = float("inf")
        """After this moment (monotonic) nothing more leaves: the leases may have been taken away meanwhile."""
        self._is_stopped = False
        """Meta takes nothing more of this: whoever learns it keeps the others from asking again, before the database is told."""

    def send(self, rows: Sequence[Any]) -> None:
        self.under_way += len(rows)
        self._tasks.extend(rows)
        for _ in rows:
            try:
                self._idle.pop().put(None)
            except IndexError:
                if len(self._bells) < self.size:
                    self._hire()

    def _hire(self) -> None:
        bell: SimpleQueue[None] = SimpleQueue()
        self._bells.append(bell)
        threading.Thread(target=self._work, args=(bell,), name="crew", daemon=True).start()

    def fates(self, wait: float) -> list[Fate]:
        """All that has become known, waiting up to ``wait`` seconds for the first of it."""
        found: list[Fate] = []
        try:
            found.append(self._fates.get(timeout=wait) if wait > 0 else self._fates.get_nowait())
            while True:
                found.append(self._fates.get_nowait())
        except Empty:
            self.under_way -= len(found)
            return found

    def recall(self) -> list[Fate]:
        """Take back what no thread has begun with: nothing of it left."""
        found = []
        while (row := self._next()) is not None:
            found.append(_unsent(row))
        self.under_way -= len(found)
        return found

    def dismiss(self) -> None:
        self._is_over = True
        for bell in self._bells:
            bell.put(None)

    def _work(self, bell: SimpleQueue[None]) -> None:
        while True:
            while (row := self._next()) is not None:
                self._send(row)
            if self._is_over:
                return
            self._idle.append(bell)
            if not ((self._tasks or self._is_over) and self._takes_back(bell)):
                bell.get()

    def _next(self) -> Any | None:
        try:
            return self._tasks.popleft()
        except IndexError:
            return None

    def _takes_back(self, bell: SimpleQueue[None]) -> bool:
        """Something came before the bell was handed in. False when it is being rung already."""
        try:
            self._idle.remove(bell)
        except ValueError:
            return False
        return True

    def _send(self, row: Any) -> None:
        known = self._fate(row)
        self._is_stopped = self._is_stopped or known.effect in (Effect.STOP_LINE, Effect.STOP_BATCH)
        self._fates.put(known)

    def _fate(self, row: Any) -> Fate:
        try:
            payload = self._wire.template(row.content.get("parameters") or {}, row.phone or "", row.id)
        except Exception as error:
            return Fate(row.id, DeliveryStatus.FAILED, text=f"The message could not be put together: {error!r}"[:500])
        if self._is_stopped or clock.monotonic() > self.fence:
            return _unsent(row)
        try:
            return fate.of_success(row.id, self._wire.sender.send(payload))
        except WireError as error:
            return fate.of_error(row.id, error, row.attempt, clock.now(), renewable=self._wire.renewable)
        except BaseException as error:
            return fate.of_error(row.id, MaybeSent(details=repr(error)), row.attempt, clock.now())


def _unsent(row: Any) -> Fate:
    return Fate(row.id, DeliveryStatus.QUEUED, uncounted=1)
