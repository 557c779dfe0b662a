"""The lean adapter: the same answers as requests, and failures that say whether anything left."""

from __future__ import annotations

import socket
import socketserver
import threading
from collections.abc import Callable, Iterator

import pytest
import requests

from flowbuilder.whatsapp import transport
from flowbuilder.whatsapp.errors import CloudError, MaybeSent, NotSent
from flowbuilder.whatsapp.transport import LeanAdapter, Sender

Answer = Callable[[socket.socket, bytes], None]
_TAKEN = b'{"messaging_product":"whatsapp","contacts":[{"wa_id":"4915100000001"}],"messages":[{"id":"wamid.1"}]}'


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return b""
        data += more
    head, body = data.split(b"\r\n\r\n", 1)
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def _http(body: bytes, status: str = "200 OK", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{extra}Content-Length: {len(body)}\r\n\r\n".encode() + body


class _Stub(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        self.seen: list[bytes] = []
        self.connections = 0
        stub = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                stub.connections += 1
                while data := _read_request(self.request):
                    stub.seen.append(data)
                    if answer(self.request, data) == "close":
                        return

        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def stub() -> Iterator[Callable[[Answer], _Stub]]:
    servers = []

    def start(answer: Answer) -> _Stub:
        server = _Stub(answer)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_session_with_the_lean_adapter_gives_ordinary_responses(stub) -> None:
    server = stub(lambda s, _: s.sendall(_http(b'{"a":"\xc3\xa4"}', extra="X-Word: yes\r\n")))
    with requests.Session() as session:
        session.mount("http://", LeanAdapter())
        response = session.post(server.url + "/x?y=1", json={"b": 2}, timeout=(1, 1))
    assert response.json() == {"a": "ä"}
    assert response.headers["x-word"] == "yes"
    assert server.seen[0].startswith(b"POST /x?y=1 HTTP/1.1")
    assert server.seen[0].endswith(b'{"b": 2}')


def test_an_accepted_message_has_its_id_and_carries_the_token(stub) -> None:
    server = stub(lambda s, _: s.sendall(_http(_TAKEN)))
    accepted = Sender(server.url, "secret", "42").send({"to": "+4915100000001"})
    assert (accepted.wamid, accepted.wa_id) == ("wamid.1", "4915100000001")
    assert server.seen[0].startswith(b"POST /v25.0/42/messages HTTP/1.1")
    assert b"Authorization: Bearer secret" in server.seen[0]


def test_one_thread_keeps_one_connection(stub) -> None:
    server = stub(lambda s, _: s.sendall(_http(_TAKEN)))
    sender = Sender(server.url, "t", "42")
    for _ in range(5):
        sender.send({})
    assert server.connections == 1


def test_nobody_listening_means_not_sent() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(NotSent):
            Sender(f"http://127.0.0.1:{port}", "t", "42").send({})


def test_a_server_without_tls_means_not_sent(stub) -> None:
    server = stub(lambda s, _: s.sendall(b"nonsense"))
    with pytest.raises(NotSent):
        Sender(server.url.replace("http:", "https:"), "t", "42").send({})


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Le", b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", b"garbage\r\n\r\n"]
)
def test_a_connection_that_breaks_after_the_request_means_maybe_sent(stub, answer: bytes) -> None:
    def break_off(connection: socket.socket, _data: bytes) -> str:
        connection.sendall(answer)
        return "close"

    with pytest.raises(MaybeSent):
        Sender(stub(break_off).url, "t", "42").send({})


def test_no_answer_in_time_means_maybe_sent(stub, monkeypatch) -> None:
    monkeypatch.setattr(transport, "TIMEOUT", (0.5, 0.1))
    with pytest.raises(MaybeSent):
        Sender(stub(lambda s, d: None).url, "t", "42").send({})


@pytest.mark.parametrize(
    ("status", "body"), [("502 Bad Gateway", b"<html>"), ("200 OK", b"{}"), ("200 OK", b"["), ("302 Found", b""), ("500 X", b"{}")]
)
def test_an_answer_that_proves_nothing_means_maybe_sent(stub, status: str, body: bytes) -> None:
    server = stub(lambda s, _: s.sendall(_http(body, status, "Location: /elsewhere\r\n")))
    with pytest.raises(MaybeSent):
        Sender(server.url, "t", "42").send({})
    assert len(server.seen) == 1


def test_metas_refusal_keeps_its_code(stub) -> None:
    refusal = b'{"error":{"message":"(#130429) Rate limit hit","code":130429}}'
    server = stub(lambda s, _: s.sendall(_http(refusal, "400 Bad Request")))
    with pytest.raises(CloudError) as refused:
        Sender(server.url, "t", "42").send({})
    assert refused.value.code == 130429


def test_a_connection_that_was_closed_while_idle_is_not_used_again(stub) -> None:
    def answer_and_close(connection: socket.socket, _data: bytes) -> str:
        connection.sendall(_http(_TAKEN))
        return "close"

    server = stub(answer_and_close)
    sender = Sender(server.url, "t", "42")
    for _ in range(3):
        sender.send({})
        threading.Event().wait(0.05)
    assert server.connections == 3


def test_a_connection_idle_for_long_is_not_used_again(stub, monkeypatch) -> None:
    monkeypatch.setattr(transport, "IDLE_SECONDS", 0)
    server = stub(lambda s, _: s.sendall(_http(_TAKEN)))
    sender = Sender(server.url, "t", "42")
    sender.send({})
    sender.send({})
    assert server.connections == 2


def test_a_token_that_no_header_can_carry_means_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        with pytest.raises(NotSent):
            Sender(f"http://127.0.0.1:{listener.getsockname()[1]}", "t\u2713ken", "42").send({})
        with pytest.raises(TimeoutError):
            listener.accept()
