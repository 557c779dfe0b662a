"""The mailbox: takes every mail that is sent to this machine's SMTP port, for whomever it is, and keeps it. None ever leaves."""

from __future__ import annotations

import socket
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

from aiosmtpd.controller import Controller

if TYPE_CHECKING:
    from flowbuilder.simulator.store import Store
    from flowbuilder.simulator.world import World

LARGEST = 5 * 1024 * 1024
_KEPT = 500


class _Box:
    def __init__(self, world: World) -> None:
        self._world = world

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Said yes to only once it is kept."""
        keep(self._world.store, self._world.clock.now(), envelope.mail_from, list(envelope.rcpt_tos), bytes(envelope.content))
        return "250 Kept"


def start(world: World, host: str, port: int) -> Callable[[], None]:
    """Take mail in a thread of its own until the answer is called. Raises OSError when the port is taken; 0 takes a free one."""
    port = _claim(host, port)
    controller = Controller(_Box(world), hostname=host, port=port, data_size_limit=LARGEST, server_hostname="simulator")
    controller.start()
    world.mail_port = port
    return controller.stop


def keep(store: Store, now: float, sender: str, recipients: list[str], raw: bytes) -> None:
    message = message_from_bytes(raw, policy=policy.default)
    values = (now, sender, ", ".join(recipients), _header(message, "From") or sender, _header(message, "Subject"), _text(message))
    with store.write() as conn:
        conn.execute("INSERT INTO mail (at, sender, recipients, written_by, subject, text) VALUES (?, ?, ?, ?, ?, ?)", values)
        conn.execute("DELETE FROM mail WHERE id <= (SELECT max(id) FROM mail) - ?", (_KEPT,))


def latest(store: Store, *, search: str, limit: int) -> list[dict[str, Any]]:
    """The newest first."""
    sql = "SELECT * FROM mail WHERE ? = '' OR instr(lower(recipients || ' ' || subject || ' ' || text), ?) ORDER BY id DESC LIMIT ?"
    return [dict(row) for row in store.rows(sql, (search, search.lower(), limit))]


def clear(store: Store) -> None:
    with store.write() as conn:
        conn.execute("DELETE FROM mail")


def _header(message: EmailMessage, name: str) -> str:
    try:
        return " ".join(str(message[name] or "").split())
    except (ValueError, IndexError, AttributeError):
        return ""


def _text(message: EmailMessage) -> str:
    """What people read of it: the plain text, or else its source."""
    try:
        part = message.get_body(("plain", "html"))
        return str(part.get_content()).replace("\r\n", "\n").strip() if part is not None else ""
    except (LookupError, ValueError, AttributeError):
        return message.as_string()


def _claim(host: str, port: int) -> int:
    """The port, or a free one for 0, that nobody has: the controller itself would find that out after five seconds only."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        return probe.getsockname()[1]
