"""Lines: our WhatsApp numbers, their secrets, and what Meta says about them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update

from flowbuilder import clock
from flowbuilder.config import Config
from flowbuilder.core.finding import Finding
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, secrets
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line, LineEvent
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.inbound import ParkedStatus, Webhook
from flowbuilder.store.outbound import TemplateMessage
from flowbuilder.store.sending import Batch, Message
from flowbuilder.whatsapp.client import Client
from flowbuilder.whatsapp.errors import CloudError, WireError

_USES = (TemplateMessage, Batch, Message, Conversation)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineDetails:
    """What an administrator enters. An empty secret means, for a line that has one: keep it."""

    name: str
    display_number: str
    phone_number_id: str
    waba_id: str
    app_id: str
    base_url: str
    messages_per_second: int = 80
    holds_at_limit: bool = True
    app_secret: str = ""
    access_token: str = ""
    verify_token: str = ""


def of_workspace(workspace_id: str) -> list[Line]:
    return list(db.session.scalars(select(Line).where(Line.workspace_id == workspace_id).order_by(func.lower(Line.name), Line.id)))


def find(workspace_id: str, line_id: str) -> Line:
    line = db.session.get(Line, line_id)
    if line is None or line.workspace_id != workspace_id:
        raise NotFound("This line does not exist, or it belongs to another workspace.")
    return line


def app_secret(line: Line) -> str:
    """What Meta signs its webhooks with."""
    return _opened(line, "app_secret")


def access_token(line: Line) -> str:
    return _opened(line, "access_token")


def verify_token(line: Line) -> str:
    """What Meta repeats when it verifies the webhook's address."""
    return _opened(line, "verify_token")


def client(line: Line) -> Client:
    """This line's way to Meta."""
    return Client(line.base_url, access_token(line), line.phone_number_id, line.waba_id, line.app_id)


def masked(line: Line) -> dict[str, str]:
    """All that is ever shown of its secrets."""
    shown = {}
    for field in secrets.FIELDS:
        try:
            shown[field] = secrets.masked(_opened(line, field))
        except secrets.Unreadable:
            shown[field] = "unreadable, enter it again"
    return shown


def webhook_url(line: Line) -> str:
    """Where Meta sends this line's events; the simulator lives on the same machine."""
    config: Config = current_app.extensions["flowbuilder"]
    base = f"http://127.0.0.1:{config.port}" if line.is_simulator else config.public_url
    return f"{base}/webhooks/{line.id}"


def add(workspace_id: str, details: LineDetails, *, user_id: str | None, is_simulator: bool = False) -> Line:
    missing = [
        Finding("missing", "Enter it; it is kept encrypted.", field=field) for field in secrets.FIELDS if not getattr(details, field)
    ]
    if missing:
        raise Invalid(findings=missing)
    with transaction() as session:
        _refuse_twin(workspace_id, details.phone_number_id)
        line = Line(id=new_id("lin"), workspace_id=workspace_id, is_simulator=is_simulator, created_at=clock.now(), facts={})
        _write(line, details)
        session.add(line)
        audit.record(session, workspace_id, user_id, "line.added", line.id, f"Added the line {details.name}.")
    return line


def change(workspace_id: str, line_id: str, details: LineDetails, *, user_id: str) -> Line:
    with transaction() as session:
        line = find(workspace_id, line_id)
        _refuse_twin(workspace_id, details.phone_number_id, but=line.id)
        renewed = [field.replace("_", " ") for field in secrets.FIELDS if getattr(details, field)]
        _write(line, details)
        line.paused_reason = ""
        text = f"Changed the line {details.name}" + (f"; new {', '.join(renewed)}." if renewed else ".")
        audit.record(session, workspace_id, user_id, "line.changed", line.id, text)
    return line


def check(workspace_id: str, line_id: str, *, user_id: str | None) -> Line:
    """Ask Meta about the number, which costs nothing, and keep what it says; a failure is kept as one sentence."""
    line = find(workspace_id, line_id)
    facts = _ask(line)
    with transaction() as session:
        line = find(workspace_id, line_id)
        line.facts = facts
        line.checked_at = clock.now()
        audit.record(
            session, workspace_id, user_id, "line.checked", line.id, f"Checked the connection: {facts.get('error') or 'it works.'}"
        )
    return line


def disable(workspace_id: str, line_id: str, *, user_id: str) -> None:
    """Nothing more leaves over it; its running batches stop and say why. What Meta tells of it is still taken in."""
    with transaction() as session:
        line = find(workspace_id, line_id)
        line.disabled_at = line.disabled_at or clock.now()
        because = f"The line {line.name} was disabled. Enable it on its page, then resume."[:255]
        running = (Batch.line_id == line_id) & (Batch.status == "running")
        session.execute(update(Batch).where(running).values(status="stopped", stopped_because=because))
        audit.record(session, workspace_id, user_id, "line.disabled", line_id, f"Disabled the line {line.name}.")


def enable(workspace_id: str, line_id: str, *, user_id: str) -> None:
    with transaction() as session:
        line = find(workspace_id, line_id)
        line.disabled_at = None
        audit.record(session, workspace_id, user_id, "line.enabled", line_id, f"Enabled the line {line.name}.")


def remove(workspace_id: str, line_id: str, *, user_id: str) -> None:
    """Delete a line that nothing was ever done with."""
    with transaction() as session:
        line = find(workspace_id, line_id)
        if is_used(line):
            raise Conflict(f"The line {line.name} has outbound messages or a history, which would go with it: disable it instead.")
        for table in (LineEvent, Webhook, ParkedStatus):
            session.execute(delete(table).where(table.line_id == line_id))
        session.delete(line)
        audit.record(session, workspace_id, user_id, "line.removed", line_id, f"Deleted the line {line.name}.")


def is_used(line: Line) -> bool:
    """Whether anything was written, sent or heard over it."""
    return any(db.session.scalar(select(table.id).where(table.line_id == line.id).limit(1)) for table in _USES)


def subscribe(workspace_id: str, line_id: str, *, user_id: str | None) -> None:
    """Have Meta send this line's events to us; Meta shakes hands with our address at once."""
    line = find(workspace_id, line_id)
    client(line).subscribe(webhook_url(line), verify_token(line))
    with transaction() as session:
        audit.record(session, workspace_id, user_id, "line.subscribed", line_id, f"Asked Meta to send events to {webhook_url(line)}.")


def _ask(line: Line) -> dict[str, Any]:
    asked = "access token"
    try:
        meta = client(line)
        asked = "phone number ID"
        phone = meta.phone()
        asked = "WABA ID"
        account = meta.waba()
    except (WireError, secrets.Unreadable) as error:
        return {"error": error.text, "advice": _advice(error, asked)}
    throughput = phone.get("throughput")
    return {
        "number": phone.get("display_phone_number", ""),
        "name": phone.get("verified_name", ""),
        "status": phone.get("status", ""),
        "quality": phone.get("quality_rating", "UNKNOWN"),
        "throughput": throughput.get("level", "") if isinstance(throughput, dict) else "",
        "limit": phone.get("whatsapp_business_manager_messaging_limit", ""),
        "mode": phone.get("account_mode", ""),
        "account": account.get("name", ""),
    }


_TOKEN_CODES = (0, 190)
_NOT_THERE_CODES = (33, 100, 803)
_PERMISSION_CODES = (3, 10, 131005, *range(200, 300))


def _advice(error: WireError | secrets.Unreadable, asked: str) -> str:
    """What to do about it, by where the check came to and what Meta said."""
    if isinstance(error, secrets.Unreadable):
        return "Edit the line and enter its secrets again."
    if error.code in _TOKEN_CODES:
        return "The access token is wrong or has ended: the one of API Setup lasts a day. Edit the line with one of a system user."
    if error.code in _PERMISSION_CODES:
        return "The token lacks a permission: give the system user this account, with messages and management, and make a new token."
    if error.code in _NOT_THERE_CODES:
        return f"Meta does not know the {asked}, or the token may not see it: copy it again; number and account must belong together."
    if isinstance(error, CloudError):
        return "Meta answered, but refused. Try again in a minute; if it stays, look at the account in Meta's Business Support."
    return "No answer came. Check the API base URL, and that this machine may reach it."


def _opened(line: Line, field: str) -> str:
    return secrets.unseal(getattr(line, field), line.workspace_id, line.id, field)


def _write(line: Line, details: LineDetails) -> None:
    for field, value in asdict(details).items():
        if field not in secrets.FIELDS:
            setattr(line, field, value)
        elif value:
            setattr(line, field, secrets.seal(value, line.workspace_id, line.id, field))


def _refuse_twin(workspace_id: str, phone_number_id: str, but: str = "") -> None:
    twin = select(Line.name).where(Line.workspace_id == workspace_id, Line.phone_number_id == phone_number_id, Line.id != but)
    name = db.session.scalar(twin)
    if name:
        raise Invalid(findings=[Finding("duplicate", f"The line {name} has this phone number ID already.", field="phone_number_id")])
