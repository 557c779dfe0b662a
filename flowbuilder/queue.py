"""The doorbell: tells a worker that rows wait in the database. Nothing here is ever the truth.

A ring that gets lost costs only time, since the sweep rings again; so ringing never raises. Also here, since rq is
known nowhere else: the processes of ``flowbuilder worker``. What the jobs do is in ``jobs``.
"""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

import redis
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker, Worker

from flowbuilder import clock

REPLIES, BULK, OUTGOING, OUTSIDE = "replies", "bulk", "outgoing", "outside"
LANES = (REPLIES, BULK, OUTGOING, OUTSIDE)

_HEARTBEAT = "flowbuilder:heartbeat"
_PENDING = "flowbuilder:rung:"
_PENDING_SECONDS = 10
_SOON_SECONDS = 0.02
_SWEEP_SECONDS = 3.0
_GRACE_SECONDS = 28.0
_JOBS_OF_A_LIFE = 20_000

log = logging.getLogger(__name__)


def connection() -> redis.Redis:
    """This process's connection to the queue server: a unix socket or an address, as ``REDIS_URL`` says."""
    app = current_app._get_current_object()
    if "flowbuilder.queue" not in app.extensions:
        app.extensions["flowbuilder.queue"] = connect(app.extensions["flowbuilder"].redis_url)
    return app.extensions["flowbuilder.queue"]


def connect(url: str) -> redis.Redis:
    """Fails fast: whoever rings has a person or Meta waiting."""
    return redis.Redis.from_url(url, socket_connect_timeout=1, socket_timeout=5, retry=Retry(NoBackoff(), 1))


def ring(lane: str, job: str, *args: Any) -> bool:
    """Ask for ``jobs.<job>(*args)``. The same wish that still waits is not queued a second time. Never raises."""
    try:
        server = connection()
        if not server.set(_mark(job, args), b"1", nx=True, ex=_PENDING_SECONDS):
            return True
        Queue(lane, connection=server).enqueue_call(
            f"flowbuilder.jobs.{job}", args=args, timeout=3600, result_ttl=0, failure_ttl=3600, ttl=3600
        )
        return True
    except redis.RedisError as error:
        log.warning("The queue server does not answer (%s): %s waits for the sweep.", error, job)
        return False


def started(job: str, *args: Any) -> None:
    """Said by a job before it looks at rows: whatever is written from now on needs a new ring."""
    try:
        connection().delete(_mark(job, args))
    except redis.RedisError as error:
        log.warning("The queue server does not answer (%s); %s goes on without it.", error, job)


def bell(app: Flask) -> Bell:
    """For requests that must not wait for the queue server: wishes are rung from a thread of its own, many as one."""
    return app.extensions.get("flowbuilder.bell") or app.extensions.setdefault("flowbuilder.bell", Bell(app))


def is_waiting(lane: str, *besides: Any) -> bool:
    """Whether other work stands in line than a job (its name, then what it was given). Without a queue server nothing does."""
    try:
        return any((job.func_name.rpartition(".")[2], *job.args) != besides for job in Queue(lane, connection=connection()).jobs)
    except redis.RedisError:
        return False


def beat() -> None:
    """Said by the worker's parent every few seconds."""
    try:
        connection().set(_HEARTBEAT, repr(clock.now().timestamp()), ex=600)
    except redis.RedisError as error:
        log.warning("The queue server does not answer (%s).", error)


def heartbeat_age() -> float | None:
    """Seconds since a worker was seen alive; None when none was, or when the queue server is away."""
    try:
        seen = connection().get(_HEARTBEAT)
    except redis.RedisError:
        return None
    return None if seen is None else max(0.0, clock.now().timestamp() - float(seen))


def _mark(job: str, args: tuple[Any, ...]) -> str:
    return _PENDING + ":".join([job, *map(str, args)])


class Bell:
    """A daemon thread that rings for others; it starts with the first wish, thus after any fork of the web server."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._wishes: set[tuple[str, str, tuple[Any, ...]]] = set()
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def wish(self, lane: str, job: str, *args: Any) -> None:
        wish = (lane, job, args)
        if wish not in self._wishes:
            with self._lock:
                self._wishes.add(wish)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, name="bell", daemon=True)
                    self._thread.start()
        if not self._wake.is_set():
            self._wake.set()

    def _run(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            with self._lock:
                wishes, self._wishes = self._wishes, set()
            with self._app.app_context():
                for lane, job, args in wishes:
                    ring(lane, job, *args)
            time.sleep(_SOON_SECONDS)


_stopping = False


def is_stopping() -> bool:
    """Whether this process was asked to finish what is in flight and end."""
    return _stopping


def work(app: Flask, sweep: Callable[[], None], lanes: Sequence[str] = LANES) -> None:
    """Be ``flowbuilder worker``: a warm parent with one forked rq worker per lane; until SIGTERM or SIGINT.

    The parent starts lanes again that died, sweeps and tells that it lives. ``sweep`` must leave no connection
    to the database open, for the next fork would share it.
    """
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, _stop)
    children: dict[int, str] = {}
    next_sweep = 0.0
    while not _stopping:
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
        signal.signal(signal.SIGTERM, _stop)
        _end_with(parent)
        _run_lane(app.extensions["flowbuilder"].redis_url, lane)
    except BaseException:
        log.exception("The lane %s ended.", lane)
        os._exit(1)
    os._exit(0)


def _run_lane(url: str, lane: str) -> None:
    """Wait for the queue server, then take jobs; ends when the server goes away, and the parent starts it again."""
    server = redis.Redis.from_url(url)
    while not _stopping:
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
        _stop(signal.SIGTERM, None)
        if self.horse_pid:
            _signal(self.horse_pid, signal.SIGTERM)

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
        signal.signal(signal.SIGTERM, _stop)
        _end_with(self._lane_pid)


def _stop(_signal: int, _frame: Any) -> None:
    global _stopping
    _stopping = True


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
