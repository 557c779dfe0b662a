"""The mail server of a workspace: kept, tried, and how mails that leave by it are written."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from flask import current_app
from sqlalchemy import select, update

from flowbuilder import clock
from flowbuilder.config import Config
from flowbuilder.core.answers import read_email
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Conflict, Invalid
from flowbuilder.outside import mail as outside
from flowbuilder.outside.addresses import Refused, is_loopback
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, secrets
from flowbuilder.store import db
from flowbuilder.store.accounts import Line
from flowbuilder.store.codes import MailServer

ENCRYPTIONS = {"starttls": "STARTTLS, as a rule on port 587", "tls": "TLS, as a rule on port 465", "none": "None"}
MISSING = "This workspace has no mail server yet. An administrator can enter it under Workspace > E-mail."


@dataclass(frozen=True, slots=True, kw_only=True)
class MailDetails:
    """What an administrator enters. An empty password means: keep the one that is there."""

    host: str
    port: int
    encryption: str
    from_address: str
    from_name: str = ""
    user_name: str = ""
    password: str = ""


def of(workspace_id: str) -> MailServer | None:
    return db.session.get(MailServer, workspace_id)


def of_simulator() -> MailDetails:
    """The simulator's mailbox, as long as nobody has a mail server of their own."""
    return MailDetails(
        host="127.0.0.1", port=_config().simulator_smtp_port, encryption="none", from_address="flows@example.com", from_name="Demo"
    )


def put(workspace_id: str, details: MailDetails, *, user_id: str | None) -> None:
    """Raises Invalid with a finding on each field that needs another look."""
    row = of(workspace_id)
    sealed = row.password if row is not None and details.user_name else None
    _check(details, _own_port(workspace_id), has_password=sealed is not None)
    if details.user_name and details.password:
        sealed = secrets.seal(details.password, workspace_id, "mail", "password")
    with transaction() as session:
        row = session.get(MailServer, workspace_id, with_for_update=True) or MailServer(workspace_id=workspace_id)
        for name in ("host", "port", "encryption", "user_name", "from_address", "from_name"):
            setattr(row, name, getattr(details, name))
        row.password, row.is_simulator = sealed, is_loopback(details.host)
        row.changed_by, row.changed_at = user_id, clock.now()
        session.add(row)
        audit.record(session, workspace_id, user_id, "mail.kept", "", f"Set the mail server to {details.host}:{details.port}")


def follow_simulator(workspace_id: str) -> None:
    """A workspace without a mail server gets the simulator's mailbox; whoever uses it finds it on the port of this start."""
    if of(workspace_id) is None:
        put(workspace_id, of_simulator(), user_id=None)
    with transaction() as session:
        session.execute(update(MailServer).where(MailServer.is_simulator).values(port=_config().simulator_smtp_port))


def server_of(workspace_id: str) -> outside.Server:
    row = db.session.scalar(select(MailServer).where(MailServer.workspace_id == workspace_id))
    if row is None:
        raise Conflict(MISSING)
    password = secrets.unseal(row.password, workspace_id, "mail", "password") if row.password else ""
    return outside.Server(row.host, row.port, row.encryption, row.user_name, password, own_port=_own_port(workspace_id))


def written(workspace_id: str, to: str, subject: str, text: str) -> EmailMessage:
    """A mail from the workspace."""
    row = of(workspace_id)
    if row is None:
        raise Conflict(MISSING)
    message = EmailMessage()
    message["From"] = Address(row.from_name, addr_spec=row.from_address)
    message["To"] = Address(addr_spec=_in_ascii(to))
    message["Subject"] = " ".join(subject.split())
    message["Date"] = formatdate(clock.now().timestamp())
    message["Message-ID"] = make_msgid(domain=_in_ascii(row.from_address).rpartition("@")[2])
    message.set_content(text)
    return message


def send_test(workspace_id: str, to: str) -> str:
    """What went wrong, in words; empty when the server took it."""
    address = read_email(to)
    if address is None:
        raise Invalid(findings=[Finding("malformed", "Enter an e-mail address such as ann@example.com.", field="to")])
    text = "If you read this, FlowBuilder can send e-mail by this server."
    server, message = server_of(workspace_id), written(workspace_id, address, "A test from FlowBuilder", text)
    db.session.rollback()
    return outside.send(server, message).error


def _check(details: MailDetails, own_port: int, *, has_password: bool) -> None:
    findings = []
    try:
        outside.check(outside.Server(details.host, details.port, details.encryption, own_port=own_port))
    except Refused as error:
        findings.append(Finding("address", str(error), field="port" if "ports" in str(error) else "host"))
    if details.encryption not in ENCRYPTIONS:
        findings.append(Finding("unknown", "Choose the encryption.", field="encryption"))
    if read_email(details.from_address) is None or not details.from_address.isascii():
        findings.append(Finding("malformed", "Enter an e-mail address such as flows@example.com.", field="from_address"))
    if details.user_name and details.encryption == "none" and not is_loopback(details.host):
        text = "Without encryption the password could be read on its way. Choose STARTTLS or TLS."
        findings.append(Finding("readable", text, field="encryption"))
    if details.user_name and not details.password and not has_password:
        findings.append(Finding("missing", "Enter the password; it is kept encrypted.", field="password"))
    if details.password and not details.user_name:
        findings.append(Finding("missing", "Enter the user name that belongs to the password.", field="user_name"))
    if not f"{details.from_name}{details.user_name}".isprintable():
        findings.append(Finding("malformed", "Names are written in one line.", field="from_name"))
    if findings:
        raise Invalid(findings=findings)


def may_reach_simulator(workspace_id: str) -> bool:
    """Whether mail may go to this machine: where a line is the simulator's, or by OUTGOING_LOOPBACK."""
    simulated = select(Line.id).where(Line.workspace_id == workspace_id, Line.is_simulator).limit(1)
    return _config().outgoing_loopback or db.session.scalar(simulated) is not None


def _own_port(workspace_id: str) -> int:
    return _config().simulator_smtp_port if may_reach_simulator(workspace_id) else 0


def _config() -> Config:
    return current_app.extensions["flowbuilder"]


def _in_ascii(address: str) -> str:
    """Domains of other scripts as they stand in the DNS."""
    local, _, domain = address.rpartition("@")
    try:
        return f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        raise Invalid(f"The domain {domain[:60]} cannot be written in an e-mail address.") from None
