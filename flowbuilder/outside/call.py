"""One call of an address that somebody gave us: no proxies, no redirects, little patience, and an answer cut short."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from flowbuilder.outside.addresses import Refused, check_url, resolve

_CONNECT, _READ, _WITHIN = 3.05, 10.0, 15.0
_PIECE = 16_384


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; without a ``status`` nothing did, and ``error`` says why. ``was_sent`` is whether it may have arrived.
    ``is_whole`` is whether the body is all that was sent back.
    """

    status: int | None
    body: str
    error: str
    milliseconds: int
    was_sent: bool = True
    is_whole: bool = True

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Pinned(HTTPAdapter):
    """Connects to an address that was looked up and allowed just now, whatever a second look-up would say."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        self._sockets: list[socket.socket] = []
        super().__init__(max_retries=0)

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool, sockets = super().get_connection_with_tls_context(*args, **kwargs), self._sockets

        class Watched(pool.ConnectionCls):
            def _new_conn(self) -> socket.socket:
                made = super()._new_conn()
                sockets.append(made.dup())
                return made

        pool.ConnectionCls = Watched
        return pool

    def cut(self) -> None:
        """End the call, whatever it waits for: patience with each byte is none with somebody who sends one after the other."""
        for one in self._sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for one in self._sockets:
            one.close()
        super().close()

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        request.headers["Host"] = urlsplit(request.url or "").netloc
        return super().send(request, *args, **kwargs)

    def build_connection_pool_key_attributes(self, request: requests.PreparedRequest, verify: Any, cert: Any = None) -> Any:
        host, pool = super().build_connection_pool_key_attributes(request, verify, cert)
        name = host["host"]
        port = host["port"] or (443 if host["scheme"] == "https" else 80)
        host["host"] = resolve(name, port, loopback=self._loopback)
        if host["scheme"] == "https":
            pool |= {"server_hostname": name, "assert_hostname": name}
        return host, pool


def call(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, loopback: bool, most: int, within: float = _WITHIN
) -> Answer:
    """Never raises for what the other side does, and ends ``within`` so many seconds. Of the body the first ``most`` bytes are read."""
    began = time.monotonic()
    patience = min(_CONNECT, within), min(_READ, within)

    def nothing(words: str, *, was_sent: bool) -> Answer:
        return Answer(None, "", words, _since(began), was_sent)

    try:
        check_url(url, loopback=loopback)
        with requests.Session() as session, _limited(adapter := _Pinned(loopback=loopback), within):
            session.trust_env = False
            session.mount("https://", adapter)
            session.mount("http://", adapter)
            how = {"timeout": patience, "allow_redirects": False, "stream": True}
            with session.request(method, url, data=body, headers=dict(headers), **how) as answer:
                text, is_whole = _text(answer, began + within, most)
                return Answer(answer.status_code, text, _words(answer.status_code), _since(began), is_whole=is_whole)
    except Refused as error:
        return nothing(str(error), was_sent=False)
    except requests.ConnectTimeout:
        return nothing(f"No connection could be made within {patience[0]:.0f} seconds.", was_sent=False)
    except requests.Timeout:
        return nothing(f"No answer came within {patience[1]:.0f} seconds.", was_sent=True)
    except requests.exceptions.SSLError:
        return nothing("Its certificate is not valid for this address.", was_sent=False)
    except (requests.RequestException, OSError, ValueError):
        if time.monotonic() - began > within:
            return nothing(f"Its answer took longer than {within:.0f} seconds.", was_sent=True)
        return nothing("No connection could be made, or it broke off.", was_sent=True)


@contextmanager
def _limited(adapter: _Pinned, within: float) -> Iterator[None]:
    timer = threading.Timer(within, adapter.cut)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _text(answer: requests.Response, deadline: float, most: int) -> tuple[str, bool]:
    """The beginning of the body, and whether it is all of it; whoever dribbles is cut off."""
    data = b""
    for piece in answer.iter_content(min(most, _PIECE)):
        data += piece
        if len(data) > most or time.monotonic() > deadline:
            break
    is_whole = len(data) <= most and time.monotonic() <= deadline
    return data[:most].decode("utf-8", "replace").replace("\x00", ""), is_whole


def _words(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered {status}, which leads elsewhere; we do not follow. Enter the final address."
    return f"It answered {status}."


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
