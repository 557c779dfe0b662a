"""Settings, read from the environment once; each has a default that works."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What differs between installations.

    ``home`` holds the database, the queue server's files, uploads and keys. ``redis_url`` may be
    empty: then the supervisor's own queue server, on a socket in ``home``, is meant.
    ``public_url`` is how Meta and people reach the web app from outside.
    """

    home: Path
    port: int = 8000
    simulator_port: int = 8001
    database_url: str = ""
    redis_url: str = ""
    public_url: str = ""
    testing: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Config:
        """Read the settings; a value that cannot be read raises ValueError with one clear sentence."""
        home = Path(env.get("FLOWBUILDER_HOME") or "var").absolute()
        port = _port(env, "PORT", 8000)
        return cls(
            home=home,
            port=port,
            simulator_port=_port(env, "SIMULATOR_PORT", 8001),
            database_url=_database_url(env.get("DATABASE_URL", ""), home),
            redis_url=env.get("REDIS_URL") or f"unix://{home}/queue.sock",
            public_url=(env.get("PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
        )

    @property
    def simulator_url(self) -> str:
        return f"http://127.0.0.1:{self.simulator_port}"


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
