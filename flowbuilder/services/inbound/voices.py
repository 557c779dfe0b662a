"""The threads that say what is to be said outside of batches: each conversation by one at a time, and no line by all of them."""

from __future__ import annotations

import logging
import time
from collections import Counter
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType

from flask import Flask
from sqlalchemy import select

from flowbuilder import clock
from flowbuilder.services.sending import deliver
from flowbuilder.store import db
from flowbuilder.store.accounts import Line

log = logging.getLogger(__name__)

_THREADS = 32
# 80 messages a second at answers of 250 ms keep 20 threads busy; the rest is for the other lines.
_OF_ONE_LINE = 24
_PROBE_SECONDS = 60.0

_probed: dict[str, float] = {}
"""When this process last tried a line from which Meta takes nothing."""


class Voices:
    """Takes up what waits while there is room. A line whose answers are slow fills its own share and no more."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="answer")
        self._talking: dict[str | int, tuple[str, Future[bool]]] = {}
        self._moved = False

    def __enter__(self) -> Voices:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._pool.shutdown()

    @property
    def are_talking(self) -> bool:
        return bool(self._talking)

    def begin(self) -> int:
        """Give what waits to threads that are free; how many began."""
        self._moved = any(said.done() and said.result() for _line, said in self._talking.values())
        self._talking = {whom: each for whom, each in self._talking.items() if not each[1].done()}
        of_line = Counter(line_id for line_id, _said in self._talking.values())
        stopped = set(db.session.scalars(select(Line.id).where(Line.paused_reason != "")))
        closed = {line_id for line_id in stopped if clock.monotonic() - _probed.get(line_id, -1e9) < _PROBE_SECONDS}
        closed |= {line_id for line_id, count in of_line.items() if count >= _OF_ONE_LINE}
        began = 0
        for whom, line_id in deliver.waiting(closed).items():
            if whom in self._talking or line_id in closed or len(self._talking) >= _THREADS:
                continue
            self._talking[whom] = (line_id, self._pool.submit(self._say, whom))
            of_line[line_id] += 1
            began += 1
            if line_id in stopped:
                _probed[line_id] = clock.monotonic()
            if line_id in stopped or of_line[line_id] >= _OF_ONE_LINE:
                closed.add(line_id)
        return began

    def listen(self, pause: float) -> None:
        """Until somebody has ended, or the pause is over; all of the pause when the last round moved nothing."""
        if self._moved:
            wait([said for _line, said in self._talking.values()], timeout=pause, return_when=FIRST_COMPLETED)
        else:
            time.sleep(pause)

    def _say(self, whom: str | int) -> bool:
        """Deliver a conversation, or one message, in this thread; whether anything left."""
        with self._app.app_context():
            try:
                return deliver.conversation(whom) if isinstance(whom, str) else deliver.one(whom)
            except Exception:
                log.exception("%s was not delivered; the sweep takes care of it.", whom)
                return False
            finally:
                db.session.remove()
