"""Keys of this installation: files of mode 600 in ``keys/`` of its home, made when they are missing."""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.fernet import Fernet


def session_key(home: Path) -> str:
    """What signs the cookies."""
    return _kept(home / "keys" / "session.key", lambda: secrets.token_urlsafe(48))


def sealing_keys(home: Path) -> list[bytes]:
    """What seals secrets: one key per line, the newest first; older ones still open."""
    text = _kept(home / "keys" / "secrets.keys", lambda: Fernet.generate_key().decode())
    return [line.strip().encode() for line in text.splitlines() if line.strip()]


def add_sealing_key(home: Path) -> None:
    """Put a new key in front; secrets are sealed with it from the next start on."""
    path = home / "keys" / "secrets.keys"
    sealing_keys(home)
    _write(path, f"{Fernet.generate_key().decode()}\n{path.read_text()}")


def digest_key(home: Path) -> str:
    """What numbers of erased people are digested with. Never changed: their opt-outs are known again only by it."""
    return _kept(home / "keys" / "digest.key", lambda: secrets.token_urlsafe(48))


def code_key(home: Path) -> str:
    """What one-time codes are made with. Codes on their way are lost with it, and nothing else."""
    return _kept(home / "keys" / "codes.key", lambda: secrets.token_urlsafe(48))


def file_key(home: Path) -> str:
    """What signs the addresses of files that people sent. Such addresses end with it."""
    return _kept(home / "keys" / "files.key", lambda: secrets.token_urlsafe(48))


def simulator_secrets(home: Path) -> dict[str, str]:
    """App secret, access token and verify token that the simulator and its line share."""
    names = ("app_secret", "access_token", "verify_token")
    return json.loads(_kept(home / "keys" / "simulator.json", lambda: json.dumps({name: secrets.token_hex(24) for name in names})))


def provider_secret(home: Path) -> str:
    """What the provider that the simulator plays shares with us."""
    return _kept(home / "keys" / "provider.key", lambda: "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())


def _kept(path: Path, make: Callable[[], str]) -> str:
    """What the file holds. Processes that start together agree: the first to link its file in wins."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        _write(draft, make() + "\n")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
