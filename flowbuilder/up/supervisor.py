"""Keeps children alive: starts them, starts again whichever ends, and stops all of them in order. Knows nothing of what they do."""

from __future__ import annotations

import math
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from flowbuilder import clock
from flowbuilder.up import process

_STOPPING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_SIGNALS = _STOPPING | {signal.SIGCHLD}
_QUICK_SECONDS = 5.0
_LONGEST_WAIT = 30.0
_LEFT_BEHIND_SECONDS = 5.0


@dataclass(slots=True)
class Child:
    """One process that should be there. Those of a lower ``rank`` are stopped first."""

    name: str
    run: Callable[[], object]
    log: Path
    rank: int = 0
    pid: int = 0
    started: float = 0.0
    due: float = 0.0
    quick_ends: int = field(default=0)


class Supervisor:
    """Signals are blocked and asked for, never handled: nothing interrupts a step half-way."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._children: list[Child] = []
        self._left_behind: dict[int, float] = {}
        self.is_stopping = False

    def __enter__(self) -> Supervisor:
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def start(self, child: Child) -> None:
        self._children.append(child)
        self._start(child)

    def watch(self) -> None:
        """Until somebody asks to stop."""
        while not self.is_stopping:
            self.tick(1.0)

    def tick(self, seconds: float) -> None:
        """Wait for news, at most so long, and act on them."""
        self._await_signal(max(0.0, min(seconds, self._next_due() - clock.monotonic())))
        self._reap()
        now = clock.monotonic()
        for group in [group for group, until in self._left_behind.items() if until < now]:
            del self._left_behind[group]
            process.send(group, signal.SIGKILL)
        for child in self._children:
            if not child.pid and child.due <= now and not self.is_stopping:
                self._start(child)

    def stop(self, within: float = 30.0) -> None:
        """Ask each rank in turn to finish, then insist; a second Ctrl-C insists at once."""
        self.is_stopping = True
        for rank in sorted({child.rank for child in self._children}):
            self._stop_rank([child for child in self._children if child.rank == rank and child.pid], within)
        for group in self._left_behind:
            process.send(group, signal.SIGKILL)

    def _start(self, child: Child) -> None:
        child.started = clock.monotonic()
        child.pid = process.fork(child.name, child.run, child.log)

    def _next_due(self) -> float:
        return min([*self._left_behind.values(), *(child.due for child in self._children if not child.pid)], default=math.inf)

    def _await_signal(self, seconds: float) -> bool:
        """Whether somebody asked to stop."""
        news = signal.sigtimedwait(_SIGNALS, seconds)
        is_asked = news is not None and news.si_signo in _STOPPING
        self.is_stopping = self.is_stopping or is_asked
        return is_asked

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            for child in self._children:
                if child.pid == pid:
                    self._ended(child, os.waitstatus_to_exitcode(status))

    def _ended(self, child: Child, code: int) -> None:
        if process.is_left(child.pid):
            process.send(child.pid, signal.SIGTERM)
            self._left_behind[child.pid] = clock.monotonic() + _LEFT_BEHIND_SECONDS
        child.pid = 0
        if self.is_stopping:
            return
        now = clock.monotonic()
        child.quick_ends = child.quick_ends + 1 if now - child.started < _QUICK_SECONDS else 0
        wait = min(_LONGEST_WAIT, 0.5 * 2 ** (child.quick_ends - 2)) if child.quick_ends > 1 else 0.0
        child.due = now + wait
        again = f"again in {wait:g} s" if wait else "started again"
        self._say(f"{child.name} ended unexpectedly ({_words(code)}); {again}. Its log: {child.log}")

    def _stop_rank(self, children: list[Child], within: float) -> None:
        for child in children:
            os.kill(child.pid, signal.SIGTERM)
        deadline = clock.monotonic() + within
        while any(child.pid for child in children):
            if clock.monotonic() > deadline or self._await_signal(0.05):
                break
            self._reap()
        for child in children:
            if child.pid:
                process.send(child.pid, signal.SIGKILL)
                os.waitpid(child.pid, 0)
                child.pid = 0


def _words(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
