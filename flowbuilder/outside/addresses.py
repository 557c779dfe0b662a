"""Which network addresses may be reached. An explicit list of what may not: ``is_global`` calls some of these global."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_CLOSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
    )
)  # fmt: skip
"""Special-purpose registries of IANA; those that carry an IPv4 address inside, such as 6to4 and NAT64, are closed as a whole."""


_PATIENCE = 2.0
_CLOSED_WORDS = "This address lies in a network that is not reached from here."


class Refused(Exception):
    """An address that may not be reached; its words are for people."""


def check_url(url: str, *, loopback: bool) -> None:
    """The form of an address: https and its usual port; on this machine, where that is allowed, http and any port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Refused("This is no web address.") from None
    host = parts.hostname or ""
    if not host or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise Refused("Enter a web address such as https://example.com/hook, in plain ASCII.")
    if parts.username is not None or parts.password is not None:
        raise Refused("The address may hold no name and password; the signature tells that it is us.")
    if loopback and is_loopback(host) and parts.scheme in ("http", "https"):
        return
    if parts.scheme != "https":
        raise Refused("The address must begin with https://, so that nobody can read along.")
    if port not in (None, 443):
        raise Refused("Only the usual port of https, 443, is reached.")


def check_literal(host: str) -> None:
    """A host that is an address already: whether it may be reached."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return
    if not _is_allowed(address, loopback=False):
        raise Refused(_CLOSED_WORDS)


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def resolve(host: str, port: int, *, loopback: bool) -> str:
    """The address to connect to. All that the name stands for must be allowed, or none of it is reached."""
    addresses = _looked_up(host, port)
    _check(addresses, loopback=loopback and is_loopback(host))
    return addresses[0]


def _looked_up(host: str, port: int) -> list[str]:
    """Looking up a name ends when the system likes; nobody waits for it that long."""
    found: list[str] = []

    def look() -> None:
        with suppress(OSError, UnicodeError):
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(_PATIENCE)
    if looking.is_alive():
        raise Refused(f"Its name could not be looked up within {_PATIENCE:.0f} seconds.")
    return found


def _check(addresses: Sequence[str], *, loopback: bool) -> None:
    if not addresses:
        raise Refused("No machine has this name.")
    for text in addresses:
        if "%" in text or not _is_allowed(ipaddress.ip_address(text), loopback=loopback):
            raise Refused(_CLOSED_WORDS)


def _is_allowed(address: Address, *, loopback: bool) -> bool:
    if loopback:
        return address.is_loopback
    return not any(address in network for network in _CLOSED if network.version == address.version)
