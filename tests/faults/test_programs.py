"""Programs that flows call misbehave in every way: the conversation goes on through Failure, and nobody else waits for them.

They are processes of their own, as the one that calls them is, so that what is measured is not what they take.
"""

from __future__ import annotations

import gzip
import multiprocessing
import socket
import statistics
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from flask import Flask

from flowbuilder.services.conversations import http, requests
from flowbuilder.services.inbound import apply, intake
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.requests import Request
from flowbuilder.store.sending import Message
from tests import worlds
from tests.faults.counts import IS_FULL, times
from tests.faults.test_crash_points import _opener
from tests.fixtures.servers import until

SESSIONS = times(1, 20)
FORK = multiprocessing.get_context("fork")


def _http(body: bytes, head: bytes = b"", status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n%s\r\n%s" % (status, len(body), head, body)


def _whole(answer: bytes) -> Callable[[socket.socket], None]:
    return lambda peer: peer.sendall(answer)


def _endless(head: bytes, piece: bytes, pause: float = 0) -> Callable[[socket.socket], None]:
    def act(peer: socket.socket) -> None:
        peer.sendall(head)
        while True:
            peer.sendall(piece)
            time.sleep(pause)

    return act


def _reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


FAULTS: dict[str, Callable[[socket.socket], None]] = {
    "not found": _whole(_http(b"{}", status=b"404 Not Found")),
    "refused": _whole(_http(b"{}", status=b"403 Forbidden")),
    "too many": _whole(_http(b"{}", b"Retry-After: 999999\r\n", b"429 Too Many Requests")),
    "broken": _whole(_http(b"{}", status=b"500 Internal Server Error")),
    "gateway": _whole(_http(b"<html>", status=b"502 Bad Gateway")),
    "away": _whole(_http(b"", status=b"503 Service Unavailable")),
    "to itself": _whole(_http(b"", b"Location: /\r\n", b"302 Found")),
    "to elsewhere": _whole(_http(b"", b"Location: http://169.254.169.254/\r\n", b"307 Temporary Redirect")),
    "hangs up": lambda peer: None,
    "resets": _reset,
    "half a head": _whole(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "half a body": _whole(b'HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{"state":'),
    "silent": lambda peer: time.sleep(60),
    "silent after its head": _endless(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", b"", 60),
    "drops of a head": _endless(b"HTTP/1.1 200 OK\r\nX: ", b"x", 0.2),
    "drops of a body": _endless(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" ", 0.2),
    "drops without an end": _endless(b"HTTP/1.1 200 OK\r\n\r\n", b" ", 0.2),
    "endless body": _endless(b"HTTP/1.1 200 OK\r\n\r\n", b" " * 65536),
    "endless pieces": _endless(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n"),
    "endless head": _endless(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "no HTTP": _whole(b"220 mail.example ESMTP\r\n"),
    "wrong pieces": _whole(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
    "no gzip": _whole(_http(b'{"state": 1}', b"Content-Encoding: gzip\r\n")),
    "a bomb": _whole(_http(gzip.compress(b" " * 50_000_000), b"Content-Encoding: gzip\r\n")),
    "HTML": _whole(_http(b"<html>Fine</html>")),
    "nothing": _whole(_http(b"")),
    "half a JSON": _whole(_http(b'{"state": "pa')),
    "UTF-16": _whole(_http('{"state": "packed"}'.encode("utf-16"))),
    "too deep": _whole(_http(b"[" * 100_000 + b"]" * 100_000)),
}


@pytest.fixture
def ports() -> Iterator[dict[str, int]]:
    """A program for each fault, by its port."""
    servers = {name: socket.create_server(("127.0.0.1", 0), backlog=128) for name in FAULTS}
    rogues = FORK.Process(target=_serve_all, args=(servers,), daemon=True)
    rogues.start()
    yield {name: server.getsockname()[1] for name, server in servers.items()}
    rogues.kill()
    rogues.join()
    for server in servers.values():
        server.close()


def _serve_all(servers: dict[str, socket.socket]) -> None:
    for name, server in servers.items():
        threading.Thread(target=_serve, args=(server, FAULTS[name]), daemon=True).start()
    threading.Event().wait()


def _serve(server: socket.socket, act: Callable[[socket.socket], None]) -> None:
    def answer(peer: socket.socket) -> None:
        with suppress(OSError), peer:
            peer.recv(65536)
            act(peer)

    with suppress(OSError):
        while True:
            threading.Thread(target=answer, args=(server.accept()[0],), daemon=True).start()


def _document(url: str) -> dict[str, Any]:
    call = {"method": "GET", "url": url, "headers": [], "body": "", "outputs": [{"variable": "state", "path": "state"}]}
    return worlds.flow(
        ("n1", "you_send_it", {}), ("n2", "http_request", call), ("n3", "finish", {"outcome": "success", "text": "It is {{state}}."}),
        ("n4", "finish", {"outcome": "failure", "text": "We do not know."}),
        edges=(("n1", "continue", "n2"), ("n2", "success", "n3"), ("n2", "failure", "n4")),
    )  # fmt: skip


def _goes_on(line: Line, opener: Message) -> None:
    button = {"payload": "continue", "text": "Continue"}
    body = worlds.said_to_us(f"w{opener.id}", wa_id=opener.phone[1:], quoted=opener.wamid, button=button)
    intake.receive(line.id, body, worlds.signed(body))
    apply.run()


@pytest.fixture
def carrier(here: Line, app: Flask, ports: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Carries out what is asked until the end."""
    monkeypatch.setattr(requests, "_QUIET_SECONDS", 3600)
    monkeypatch.setattr(requests, "_SLICE_SECONDS", 3600)
    if not IS_FULL:
        monkeypatch.setattr(http, "_PATIENCE", 1.0)
    db.session.remove()
    db.engine.dispose()

    def carry_out() -> None:
        with app.app_context():
            requests.run()

    process = FORK.Process(target=carry_out, daemon=True)
    process.start()
    yield
    process.kill()
    process.join()


def test_whatever_a_program_does_the_conversation_goes_on_and_others_do_not_wait(here: Line, ports: dict[str, int], carrier: None) -> None:
    versions = [worlds.version(here, _document(f"http://127.0.0.1:{port}/")).id for port in ports.values()]
    openers = [_opener(here, version, number) for number, version in enumerate(versions * SESSIONS)]
    others = [_opener(here, worlds.version(here).id, 700 + number) for number in range(times(5, 200))]
    for opener in openers:
        _goes_on(here, opener)
    waits = []
    for opener in others:
        began = time.perf_counter()
        _goes_on(here, opener)
        waits.append((time.perf_counter() - began) * 1000)
    until(lambda: not _open(), within=60)
    asked = db.session.scalars(db.select(Request)).all()
    longest = max((row.ended_at - row.created_at).total_seconds() for row in asked)
    p95 = statistics.quantiles(waits, n=20)[-1]
    print(f"{len(openers)} calls, the longest {longest:.1f} s; others waited {p95:.0f} ms (p95) meanwhile")
    ends = {name: set() for name in ports}
    for opener, name in zip(openers, list(ports) * SESSIONS, strict=True):
        talk = db.session.query(Conversation).filter_by(opened_by=opener.id).one()
        ends[name].add((talk.state["node"], talk.state["outcome"]))
    assert ends == dict.fromkeys(ports, {("n4", "failure")})
    if IS_FULL:
        assert longest <= 10
        assert p95 <= 500


def _open() -> int:
    db.session.rollback()
    return db.session.query(Request).filter(Request.status != "done").count()
