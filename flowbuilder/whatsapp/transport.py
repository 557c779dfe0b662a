"""Sending in bulk: one kept connection per thread and as little work per message as HTTP allows.

``LeanAdapter`` fits any ``requests.Session``; ``Sender`` leaves even the session out. Neither follows redirects, uses
proxies, keeps cookies or unpacks anything. What a failure proves is decided in ``answers``: here only failures before
the first byte of a request are told apart, by the cause ``NewConnectionError``.
"""

from __future__ import annotations

import http.client
import json
import select
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, urlsplit

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import NewConnectionError

from flowbuilder.whatsapp import answers
from flowbuilder.whatsapp.client import TIMEOUT, Accepted, graph_url

IDLE_SECONDS = 20.0
_READ_FAILED = (http.client.HTTPException, OSError)


class _Kept(threading.local):
    """Each thread's own connections, by where they lead."""

    def __init__(self) -> None:
        self.connections: dict[tuple[str, str], http.client.HTTPConnection] = {}
        self.used_at: dict[tuple[str, str], float] = {}


class LeanAdapter(BaseAdapter):
    """``requests`` over ``http.client``: a fifth of the processor time of the usual adapter."""

    def __init__(self) -> None:
        super().__init__()
        self._kept = _Kept()
        self._tls: ssl.SSLContext | None = None

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        """One exchange. ConnectionError from NewConnectionError: nothing left; any other failure: perhaps all of it did."""
        url = urlsplit(request.url or "")
        try:
            data = _bytes_of(request, url)
        except UnicodeError as error:
            raise requests.exceptions.InvalidHeader(error, request=request) from error
        answer, body = self.exchange(request, (url.scheme, url.netloc), data, timeout)
        return _response(request, answer, body)

    def exchange(
        self, request: requests.PreparedRequest, where: tuple[str, str], data: bytes, timeout: Any
    ) -> tuple[http.client.HTTPResponse, bytes]:
        """What ``send`` does with a request that is ready as bytes; ``request`` only names it in errors."""
        wait, read = timeout if isinstance(timeout, tuple) else (timeout, timeout)
        connection = self._connection(where, wait, read, request)
        answer = http.client.HTTPResponse(connection.sock, method=request.method)
        try:
            connection.sock.sendall(data)
            answer.begin()
            body = answer.read()
        except TimeoutError as error:
            self._drop(where)
            raise requests.ReadTimeout(error, request=request) from error
        except _READ_FAILED as error:
            self._drop(where)
            raise requests.ConnectionError(error, request=request) from error
        except BaseException:
            self._drop(where)
            raise
        if answer.will_close:
            self._drop(where)
        self._kept.used_at[where] = time.monotonic()
        return answer, body

    def close(self) -> None:
        """Close this thread's connections; those of other threads end with them."""
        for where in list(self._kept.connections):
            self._drop(where)

    def _connection(self, where: tuple[str, str], wait: Any, read: Any, request: requests.PreparedRequest) -> http.client.HTTPConnection:
        kept = self._kept.connections.get(where)
        if kept and kept.sock and time.monotonic() - self._kept.used_at[where] < IDLE_SECONDS and not _is_hung_up(kept.sock):
            return kept
        self._drop(where)
        try:
            connection = self._made(where, wait)
            connection.connect()
        except (OSError, UnicodeError, http.client.InvalidURL) as error:
            raise requests.ConnectionError(NewConnectionError(None, str(error)), request=request) from error
        connection.sock.settimeout(read)
        self._kept.connections[where] = connection
        return connection

    def _made(self, where: tuple[str, str], wait: Any) -> http.client.HTTPConnection:
        scheme, place = where
        if scheme == "http":
            return http.client.HTTPConnection(place, timeout=wait)
        self._tls = self._tls or ssl.create_default_context(cafile=requests.certs.where())
        return http.client.HTTPSConnection(place, timeout=wait, context=self._tls)

    def _drop(self, where: tuple[str, str]) -> None:
        connection = self._kept.connections.pop(where, None)
        if connection:
            connection.close()


class Sender:
    """One line's way to Meta for many threads: ``Client.send`` and its errors without the price of a session."""

    def __init__(self, base_url: str, token: str, phone_number_id: str) -> None:
        self._adapter = LeanAdapter()
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Accept-Encoding": "identity"}
        self._request = requests.Request("POST", f"{graph_url(base_url)}/{phone_number_id}/messages", headers=headers).prepare()
        self._request.headers.pop("Content-Length", None)
        self._url = urlsplit(self._request.url or "")

    def send(self, payload: Mapping[str, Any]) -> Accepted:
        """Send one message. Only a readable answer that names it counts as accepted."""
        try:
            body = json.dumps(payload, separators=(",", ":")).encode()
            data = b"%sContent-Length: %d\r\n\r\n%s" % (self._head, len(body), body)
            answer, said = self._adapter.exchange(self._request, (self._url.scheme, self._url.netloc), data, TIMEOUT)
        except (requests.RequestException, ValueError, OSError) as error:
            raise answers.lost(error) from error
        return Accepted(*answers.accepted(answers.read(answer.status, said, answer.headers.get("Retry-After"))))

    @cached_property
    def _head(self) -> bytes:
        """All of a request before the length of its body: the same for every message."""
        try:
            return _bytes_of(self._request, self._url).removesuffix(b"\r\n")
        except UnicodeError as error:
            raise requests.exceptions.InvalidHeader(error, request=self._request) from error


def _bytes_of(request: requests.PreparedRequest, url: SplitResult) -> bytes:
    """Head and body as one piece, so that one system call carries both."""
    path = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
    head = [f"{request.method} {path} HTTP/1.1", f"Host: {url.netloc}"]
    head += [f"{_text(name)}: {_text(value)}" for name, value in request.headers.items()]
    body = request.body or b""
    return "\r\n".join([*head, "", ""]).encode("latin-1") + (body.encode() if isinstance(body, str) else body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _is_hung_up(sock: socket.socket) -> bool:
    """Whether the other side closed the connection, or said something unasked, while it was idle."""
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _response(request: requests.PreparedRequest, answer: http.client.HTTPResponse, body: bytes) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.reason = answer.reason
    response.headers = CaseInsensitiveDict(answer.headers.items())
    response.url = request.url or ""
    response.request = request
    response._content = body
    response.encoding = "utf-8"
    return response
