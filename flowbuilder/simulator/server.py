"""The standard library's threaded HTTP server, taught WSGI and kept connections.

It lives in one process with the clockwork, so that one kill takes everything; and it hands the connection to the app,
because some faults (an answer that never comes, half an answer) are made on the wire, where larger servers let nobody in.
"""

from __future__ import annotations

import io
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

from flask import Flask

LARGEST_BODY = 110 * 1024 * 1024


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one write
    timeout = 75
    hung_up = False
    server: Server

    def _answer(self) -> None:
        try:
            body = self._body()
        except ValueError as error:
            self.close_connection = True
            self.send_error(400, str(error))
            return
        if body is None:
            self.close_connection = True
            self.send_error(413)
            return
        started: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            started[:] = [status, headers]
            return lambda data: None

        chunks = self.server.app.wsgi_app(self._environ(body), start_response)
        try:
            content = b"".join(chunks)
        finally:
            getattr(chunks, "close", lambda: None)()
        if not self.hung_up:
            self._write(*started, content)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_OPTIONS = do_PATCH = _answer

    def _body(self) -> bytes | None:
        if "chunked" in (self.headers.get("Transfer-Encoding") or "").lower():
            return self._chunked_body()
        length = int(self.headers.get("Content-Length") or 0)
        if not 0 <= length <= LARGEST_BODY:
            return None
        return self.rfile.read(length)

    def _chunked_body(self) -> bytes | None:
        parts, total = [], 0
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            total += size
            if not 0 < size <= total <= LARGEST_BODY:
                return None
            parts.append(self.rfile.read(size))
            self.rfile.readline(8)
        while self.rfile.readline(1024).strip():
            pass
        return b"".join(parts)

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        host, port = self.server.server_address[:2]
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "REQUEST_URI": self.path,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "simulator.handler": self,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):  # names with "_" stay: the resumable upload says file_offset
                environ[f"HTTP_{key}"] = value
        return environ

    def _write(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response_only(int(code), reason)
        self.send_header("Date", self.date_time_string())
        for name, value in headers:
            if name.lower() != "content-length":
                self.send_header(name, value)
        if int(code) not in (204, 304):
            self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def hang_up(self, first_bytes: bytes = b"") -> None:
        """End the connection without an answer, or in the middle of one."""
        self.close_connection = self.hung_up = True
        try:
            self.wfile.write(first_bytes)
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def finish(self) -> None:
        try:
            super().finish()
        except (ConnectionError, ValueError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the ledger is the record."""


class _Away(Exception):
    """An outage has begun."""


class Server(ThreadingHTTPServer):
    """Serves one app; bind errors are raised as OSError. While ``is_away`` nobody can connect, and who was connected is cut off."""

    daemon_threads = True
    request_queue_size = 512
    allow_reuse_port = False

    def __init__(self, host: str, port: int, app: Flask, is_away: Callable[[], bool]) -> None:
        self.app, self._is_away, self._is_ending = app, is_away, False
        self._connections: set[socket.socket] = set()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        """As the parent does, without its look-up of the host's name."""
        socket.setdefaulttimeout(None)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def serve_forever(self, poll_interval: float = 0.5) -> None:
        while True:
            try:
                super().serve_forever(poll_interval)
                return
            except _Away:
                self._be_away()
            if self._is_ending:
                return

    def shutdown(self) -> None:
        self._is_ending = True
        super().shutdown()

    def service_actions(self) -> None:
        if self._is_away():
            raise _Away

    def get_request(self) -> tuple[socket.socket, object]:
        connection, address = super().get_request()
        self._connections.add(connection)
        return connection, address

    def close_request(self, request: socket.socket) -> None:
        self._connections.discard(request)
        super().close_request(request)

    def _be_away(self) -> None:
        """Nobody listens on the port until the outage is over."""
        self.socket.close()
        for connection in list(self._connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        while self._is_away() and not self._is_ending:
            time.sleep(0.02)
        self.socket = socket.socket(self.address_family, self.socket_type)
        self.server_bind()
        self.server_activate()


def make_server(host: str, port: int, app: Flask) -> Server:
    """Bind and listen; raises OSError when the port is taken."""
    return Server(host, port, app, app.extensions["simulator"].faults.is_out)
