"""The web app's port: opened, or taken over from the web app of this home that answers there already.

Both then accept from one queue of the kernel, so that either can end while the other goes on and nobody who just connected is
turned away. Two sockets with ``SO_REUSEPORT`` would have a queue each, and who waits in that of the one that ends is reset.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import sys
import threading
from dataclasses import dataclass

from flowbuilder.config import Config
from flowbuilder.up import ports

BACKLOG = 2048
_PATIENCE = 1.0
_CREDENTIALS = struct.Struct("3i")


@dataclass(slots=True)
class Listening:
    """``door`` is where the next web app asks for both sockets; None where the system has no such doors."""

    socket: socket.socket
    door: socket.socket | None
    is_shared: bool = False

    def offer(self) -> None:
        """Give both to whoever of ours asks, from now on."""
        if self.door is not None:
            threading.Thread(target=self._answer, args=(self.door,), name="door", daemon=True).start()

    def _answer(self, door: socket.socket) -> None:
        while True:
            try:
                caller, _ = door.accept()
            except OSError:
                return
            with caller:
                if _is_ours(caller):
                    self.is_shared = True
                    _give(caller, [self.socket, door])

    def hand_in(self) -> None:
        """For the forked process that answers: the server closes its socket, and who asks at the door must find the one that gives."""
        self.socket.detach()
        if self.door is not None:
            self.door.close()


def listen(config: Config) -> Listening:
    """Conflict if the port is somebody else's."""
    name = _name(config)
    if name and (taken := _ask(name)):
        return taken
    ports.claim(config.host, config.port, "PORT", patience=_PATIENCE)
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    opened = socket.create_server((config.host, config.port), family=family, backlog=BACKLOG)
    opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # Whom it accepts, too: an answer in two parts waits 40 ms otherwise.
    return Listening(opened, _open_door(name) if name else None)


def _name(config: Config) -> str:
    """An address in Linux's abstract namespace: it ends with its process, and containers do not see each other's."""
    if sys.platform != "linux":
        return ""
    home = hashlib.sha256(os.fsencode(config.home)).hexdigest()[:32]
    return f"\0flowbuilder-{home}-{config.host}-{config.port}"


def _open_door(name: str) -> socket.socket | None:
    door = socket.socket(socket.AF_UNIX)
    try:
        door.bind(name)
    except OSError:
        door.close()
        return None
    door.listen()
    return door


def _ask(name: str) -> Listening | None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.settimeout(_PATIENCE)
        try:
            asking.connect(name)
            if not _is_ours(asking):
                return None
            _word, descriptors, _flags, _address = socket.recv_fds(asking, 1, 2)
        except OSError:
            return None
    sockets = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    return Listening(*sockets, is_shared=True) if len(sockets) == 2 else None


def _give(caller: socket.socket, sockets: list[socket.socket]) -> None:
    try:
        socket.send_fds(caller, [b"."], [each.fileno() for each in sockets])
    except OSError:
        return


def _is_ours(other: socket.socket) -> bool:
    """Names in the abstract namespace are open to everybody on the machine."""
    _pid, user, _group = _CREDENTIALS.unpack(other.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size))
    return user == os.getuid()
