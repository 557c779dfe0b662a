"""A stand-in for Meta that also tells: for each message taken, three statuses go to a webhook.

``python -m tests.bench._meta WEBHOOK MOST``: so many statuses at most in one post, of those that wait.

GET /report gives what it measured: when messages came, when each "read" was told, and how long the answers to its posts took.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any
from urllib.parse import urlsplit

from tests import worlds

ANSWER_AFTER, CONNECTIONS = 0.08, 24
STATUSES = (("sent", 0.3), ("delivered", 0.8), ("read", 1.5))
"""What is told of a message, and seconds after it was taken."""


class Meta:
    """Takes messages over raw bytes; posts their statuses, signed, over a few kept connections."""

    def __init__(self, webhook: str, most: int) -> None:
        self._webhook, self._most = urlsplit(webhook), most
        self._todo: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self.report: dict[str, list[float]] = {"came": [], "read": [], "answered": [], "refused": []}

    async def serve(self) -> None:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.gather(*(self._tell() for _ in range(CONNECTIONS)))

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            body = await reader.readexactly(_length(head))
            if head.startswith(b"GET /report"):
                _answer(writer, self.report)
                continue
            await asyncio.sleep(ANSWER_AFTER)
            callback = json.loads(body)["biz_opaque_callback_data"]
            self.report["came"].append(time.time())
            _answer(writer, {"contacts": [{"wa_id": "4915"}], "messages": [{"id": f"wamid.{callback}"}]})
            for status, after in STATUSES:
                asyncio.get_running_loop().call_later(after, self._due, status, callback)

    def _due(self, status: str, callback: str) -> None:
        if status == "read":
            self.report["read"].append(time.time())
        told = {"id": f"wamid.{callback}", "status": status, "biz_opaque_callback_data": callback, "recipient_id": "4915"}
        self._todo.put_nowait({**told, "timestamp": str(int(time.time()))})

    async def _tell(self) -> None:
        """One connection's worth of posts."""
        reader, writer = None, None
        while True:
            told = [await self._todo.get()]
            while len(told) < self._most and not self._todo.empty():
                told.append(self._todo.get_nowait())
            if writer is None:
                reader, writer = await asyncio.open_connection(self._webhook.hostname, self._webhook.port)
            body = worlds.statuses(told)
            head = f"POST {self._webhook.path} HTTP/1.1\r\nHost: {self._webhook.netloc}\r\nContent-Type: application/json\r\n"
            head += f"X-Hub-Signature-256: {worlds.signed(body)}\r\nContent-Length: {len(body)}\r\n\r\n"
            started = time.perf_counter()
            writer.write(head.encode() + body)
            answer = await _head(reader)
            await reader.readexactly(_length(answer))
            self.report["answered" if b" 200 " in answer.split(b"\r\n", 1)[0] else "refused"].append(time.perf_counter() - started)


async def _head(reader: Any) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def _length(head: bytes) -> int:
    at = head.lower().find(b"content-length:")
    return int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0


def _answer(writer: asyncio.StreamWriter, said: Any) -> None:
    body = json.dumps(said).encode()
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


if __name__ == "__main__":
    asyncio.run(Meta(sys.argv[1], int(sys.argv[2])).serve())
