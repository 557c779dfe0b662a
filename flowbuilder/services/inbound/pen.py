"""Writes webhooks down for many requests at once: those that come while one commit runs, or soon after it, share the next one."""

from __future__ import annotations

import threading
import time
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Connection, Engine, insert
from sqlalchemy.exc import IntegrityError

from flowbuilder.errors import NotFound
from flowbuilder.store.inbound import Webhook

_MOST_AT_ONCE = 200
_GATHER_SECONDS = 0.002
"""Between two commits, while many write at once: each of them costs the other writers of the database their turn."""
_INSERT = insert(Webhook.__table__)


class _Waiting:
    __slots__ = ("error", "row", "written")

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.error: Exception | None = None
        self.written = threading.Lock()
        self.written.acquire()


class Pen:
    """One thread that writes; it starts with the first row, thus after any fork of the web server."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._waiting: SimpleQueue[_Waiting] = SimpleQueue()
        self._connection: Connection | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def write(self, row: dict[str, Any]) -> None:
        """Durable when this returns."""
        mine = _Waiting(row)
        self._waiting.put(mine)
        if self._thread is None:
            self._start()
        mine.written.acquire()
        if mine.error is not None:
            raise mine.error

    def _start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="pen", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            batch = [self._waiting.get()]
            try:
                while len(batch) < _MOST_AT_ONCE:
                    batch.append(self._waiting.get_nowait())
            except Empty:
                pass
            self._write(batch)
            for each in batch:
                each.written.release()
            if len(batch) > 1:
                time.sleep(_GATHER_SECONDS)
            if self._waiting.empty():
                self._rest()

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            self._insert([each.row for each in batch])
        except IntegrityError:
            self._write_each(batch)
        except Exception as error:
            self._rest()
            for each in batch:
                each.error = error

    def _write_each(self, batch: list[_Waiting]) -> None:
        """One of them can't be written, such as that of a line just deleted; the others must not suffer for it."""
        for each in batch:
            try:
                self._insert([each.row])
            except IntegrityError:
                each.error = NotFound()
            except Exception as error:
                each.error = error

    def _insert(self, rows: list[dict[str, Any]]) -> None:
        if self._connection is None:
            self._connection = self._engine.connect().execution_options(writing=True)
        with self._connection.begin():
            self._connection.execute(_INSERT, rows)

    def _rest(self) -> None:
        """Nothing is to be written just now, or something went wrong: the next row gets a connection that was looked at."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
