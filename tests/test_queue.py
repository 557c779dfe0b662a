"""How a worker ends."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time

import redis

from flowbuilder import queue
from flowbuilder.queue import worker
from tests.fixtures.servers import until


class _Struck(logging.Handler):
    """SIGTERM comes while a line is being written, and what is raised then ends as it does in every handler of logging."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
        except Exception:
            self.handleError(record)


def lane(url: str) -> None:
    """A worker whose process is told to end by the first line of its log."""
    logging.getLogger("rq.worker").addHandler(_Struck())
    worker._run_lane(url, queue.REPLIES)


def test_a_worker_that_is_told_to_end_while_it_writes_to_its_log_ends(redis_url: str) -> None:
    process = subprocess.Popen([sys.executable, "-c", f"from tests.test_queue import lane; lane({redis_url!r})"], stderr=subprocess.PIPE)
    try:
        with redis.Redis.from_url(redis_url) as server:
            (waiting,) = until(lambda: [client["id"] for client in server.client_list() if client["cmd"] in {"blmove", "blpop"}])
            server.client_kill_filter(_id=waiting)
        assert b"StopRequested" in process.communicate(timeout=5)[1]
        assert process.returncode == 0
    finally:
        process.kill()
        process.wait()
