"""Which addresses outgoing calls may reach: none of ours, none of our networks, whatever it is written like."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from flowbuilder.outside import addresses
from flowbuilder.outside.addresses import Refused, check_url, resolve
from flowbuilder.outside.post import post

INSIDE = [
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1", "127.1.2.3", "127.255.255.254",
    "169.254.0.1", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.254", "192.0.0.1", "192.0.0.192", "192.0.2.1",
    "192.88.99.1", "192.168.0.1", "192.168.255.254", "198.18.0.1", "198.19.255.254", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:0:4136:e378::1",
    "2001:db8::1", "2002:7f00:1::", "2002:a9fe:a9fe::", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fdff::1", "fe80::1",
    "fe80::1%eth0", "febf::1", "fec0::1", "ff02::1", "ff0e::1",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1",
    "8.8.8.8",
    "100.63.255.255",
    "100.128.0.1",
    "172.15.0.1",
    "172.32.0.1",
    "192.167.0.1",
    "2606:4700::1111",
    "2a00:1450::1",
]
NAMES = ["example.com", "a.example", "xn--mnchen-3ya.example"]


def test_nobody_waits_for_a_name_that_is_not_found_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    found = threading.Event()
    monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: found.wait(20) and [])
    monkeypatch.setattr(addresses, "_PATIENCE", 0.05)
    with pytest.raises(Refused, match="could not be looked up"):
        resolve("slow.example", 443, loopback=False)
    found.set()


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let every name stand for these addresses; at the second look for others."""

    def stand_for(*found: str) -> None:
        answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in found]
        monkeypatch.setattr(addresses.socket, "getaddrinfo", lambda *_, **__: answer)

    return stand_for


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("address", INSIDE)
def test_a_name_that_stands_for_an_inner_address_is_refused(names: Callable[..., None], name: str, address: str) -> None:
    names(address)
    with pytest.raises(Refused):
        resolve(name, 443, loopback=False)
    with pytest.raises(Refused):
        resolve(name, 443, loopback=True)


@pytest.mark.parametrize("address", INSIDE)
def test_one_inner_address_among_good_ones_is_enough(names: Callable[..., None], address: str) -> None:
    names("1.1.1.1", address)
    with pytest.raises(Refused):
        resolve("example.com", 443, loopback=False)


@pytest.mark.parametrize("address", OUTSIDE)
def test_addresses_of_the_world_are_reached(names: Callable[..., None], address: str) -> None:
    names(address)
    assert resolve("example.com", 443, loopback=False) == address


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "//example.com/", "example.com", "",
        "https://", "https:///x", "https://user@example.com/", "https://user:pass@example.com/", "https://:@example.com/",
        "https://example.com:8443/", "https://example.com:22/", "https://example.com:99999/", "https://example.com:x/",
        "https://exa mple.com/", "https://example.com/\r\nX: y", "https://example.com\\@127.0.0.1/", "https://münchen.example/",
        "https://[::1/", "javascript:alert(1)", "data:text/plain,x", "http://127.0.0.1/", "http://localhost/", "http://[::1]/",
        "http://0x7f000001/", "http://2130706433/", "http://0177.0.0.1/", "http://127.1/",
    ],
)  # fmt: skip
def test_an_address_of_another_form_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url, loopback=False)


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "0177.0.0.1", "127.1", "017700000001", "0x7f.1"])
def test_numbers_that_mean_this_machine_are_refused_when_they_are_looked_up(host: str) -> None:
    with pytest.raises(Refused):
        resolve(host, 443, loopback=False)


@pytest.mark.parametrize("url", ["http://127.0.0.1:5000/x", "http://localhost:80/", "https://[::1]:8443/"])
def test_this_machine_is_reached_where_that_is_allowed(url: str) -> None:
    check_url(url, loopback=True)


def test_a_name_never_leads_to_this_machine_even_where_that_is_allowed(names: Callable[..., None]) -> None:
    names("127.0.0.1")
    with pytest.raises(Refused):
        resolve("rebind.example", 80, loopback=True)


def test_the_connection_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch, names: Callable[..., None]) -> None:
    """A name server that answers the second question otherwise gains nothing: there is none."""
    names("1.1.1.1")
    reached: list[Any] = []

    def connect(address: tuple[str, int], *_: Any, **__: Any) -> None:
        reached.append(address)
        raise OSError("far enough")

    monkeypatch.setattr("urllib3.util.connection.create_connection", connect)

    answer = post("https://rebind.example/hook", b"{}", {}, loopback=False)

    assert reached == [("1.1.1.1", 443)]
    assert (answer.status, answer.is_good) == (None, False)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Any, status: int) -> None:
    receiver.answers = [status]

    answer = post(receiver.url, b"{}", {}, loopback=True)

    assert (answer.status, len(receiver.heard)) == (status, 1)
    assert "leads elsewhere" in answer.error


def test_a_long_answer_is_cut_short(receiver: Any) -> None:
    assert len(post(receiver.url, b"{}", {}, loopback=True).body) == 2048


def test_a_proxy_of_the_environment_is_not_used(receiver: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert post(receiver.url, b"{}", {}, loopback=True).is_good


def test_whoever_does_not_answer_is_told_so(receiver: Any) -> None:
    assert post("http://127.0.0.1:1/", b"{}", {}, loopback=True).error == "No connection could be made, or it broke off."
