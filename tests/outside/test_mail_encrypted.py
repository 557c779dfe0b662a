"""Mail over servers that encrypt, by TLS at once or by STARTTLS: only to one whose certificate is trusted and made out to its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import PROTOCOL_TLS_SERVER, SSLContext
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient

from flowbuilder.outside.mail import Server, send
from flowbuilder.services.accounts import mail
from flowbuilder.store.accounts import Line
from tests.fixtures.servers import free_port
from tests.outside.test_mail import _mail

NAME, PASSWORD = "ann", "s3cret"
_UNTRUSTED = "Nobody whom this machine trusts vouches for the certificate"


class Served:
    """A mail server, the mails that it took and the passwords that it heard."""

    def __init__(self, server: Server, certificate: Path) -> None:
        self.server, self.certificate = server, certificate
        self.mails: list[bytes] = []
        self.passwords: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope.content)
        return "250 Kept"

    def judge(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
        self.passwords.append(given.password)
        return AuthResult(success=(given.login, given.password) == (NAME.encode(), PASSWORD.encode()), handled=False)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    """Call it with the encryption that is offered (and the name in the certificate, and its days): a server that listens."""
    running: list[Controller] = []

    def start(encryption: str, name: str = "localhost", days: int = 1) -> Served:
        certificate, context = _certificate(tmp_path / "certificate.pem", name, days), SSLContext(PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        port = free_port()
        served = Served(Server("localhost", port, encryption, NAME, PASSWORD, own_port=port), certificate)
        ways = {"tls": {"ssl_context": context, "auth_require_tls": False}, "starttls": {"tls_context": context, "require_starttls": True}}
        more = ways.get(encryption, {"auth_require_tls": False})
        running.append(Controller(served, hostname="127.0.0.1", port=port, authenticator=served.judge, **more))
        running[-1].start()
        return served

    yield start
    for one in running:
        one.stop()


def _certificate(path: Path, name: str, days: int) -> Path:
    """One that vouches for itself, with its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    owner = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder().subject_name(owner).issuer_name(owner).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(plain + built.public_bytes(pem))
    return path


def _trust(monkeypatch: pytest.MonkeyPatch, served: Served) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(served.certificate))


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_a_mail_leaves_encrypted_by_a_server_that_is_trusted(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch, encryption: str
) -> None:
    served = serve(encryption)
    _trust(monkeypatch, served)
    assert send(served.server, _mail()).error == ""
    assert (len(served.mails), served.passwords) == (1, [PASSWORD.encode()])


@pytest.mark.parametrize("encryption", ["tls", "starttls"])
def test_a_server_that_nobody_vouches_for_hears_neither_mail_nor_password(serve: Callable[..., Served], encryption: str) -> None:
    served = serve(encryption)
    sent = send(served.server, _mail())
    assert sent.error.startswith(_UNTRUSTED) and not sent.was_handed_over
    assert (served.mails, served.passwords) == ([], [])


@pytest.mark.parametrize(("name", "days", "words"), [("mail.example.com", 1, "another name"), ("localhost", -1, "has expired")])
def test_a_certificate_of_another_or_of_yesterday_is_refused(
    serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch, name: str, days: int, words: str
) -> None:
    served = serve("starttls", name, days)
    _trust(monkeypatch, served)
    assert words in send(served.server, _mail()).error
    assert served.passwords == []


def test_a_server_without_starttls_hears_nothing_where_the_settings_ask_for_it(serve: Callable[..., Served]) -> None:
    served = serve("none")
    assert "does not offer what the settings ask for" in send(replace(served.server, encryption="starttls"), _mail()).error
    assert (served.mails, served.passwords) == ([], [])


def test_a_server_that_wants_starttls_is_told_nothing_in_plain(serve: Callable[..., Served]) -> None:
    served = serve("starttls")
    assert send(replace(served.server, encryption="none", user_name=""), _mail()).error
    assert "does not offer" in send(replace(served.server, encryption="none"), _mail()).error
    assert (served.mails, served.passwords) == ([], [])


def test_tls_to_a_port_without_it_is_told_in_words(serve: Callable[..., Served]) -> None:
    served = serve("starttls")
    assert "Look at the port and the encryption" in send(replace(served.server, encryption="tls"), _mail()).error


def test_the_settings_say_why_no_test_mail_left(
    serve: Callable[..., Served], app: Flask, line: Line, sign_in: Callable[..., FlaskClient]
) -> None:
    config = app.extensions["flowbuilder"]
    app.extensions["flowbuilder"] = replace(config, simulator_smtp_port=serve("tls").server.port)
    mail.put(line.workspace_id, replace(mail.of_simulator(), host="localhost", encryption="tls"), user_id=None)
    answer = sign_in("admin").post("/mail/test", data={"to": "ann@example.com"})
    assert answer.status_code == 422 and _UNTRUSTED in answer.text


def test_a_wrong_password_is_told_in_words(serve: Callable[..., Served], monkeypatch: pytest.MonkeyPatch) -> None:
    served = serve("tls")
    _trust(monkeypatch, served)
    assert "does not take this user name and password" in send(replace(served.server, password="wrong"), _mail()).error
