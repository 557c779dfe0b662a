"""The parts of the product as processes that can be killed one by one, around a database and a simulator that live on."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests

from flowbuilder.core.template import TemplateContent
from flowbuilder.services.accounts import lines
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.whatsapp import payloads
from tests import worlds
from tests.fixtures.servers import free_port, until

_COMMAND = [sys.executable, "-c", "from flowbuilder.cli import main; main()"]


class Machine:
    """Starts, kills and starts again: queue server, web app, worker, and a second of both (``web2``, ``worker2``)."""

    def __init__(self, home: Path, database_url: str, log: Path) -> None:
        self.run = Path(tempfile.mkdtemp(prefix="fbf"))
        self.redis_url = f"unix://{self.run}/q.sock"
        self.port = free_port()
        self._home, self._database_url, self._log = home, database_url, log
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.kills_of: Counter[str] = Counter()

    def start(self, *names: str) -> None:
        """All that are named; they begin at the same time, and the web app is waited for."""
        said = self._log.stat().st_size if self._log.exists() else 0
        for name in names:
            getattr(self, f"_start_{name.rstrip('2')}")(name)
        for name in names:
            if name.startswith("web"):
                until(lambda name=name: f'"pid": {self.processes[name].pid},' in self._log.read_text()[said:], within=30)

    def _start_queue(self, name: str) -> None:
        from tests.fixtures.servers import _queue_binary

        (self.run / "q.sock").unlink(missing_ok=True)
        command = [_queue_binary(), "--port", "0", "--unixsocket", f"{self.run}/q.sock", "--dir", str(self.run), "--save", ""]
        self._spawn(name, command)
        until((self.run / "q.sock").exists)

    def _start_web(self, name: str) -> None:
        self._spawn(name, [*_COMMAND, "web"])

    def _start_worker(self, name: str) -> None:
        self._spawn(name, [*_COMMAND, "worker"])

    def _spawn(self, name: str, command: list[Any]) -> None:
        env = {
            **os.environ, "FLOWBUILDER_HOME": str(self._home), "DATABASE_URL": self._database_url, "REDIS_URL": self.redis_url,
            "PORT": str(self.port),
        }  # fmt: skip
        with self._log.open("ab") as log:
            self.processes[name] = subprocess.Popen(command, env=env, stdout=log, stderr=log, start_new_session=True)

    def kill(self, name: str, chosen: random.Random | None = None) -> None:
        """kill -9: the process and all below it, or, by ``chosen``, one of them."""
        self.kills_of[name] += 1
        pids = tree(self.processes[name].pid)
        for pid in [chosen.choice(pids)] if chosen else pids:
            _end(pid, signal.SIGKILL)
        if chosen is None:
            self.processes[name].wait()

    def revive(self) -> None:
        """Start whatever is dead again, as the supervisor does."""
        for name, process in list(self.processes.items()):
            if process.poll() is not None:
                self.start(name)

    def terminate(self, name: str) -> float:
        """SIGTERM; the seconds until it had ended."""
        started = time.monotonic()
        self.processes[name].terminate()
        self.processes[name].wait(40)
        return time.monotonic() - started

    def stop(self) -> None:
        for process in self.processes.values():
            for pid in tree(process.pid):
                _end(pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self.run, ignore_errors=True)


def tree(root: int) -> list[int]:
    """A process and all its descendants."""
    try:
        children = Path(f"/proc/{root}/task/{root}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return []
    return [root, *(pid for child in children for pid in tree(int(child)))]


def _end(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def approved(line: Line, simulator: Any, *, category: str = "MARKETING", row: TemplateMessage | None = None) -> TemplateMessage:
    """A template, or the one in ``row``, that the simulator knows and has approved."""
    row = row or worlds.template(line, category=category)
    answer = lines.client(line).create_template(payloads.create(TemplateContent.from_json(row.content), row.wire_name))
    simulator.control(f"templates/{answer['id']}/approve", by="test")
    row.meta_id = answer["id"]
    db.session.commit()
    return row


def wait_for(condition: Callable[[], Any], within: float, meanwhile: Callable[[], None] = lambda: None) -> None:
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"still not so after {within} s"
        meanwhile()
        time.sleep(0.1)


def doubled(simulator: Any) -> dict[str, int]:
    """The judge: our ids that the simulator accepted more than once."""
    answer = requests.get(f"{simulator.url}/_sim/ledger/callbacks?doubled=1", timeout=60)
    answer.raise_for_status()
    return answer.json()


def accepted(simulator: Any) -> dict[str, int]:
    answer = requests.get(f"{simulator.url}/_sim/ledger/callbacks", timeout=60)
    answer.raise_for_status()
    return answer.json()
