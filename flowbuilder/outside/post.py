"""One post to an address that somebody gave us: no proxies, no redirects, little patience, and an answer cut short."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter

from flowbuilder.outside.addresses import Refused, check_url, resolve

_TIMEOUT = (3.05, 10)
_LONGEST_SECONDS = 15.0
_MOST_BYTES = 2048


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; without a ``status`` nothing did, and ``error`` says why."""

    status: int | None
    body: str
    error: str
    milliseconds: int

    @property
    def is_good(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


class _Pinned(HTTPAdapter):
    """Connects to an address that was looked up and allowed just now, whatever a second look-up would say."""

    def __init__(self, *, loopback: bool) -> None:
        self._loopback = loopback
        super().__init__(max_retries=0)

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


def post(url: str, body: bytes, headers: Mapping[str, str], *, loopback: bool) -> Answer:
    """Never raises for what the other side does."""
    began = time.monotonic()
    try:
        check_url(url, loopback=loopback)
        with requests.Session() as session:
            session.trust_env = False
            session.mount("https://", _Pinned(loopback=loopback))
            session.mount("http://", _Pinned(loopback=loopback))
            with session.post(url, data=body, headers=dict(headers), timeout=_TIMEOUT, allow_redirects=False, stream=True) as answer:
                return Answer(answer.status_code, _text(answer, began), _words(answer.status_code), _since(began))
    except Refused as error:
        return Answer(None, "", str(error), _since(began))
    except requests.Timeout:
        return Answer(None, "", "No answer came within 10 seconds.", _since(began))
    except requests.exceptions.SSLError:
        return Answer(None, "", "Its certificate is not valid for this address.", _since(began))
    except (requests.RequestException, OSError, ValueError):
        return Answer(None, "", "No connection could be made, or it broke off.", _since(began))


def _text(answer: requests.Response, began: float) -> str:
    """The beginning of the body; whoever dribbles is cut off."""
    data = b""
    for piece in answer.iter_content(512):
        data += piece
        if len(data) >= _MOST_BYTES or time.monotonic() - began > _LONGEST_SECONDS:
            break
    return data[:_MOST_BYTES].decode("utf-8", "replace").replace("\x00", "")


def _words(status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 300 <= status < 400:
        return f"It answered {status}, which leads elsewhere; we do not follow. Enter the final address."
    return f"It answered {status}."


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
