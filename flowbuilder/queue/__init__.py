"""The doorbell: tells a worker that rows wait in the database. Nothing here is ever the truth.

A ring that gets lost costs only time, since the sweep rings again; so ringing never raises. Who listens is in
``worker``, what the jobs do in ``jobs``; rq is known nowhere else.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

import redis
from flask import Flask, current_app
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue

from flowbuilder import clock

REPLIES, BULK, OUTGOING, OUTSIDE = "replies", "bulk", "outgoing", "outside"
LANES = (REPLIES, BULK, OUTGOING, OUTSIDE)

_HEARTBEAT = "flowbuilder:heartbeat"
_PENDING = "flowbuilder:rung:"
_PENDING_SECONDS = 10
_SOON_SECONDS = 0.02

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


def stop(*_: Any) -> None:
    """Have this process finish what is in flight and end; what a signal calls."""
    global _stopping
    _stopping = True


def is_stopping() -> bool:
    """Whether this process was asked to finish what is in flight and end."""
    return _stopping
