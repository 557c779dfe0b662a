"""A small server on the loopback that misbehaves on demand."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


def http(status: int, body: Any, *more: str) -> bytes:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = [f"HTTP/1.1 {status} X", f"Content-Length: {len(data)}", "Connection: close", *more]
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + data


def refusal(code: int, **more: Any) -> dict[str, Any]:
    return {"error": {"message": f"(#{code})", "code": code, "fbtrace_id": "A", **more}}


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


@contextmanager
def server(act: Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """One listening socket; ``act`` does with each connection what it likes."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    connection.settimeout(2)
                    seen.append(b"")
                    act(connection) if act.__name__ == "raw" else answer(connection)
                except OSError:
                    pass

    def answer(connection: socket.socket) -> None:
        seen[-1] = read_request(connection)
        act(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)


def reply(*answer: Any) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(http(*answer))


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def close(connection: socket.socket) -> None:
    connection.shutdown(socket.SHUT_RDWR)


def half(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{")


def half_chunk(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{")


def nonsense(connection: socket.socket) -> None:
    connection.sendall(b"\x00\x01 not http at all\r\n\r\n")
