"""Settings, read from the environment once; each has a default that works."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SMTP_PORT = 8025
_LONGEST_SOCKET_PATH = 100
"""The kernel's limit is 107 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What differs between installations.

    ``home`` holds the database, the queue server's files, uploads, logs and keys. ``redis_url`` is the
    supervisor's own queue server, on ``queue_socket``, unless the environment names another.
    ``public_url`` is how Meta and people reach the web app from outside. ``outgoing_loopback`` lets outgoing webhooks
    reach this machine although a line is not the simulator's. The simulator takes mail on ``simulator_smtp_port``; one that nobody
    has chosen gives way to a free one.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    simulator_port: int = 8001
    simulator_smtp_port: int = SMTP_PORT
    is_smtp_port_chosen: bool = False
    database_url: str = ""
    redis_url: str = ""
    public_url: str = ""
    outgoing_loopback: bool = False
    testing: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; a value that cannot be read raises ValueError with one clear sentence."""
        home = Path(env.get("FLOWBUILDER_HOME") or "var").absolute()
        port = _port(env, "PORT", 8000)
        return cls(
            home=home,
            host=env.get("FLOWBUILDER_HOST") or "127.0.0.1",
            port=port,
            simulator_port=_port(env, "SIMULATOR_PORT", 8001),
            simulator_smtp_port=_port(env, "SIMULATOR_SMTP_PORT", SMTP_PORT),
            is_smtp_port_chosen=bool(env.get("SIMULATOR_SMTP_PORT")),
            database_url=_database_url(env.get("DATABASE_URL", ""), home),
            redis_url=env.get("REDIS_URL") or f"unix://{_queue_socket(home)}",
            outgoing_loopback=env.get("OUTGOING_LOOPBACK", "") in ("1", "true", "yes"),
            public_url=(env.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        )

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"

    @property
    def queue_socket(self) -> Path | None:
        """Where the supervisor's own queue server listens; None when ``redis_url`` names another."""
        path = _queue_socket(self.home)
        return path if self.redis_url == f"unix://{path}" else None

    @property
    def logs(self) -> Path:
        return self.home / "logs"


def _queue_socket(home: Path) -> Path:
    """In ``home``; a home whose path is too long for a socket gets a short folder of its own."""
    path = home / "queue.sock"
    if len(os.fsencode(path)) <= _LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"flowbuilder-{os.getuid()}-{name}", "queue.sock")


def _port(env: Mapping[str, str], name: str, default: int) -> int:
    text = env.get(name) or str(default)
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise ValueError(f"{name} must be a port number from 1 to 65535, not {text!r}.")
    return int(text)


def _database_url(url: str, home: Path) -> str:
    """SQLAlchemy's form of ``url``: the usual postgres:// spellings mean psycopg."""
    if not url:
        return f"sqlite:///{home}/flowbuilder.db"
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
