"""A small stand-in for Meta's messages endpoint, for tests that need its timing or its faults rather than its rules.

``python -m tests.stub PORT DELAY_MS``: asyncio on raw bytes, so that it costs next to nothing beside what is measured.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

Answer = Callable[[dict[str, Any]], tuple[int, dict[str, Any]] | None]


def accept(payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    number = payload.get("biz_opaque_callback_data", "0")
    to = str(payload.get("to", "")).lstrip("+")
    return 200, {"messaging_product": "whatsapp", "contacts": [{"input": to, "wa_id": to}], "messages": [{"id": f"wamid.{number}"}]}


def refuse(code: int, http: int = 400) -> tuple[int, dict[str, Any]]:
    return http, {"error": {"message": f"(#{code})", "code": code, "error_data": {"details": "because"}}}


def at_most(per_second: float, refused: list[float]) -> Answer:
    """Takes no more than this; ``refused`` gets the moment of each message that came too fast. A second's worth may come at once."""
    paid_until = 0.0

    def answer(payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        nonlocal paid_until
        now = time.monotonic()
        if max(paid_until, now) + 1 / per_second - now > 1:
            refused.append(now)
            return refuse(130429)
        paid_until = max(paid_until, now) + 1 / per_second
        return accept(payload)

    return answer


class _Protocol(asyncio.Protocol):
    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            self._stub.take(self._transport, body)


class Stub:
    """The server in a thread of this process. ``seen`` has every payload; ``answer`` may be replaced; None breaks the connection off."""

    def __init__(self, answer: Answer = accept, delay: float = 0.0) -> None:
        self.answer, self.delay = answer, delay
        self.seen: list[dict[str, Any]] = []
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def take(self, transport: Any, body: bytes) -> None:
        payload = json.loads(body)
        self.seen.append(payload)
        if self.delay:
            self._loop.call_later(self.delay, self._reply, transport, payload)
        else:
            self._reply(transport, payload)

    def _reply(self, transport: Any, payload: dict[str, Any]) -> None:
        answer = self.answer(payload)
        if answer is None:
            transport.abort()
            return
        status, document = answer
        body = json.dumps(document).encode()
        transport.write(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body)) + body)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(self._loop.create_server(lambda: _Protocol(self), "127.0.0.1", 0, backlog=1024))
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        self._loop.run_forever()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Stub:
        self._thread.start()
        self._ready.wait(5)
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)


class _Light(asyncio.Protocol):
    """Answers every request after a delay with fixed bytes and notes the time; for measuring."""

    times: list[float] = []
    delay = 0.08
    count = 0

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._loop = asyncio.get_running_loop()

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        end = buffer.find(b"\r\n\r\n")
        if end < 0:
            self._buffer = buffer
            return
        at = buffer.find(b"ontent-")
        at = buffer.lower().find(b"content-length:", 0, end) if at >= 0 else -1
        length = int(buffer[at + 15 : buffer.find(b"\r\n", at)]) if at >= 0 else 0
        if len(buffer) < end + 4 + length:
            self._buffer = buffer
            return
        self._buffer = b""
        if buffer.startswith(b"GET /times"):
            self._answer(json.dumps(_Light.times).encode())
            return
        if buffer.startswith(b"GET /forget"):
            _Light.times.clear()
            self._answer(b"{}")
            return
        _Light.count += 1
        _Light.times.append(self._loop.time())
        body = (
            b'{"messaging_product":"whatsapp","contacts":[{"input":"+4915","wa_id":"4915"}],"messages":[{"id":"wamid.%d"}]}' % _Light.count
        )
        self._loop.call_later(_Light.delay, self._answer, body)

    def _answer(self, body: bytes) -> None:
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


async def _serve(port: int) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Light, "127.0.0.1", port, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    _Light.delay = float(sys.argv[2]) / 1000
    asyncio.run(_serve(int(sys.argv[1])))
