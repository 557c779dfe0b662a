"""A stand-in for Meta that also tells: for each message taken, three statuses go to a webhook.

``python -m tests.bench._meta WEBHOOK MOST``: so many statuses at most in one post, of those that wait.

GET /report gives what it measured: when messages came, when each "read" was told, and how long the answers to its posts took.
It shares the machine with what it measures, so it is lean: protocols on raw bytes, and one clock for all that is due.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests import worlds

ANSWER_AFTER, CONNECTIONS, TICK = 0.08, 128, 0.004
STATUSES = (("sent", 0.3), ("delivered", 0.8), ("read", 1.5))
"""What is told of a message, and seconds after it was taken."""
_CALLBACK = re.compile(rb'"biz_opaque_callback_data":\s*"(\d+)"')
_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)


class _Exchange(asyncio.Protocol):
    """One connection, on either side: whole requests or answers, head and body, go to ``take``."""

    def __init__(self, take: Callable[[_Exchange, bytes, bytes], None]) -> None:
        self._take, self._buffer = take, b""
        self.transport: Any = None
        self.asked_at = 0.0

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer = self._buffer + data if self._buffer else data
        while (end := self._buffer.find(b"\r\n\r\n") + 4) >= 4:
            length = _LENGTH.search(self._buffer, 0, end)
            whole = end + (int(length[1]) if length else 0)
            if len(self._buffer) < whole:
                return
            head, body, self._buffer = self._buffer[:end], self._buffer[end:whole], self._buffer[whole:]
            self._take(self, head, body)


class Meta:
    """Takes messages; posts their statuses, signed, over kept connections."""

    def __init__(self, webhook: str, most: int) -> None:
        self._webhook, self._most = urlsplit(webhook), most
        self._answers: deque[tuple[float, _Exchange, str]] = deque()
        self._due: dict[str, deque[tuple[float, str]]] = {status: deque() for status, _after in STATUSES}
        self._todo: deque[dict[str, str]] = deque()
        self._free: list[_Exchange] = []
        self._are_open = False
        self._head = f"POST {self._webhook.path} HTTP/1.1\r\nHost: {self._webhook.netloc}\r\nContent-Type: application/json\r\n".encode()
        self.report: dict[str, list[float]] = {"came": [], "read": [], "answered": [], "refused": []}

    async def serve(self) -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Exchange(self._take), "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        while True:
            await asyncio.sleep(TICK)
            self._turn(time.time())
            if self._todo and not self._are_open:
                self._are_open = True
                self._free += [await self._opened(loop) for _ in range(CONNECTIONS)]
            self._tell()

    async def _opened(self, loop: asyncio.AbstractEventLoop) -> _Exchange:
        return (await loop.create_connection(lambda: _Exchange(self._told), self._webhook.hostname, self._webhook.port))[1]

    def _take(self, who: _Exchange, head: bytes, body: bytes) -> None:
        if head.startswith(b"GET /report"):
            _answer(who, self.report)
            return
        self._answers.append((time.time() + ANSWER_AFTER, who, _CALLBACK.search(body)[1].decode()))

    def _turn(self, now: float) -> None:
        """Answer what was taken long enough ago; what is to be told of it by now waits for a free connection."""
        while self._answers and self._answers[0][0] <= now:
            _, who, callback = self._answers.popleft()
            self.report["came"].append(now)
            _answer(who, {"contacts": [{"wa_id": "4915"}], "messages": [{"id": f"wamid.{callback}"}]})
            for status, after in STATUSES:
                self._due[status].append((now + after, callback))
        for status, due in self._due.items():
            while due and due[0][0] <= now:
                told = {"id": f"wamid.{due[0][1]}", "status": status, "biz_opaque_callback_data": due.popleft()[1], "recipient_id": "4915"}
                self._todo.append({**told, "timestamp": str(int(now))})
                if status == "read":
                    self.report["read"].append(now)

    def _tell(self) -> None:
        while self._todo and self._free:
            told = [self._todo.popleft() for _ in range(min(self._most, len(self._todo)))]
            body, by = worlds.statuses(told), self._free.pop()
            signed = f"X-Hub-Signature-256: {worlds.signed(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
            by.asked_at = time.perf_counter()
            by.transport.write(self._head + signed.encode() + body)

    def _told(self, by: _Exchange, head: bytes, _body: bytes) -> None:
        kind = "answered" if b" 200 " in head.split(b"\r\n", 1)[0] else "refused"
        self.report[kind].append(time.perf_counter() - by.asked_at)
        self._free.append(by)
        self._tell()


def _answer(who: _Exchange, said: Any) -> None:
    body = json.dumps(said).encode()
    who.transport.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


if __name__ == "__main__":
    asyncio.run(Meta(sys.argv[1], int(sys.argv[2])).serve())
