"""Threads that send: they take claimed rows, speak to Meta and say what became of each. They know no database."""

from __future__ import annotations

import threading
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
    """Up to ``size`` threads, hired as they are needed. Rows handed in leave at once: a row that finds no free thread waits for one."""

    def __init__(self, wire: Wire, size: int) -> None:
        self._wire = wire
        self.size = size
        self._tasks: SimpleQueue[Any] = SimpleQueue()
        self._fates: SimpleQueue[Fate] = SimpleQueue()
        self._threads: list[threading.Thread] = []
        self.under_way = 0
        self.fence = float("inf")
        """After this moment (monotonic) nothing more leaves: the leases may have been taken away meanwhile."""
        self._is_stopped = False
        """Meta takes nothing more of this: whoever learns it keeps the others from asking again, before the database is told."""

    def send(self, rows: Sequence[Any]) -> None:
        self.under_way += len(rows)
        while len(self._threads) < min(self.under_way, self.size):
            thread = threading.Thread(target=self._work, name="crew", daemon=True)
            self._threads.append(thread)
            thread.start()
        for row in rows:
            self._tasks.put(row)

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
        found: list[Fate] = []
        try:
            while True:
                found.append(_unsent(self._tasks.get_nowait()))
        except Empty:
            self.under_way -= len(found)
            return found

    def dismiss(self) -> None:
        for _ in self._threads:
            self._tasks.put(None)

    def _work(self) -> None:
        while (row := self._tasks.get()) is not None:
            self._send(row)

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
