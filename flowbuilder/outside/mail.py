"""One mail over a mail server that somebody gave us: to an address that was looked up and allowed just now, with little patience."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from dataclasses import dataclass
from email.message import EmailMessage

import requests

from flowbuilder.outside.addresses import Refused, check_literal, is_loopback, resolve

PORTS = (25, 465, 587, 2525)
_PATIENCE, _LONGEST = 10.0, 25.0


@dataclass(frozen=True, slots=True)
class Server:
    """``encryption`` is none, starttls or tls. ``own_port`` is the only port that is reached on this machine, if any is."""

    host: str
    port: int
    encryption: str
    user_name: str = ""
    password: str = ""
    own_port: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    """``error`` says in words why not. ``was_handed_over``: the mail itself was on its way when it broke off, so nobody can tell."""

    error: str = ""
    was_handed_over: bool = False


class _Connection(smtplib.SMTP):
    """Knows its address beforehand, ends in time whatever the other side does, and whether the mail itself was begun."""

    has_begun = False

    def __init__(self, server: Server) -> None:
        self._server, self._deadline = server, time.monotonic() + _LONGEST
        super().__init__(server.host, server.port, timeout=_PATIENCE)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        address = resolve(host, port, loopback=_is_own(self._server))
        plain = socket.create_connection((address, port), timeout)
        if self._server.encryption != "tls":
            return plain
        return _trusting().wrap_socket(plain, server_hostname=host)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.sock.settimeout(max(0.1, min(_PATIENCE, self._deadline - time.monotonic())))
        return super().getreply()

    def data(self, message: bytes | str) -> tuple[int, bytes]:
        self.has_begun = True
        return super().data(message)


def check(server: Server) -> None:
    """The form of host and port. Raises Refused."""
    if not server.host or not server.host.isascii() or not server.host.isprintable() or set(server.host) & set(" /\\@:[]%"):
        raise Refused("Enter the name of a mail server such as smtp.example.com.")
    if is_loopback(server.host):
        if not _is_own(server):
            raise Refused("On this machine only the mailbox of the simulator is reached, and only where a line is the simulator's.")
        return
    check_literal(server.host)
    if server.port not in PORTS:
        raise Refused("Mail servers are reached on the ports 25, 465, 587 and 2525 only.")


def send(server: Server, message: EmailMessage) -> Sent:
    """Never raises for what the other side does. Sent once; nothing is tried again."""
    connection: _Connection | None = None
    try:
        check(server)
        connection = _Connection(server)
        if server.encryption == "starttls":
            connection.starttls(context=_trusting())
        if server.user_name:
            connection.login(server.user_name, server.password)
        connection.send_message(message)
        return Sent()
    except Refused as error:
        return Sent(str(error))
    except Exception as error:
        return _problem(error, has_begun=connection is not None and connection.has_begun)
    finally:
        if connection is not None:
            connection.close()


def _trusting() -> ssl.SSLContext:
    """Whom this machine trusts, and whom browsers trust, for machines that know of nobody."""
    context = ssl.create_default_context()
    context.load_verify_locations(requests.certs.where())
    return context


def _is_own(server: Server) -> bool:
    return bool(server.own_port) and server.port == server.own_port and is_loopback(server.host)


def _problem(error: Exception, *, has_begun: bool) -> Sent:
    match error:
        case smtplib.SMTPAuthenticationError():
            return Sent("The mail server does not take this user name and password.")
        case smtplib.SMTPRecipientsRefused():
            return Sent("The mail server does not take mail for this address.")
        case smtplib.SMTPSenderRefused() | smtplib.SMTPDataError():
            words = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
            return Sent(f"The mail server refused the mail: {error.smtp_code} {words}"[:300])
        case smtplib.SMTPNotSupportedError():
            return Sent("The mail server does not offer what the settings ask for: look at the encryption and the user name.")
        case ssl.SSLCertVerificationError(verify_code=code):
            return Sent(_distrust(code))
        case ssl.SSLError():
            return Sent("No encrypted connection could be made. Look at the port and the encryption.")
        case TimeoutError():
            return Sent("The mail server did not answer in time. Look at the port and the encryption, too.", has_begun)
        case smtplib.SMTPException() | OSError() | ValueError():
            return Sent("No connection to the mail server could be made, or it broke off.", has_begun)
    raise error


def _distrust(code: int) -> str:
    """By OpenSSL's code of what is wrong (X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_CERT_HAS_EXPIRED, or of who vouches)."""
    match code:
        case 62:
            return "The certificate of the mail server is made out to another name. Enter the host as your provider writes it."
        case 10:
            return "The certificate of the mail server has expired. Whoever runs the server must renew it."
    return "Nobody whom this machine trusts vouches for the certificate of the mail server, so nothing was sent to it."
