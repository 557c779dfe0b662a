"""The processes of ``flowbuilder worker``: a warm parent with one rq worker per lane."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import time
from collections.abc import Callable, Sequence
from typing import Any

import redis
from flask import Flask
from rq import SimpleWorker, Worker
from rq.exceptions import StopRequested
from rq.worker import WorkerStatus

from flowbuilder.queue import BULK, LANES, beat, is_stopping, stop

_SWEEP_SECONDS = 3.0
_GRACE_SECONDS = 28.0
_JOBS_OF_A_LIFE = 20_000

log = logging.getLogger(__name__)


def work(app: Flask, sweep: Callable[[], None], lanes: Sequence[str] = LANES) -> None:
    """Be ``flowbuilder worker``: a warm parent with one forked rq worker per lane; until SIGTERM or SIGINT.

    The parent starts lanes again that died, sweeps and tells that it lives. ``sweep`` must leave no connection
    to the database open, for the next fork would share it.
    """
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children: dict[int, str] = {}
    next_sweep = 0.0
    while not is_stopping():
        children = {pid: lane for pid, lane in children.items() if not _has_ended(pid)}
        for lane in list(lanes):
            missing = list(lanes).count(lane) - list(children.values()).count(lane)
            for _ in range(missing):
                children[_fork_lane(app, lane)] = lane
        if time.monotonic() >= next_sweep:
            next_sweep = time.monotonic() + _SWEEP_SECONDS
            with app.app_context():
                beat()
            _try(sweep)
        time.sleep(0.2)
    _end(children)


def _try(sweep: Callable[[], None]) -> None:
    try:
        sweep()
    except Exception:
        log.exception("The sweep failed; the next one follows in %s s.", _SWEEP_SECONDS)


def _end(children: dict[int, str]) -> None:
    """Let every lane finish what is in flight; whoever takes longer than the grace is ended."""
    for pid in children:
        _signal(pid, signal.SIGTERM)
    deadline = time.monotonic() + _GRACE_SECONDS
    left = set(children)
    while left and time.monotonic() < deadline:
        left = {pid for pid in left if not _has_ended(pid)}
        time.sleep(0.05)
    for pid in left:
        _signal(pid, signal.SIGKILL)


def _fork_lane(app: Flask, lane: str) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop)
        _end_with(parent)
        _run_lane(app.extensions["flowbuilder"].redis_url, lane)
    except BaseException:
        log.exception("The lane %s ended.", lane)
        os._exit(1)
    os._exit(0)


def _run_lane(url: str, lane: str) -> None:
    """Wait for the queue server, then take jobs; ends when the server goes away, and the parent starts it again."""
    server = redis.Redis.from_url(url)
    while not is_stopping():
        try:
            server.ping()
            break
        except redis.RedisError:
            time.sleep(0.2)
    else:
        return
    kind = _Lane if lane == BULK else _WarmLane
    kind([lane], connection=server, job_monitoring_interval=15, log_job_description=False).work(
        logging_level="WARNING", max_jobs=_JOBS_OF_A_LIFE
    )


class _Gentle:
    """How our workers of rq end: at SIGTERM the job in flight hears of it and finishes its slice."""

    max_connection_wait_time = 1.0

    def _install_signal_handlers(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, self.request_stop)

    def request_force_stop(self, signum: int, frame: Any) -> None:
        """The first request is being followed; a second one must not cut off what is in flight."""

    def handle_warm_shutdown_request(self) -> None:
        stop()
        if self.horse_pid:
            _signal(self.horse_pid, signal.SIGTERM)

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """Where a worker without a job comes by again and again. What SIGTERM raised reached nobody if it
        interrupted the writing of a line to the log, which swallows every exception."""
        if is_stopping() and self.get_state() != WorkerStatus.BUSY:
            raise StopRequested
        super().heartbeat(*args, **kwargs)

    def maintain_heartbeats(self, job: Any, execution: Any) -> None:
        """A queue server that is away for a moment must not end a job that does without it."""
        try:
            super().maintain_heartbeats(job, execution)
        except redis.RedisError as error:
            log.warning("The queue server does not answer (%s); the job goes on.", error)


class _WarmLane(_Gentle, SimpleWorker):
    """For short jobs whose delay a person feels: run in this process, with all that earlier ones have compiled and opened."""


class _Lane(_Gentle, Worker):
    """For long jobs: each in a fork, of which nothing remains."""

    def fork_work_horse(self, job: Any, queue: Any) -> None:
        self._lane_pid = os.getpid()
        super().fork_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop)
        _end_with(self._lane_pid)


def _end_with(parent: int) -> None:
    """Get SIGTERM when the parent dies, however it dies (Linux; elsewhere leases alone do the job)."""
    try:
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)
    except (OSError, AttributeError):
        return
    if os.getppid() != parent:
        os._exit(0)


def _has_ended(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True


def _signal(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
