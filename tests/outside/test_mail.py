"""Mail over servers that people have given us: only to where mail servers are, once, and never with a traceback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

from flowbuilder.outside.addresses import Refused
from flowbuilder.outside.mail import Sent, Server, check, send


@pytest.fixture
def speaking() -> Iterator[Callable[..., Server]]:
    """Call it with the lines of a server that answers one line after each that it hears, and then hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(lines: tuple[str, ...]) -> None:
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as heard:
            for line in lines:
                connection.sendall(f"{line}\r\n".encode())
                if not heard.readline():
                    return

    def speak(*lines: str) -> Server:
        threading.Thread(target=answer, args=(lines,), daemon=True).start()
        port = listener.getsockname()[1]
        return Server("127.0.0.1", port, "none", own_port=port)

    yield speak
    listener.close()


def _mail() -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.com", "b@example.com", "Hi"
    message.set_content("Hello")
    return message


@pytest.mark.parametrize(
    "host", ["10.0.0.5", "192.168.1.1", "169.254.169.254", "172.16.3.4", "0.0.0.0", "100.64.0.1", "2130706433", "127.1", "224.0.0.1"]
)
def test_private_networks_are_not_reached(host: str) -> None:
    assert "not reached" in send(Server(host, 25, "none", own_port=8025), _mail()).error


@pytest.mark.parametrize(
    ("host", "port"),
    [("127.0.0.1", 6379), ("localhost", 25), ("127.0.0.1", 8000), ("smtp.example.com", 6379), ("smtp.example.com", 8025), ("a b", 25),
     ("", 25), ("user@smtp.example.com", 25), ("smtp.example.com:25", 25), ("[::1]", 8025)],
)  # fmt: skip
def test_only_mail_ports_and_the_own_mailbox_are_reached(host: str, port: int) -> None:
    with pytest.raises(Refused):
        check(Server(host, port, "none", own_port=8025))


def test_what_broke_off_before_the_mail_itself_surely_never_left(speaking: Callable[..., Server]) -> None:
    assert send(speaking("220 hi", "250 ok", "250 sender ok"), _mail()).was_handed_over is False


def test_what_broke_off_after_the_mail_nobody_can_tell(speaking: Callable[..., Server]) -> None:
    assert send(speaking("220 hi", "250 ok", "250 sender ok", "250 to ok", "354 go on"), _mail()).was_handed_over is True


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("554 no",), "No connection"),
        (("220 hi", "250 ok", "550 who are you?"), "refused the mail: 550 who are you?"),
        (("220 hi", "250 ok", "250 ok", "550 no such box", "250 reset"), "does not take mail for this address"),
        (("nonsense", "250 ok"), "No connection"),
    ],
)
def test_a_refusal_is_told_in_words(speaking: Callable[..., Server], lines: tuple[str, ...], words: str) -> None:
    sent = send(speaking(*lines), _mail())
    assert words in sent.error
    assert sent == Sent(sent.error, False)


def test_nobody_listening_is_told_in_words() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    assert "No connection" in send(Server("127.0.0.1", port, "none", own_port=port), _mail()).error
