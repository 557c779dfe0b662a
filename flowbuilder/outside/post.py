"""One post to an address that somebody gave us, of whose answer only the beginning matters."""

from __future__ import annotations

from collections.abc import Mapping

from flowbuilder.outside.call import Answer, call

__all__ = ["Answer", "post"]

_MOST_BYTES = 2048


def post(url: str, body: bytes, headers: Mapping[str, str], *, loopback: bool) -> Answer:
    """Never raises for what the other side does."""
    return call("POST", url, body, headers, loopback=loopback, most=_MOST_BYTES)
