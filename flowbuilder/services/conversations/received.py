"""Files that people send: fetched from WhatsApp by a job, kept here, shown to members and handed to programs by a signed address.

WhatsApp keeps such a file for seven days, so it is tried again and again until then. Nothing is fetched inside a transaction.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import time
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Select, delete, select

from flowbuilder import clock, queue
from flowbuilder.core import received as files
from flowbuilder.core.media import clean_name
from flowbuilder.errors import Conflict, FlowBuilderError, NotFound
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit, keys, lines
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.received import IS_WAITING, ReceivedFile
from flowbuilder.store.sending import Message
from flowbuilder.whatsapp import media as wire
from flowbuilder.whatsapp.client import Client
from flowbuilder.whatsapp.errors import Verdict, WireError

log = logging.getLogger(__name__)

ADDRESS_LASTS = timedelta(days=7)
_PAUSES = (5, 30, 120, 600, 3600, *[6 * 3600] * 24)
"""Seconds before another try: six days of them, since WhatsApp keeps the file for seven."""
_LEASE = timedelta(seconds=150)
_AT_ONCE = 4
_SLICE_SECONDS = 20.0
_GONE = "WhatsApp has it no longer. Ask the person to send it again."


@dataclass(frozen=True, slots=True)
class _Errand:
    """All that fetching a file needs, so that it does without the database."""

    id: str
    kind: str
    meta_id: str
    meta: Client
    path: Path


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What became of it: a size and type, or a problem, for good or not."""

    size: int = 0
    mime: str = ""
    problem: str = ""
    is_final: bool = False


def announced(line: Line, content: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The content of a message that brings a file, with the id that the file will have here and its address."""
    id = new_id("rcv")
    return {**content, "file": id, "url": address(line, id, now)}


def expect(session: Tx, message: Message) -> None:
    """Write down that the file of a message is to be fetched."""
    content, now = message.content, clock.now()
    session.add(
        ReceivedFile(
            id=content["file"], workspace_id=message.workspace_id, line_id=message.line_id, message_id=message.id,
            contact_id=message.contact_id, meta_id=content["id"], kind=content["type"], due_at=now, created_at=now,
            name=clean_name(content["name"]) if content.get("name") else "",
        )
    )  # fmt: skip


def address(line: Line, file_id: str, now: datetime) -> str:
    """Where a program gets the file without signing in, for some days; the simulator's line is this machine's own."""
    config = current_app.extensions["flowbuilder"]
    until = int((now + ADDRESS_LASTS).timestamp())
    base = f"http://127.0.0.1:{config.port}" if line.is_simulator else config.public_url
    return f"{base}/files/{file_id}?until={until}&signature={_signature(file_id, str(until))}"


def by_address(file_id: str, until: str, signature: str) -> ReceivedFile:
    """The file of an address that we gave and that has not ended."""
    if not hmac.compare_digest(_signature(file_id, until).encode(), signature.encode()):
        raise NotFound()
    if not until.isdecimal() or int(until) < clock.now().timestamp():
        raise NotFound("This address has ended.")
    row = db.session.get(ReceivedFile, file_id)
    if row is None:
        raise NotFound()
    return row


def find(workspace_id: str, file_id: str) -> ReceivedFile:
    row = db.session.get(ReceivedFile, file_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def of_messages(ids: Collection[int]) -> dict[int, ReceivedFile]:
    return {row.message_id: row for row in db.session.scalars(select(ReceivedFile).where(ReceivedFile.message_id.in_(ids)))}


def conversation_of(row: ReceivedFile) -> str | None:
    return db.session.get_one(Message, row.message_id).conversation_id


def path_of(file_id: str) -> Path:
    return current_app.extensions["flowbuilder"].home / "received" / file_id


def place_of(row: ReceivedFile) -> Path:
    """Where the bytes lie, if they were fetched and are still there."""
    path = path_of(row.id)
    if row.status != "here" or not path.exists():
        raise NotFound(f"The file could not be fetched from WhatsApp: {row.problem}" if row.problem else None)
    return path


def again(workspace_id: str, file_id: str, *, user_id: str | None) -> str | None:
    """Try at once to fetch a file that could not be fetched; gives its conversation."""
    with transaction() as session:
        row = session.get(ReceivedFile, file_id, with_for_update=True, populate_existing=True)
        if row is None or row.workspace_id != workspace_id:
            raise NotFound()
        if row.status == "here":
            raise Conflict("The file is here already.")
        row.status, row.problem, row.attempt, row.due_at = "waiting", "", 0, clock.now()
        audit.record(session, workspace_id, user_id, "file.tried_again", file_id, "Tried again to fetch a file that a person sent")
        conversation = conversation_of(row)
    queue.ring(queue.OUTGOING, "fetch_files")
    return conversation


def forget(session: Tx, contact_id: str) -> list[Path]:
    """Forget the files of a person; gives what is to be deleted from the disk once that is committed."""
    mine = ReceivedFile.contact_id == contact_id
    paths = [path_of(id) for id in session.scalars(select(ReceivedFile.id).where(mine))]
    session.execute(delete(ReceivedFile).where(mine))
    return paths


def due(now: datetime) -> Select[tuple[str]]:
    return select(ReceivedFile.id).where(IS_WAITING, ReceivedFile.due_at <= now)


def run() -> None:
    """Fetch all that is due, some at a time; after a moment another job takes over, since other work stands in line."""
    deadline = time.monotonic() + _SLICE_SECONDS
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while not queue.is_stopping() and (errands := _claim()):
            for errand, fetched in zip(errands, pool.map(_fetch, errands), strict=True):
                _settle(errand, fetched)
            if time.monotonic() > deadline:
                queue.ring(queue.OUTGOING, "fetch_files")
                return


def _claim() -> Sequence[_Errand]:
    """Files that are due, ours for a while: whoever dies with one leaves it to the next after that."""
    now = clock.now()
    with transaction() as session:
        query = due(now).with_only_columns(ReceivedFile).order_by(ReceivedFile.due_at).limit(_AT_ONCE)
        rows = session.scalars(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)).all()
        for row in rows:
            row.attempt, row.due_at = row.attempt + 1, now + _LEASE
        return [errand for row in rows if (errand := _errand(row))]


def _errand(row: ReceivedFile) -> _Errand | None:
    try:
        meta = lines.client(db.session.get_one(Line, row.line_id))
    except FlowBuilderError as error:
        _note(row, _Fetched(problem=error.text))
        return None
    return _Errand(row.id, row.kind, row.meta_id, meta, path_of(row.id))


def _fetch(errand: _Errand) -> _Fetched:
    part = errand.path.with_suffix(".part")
    try:
        part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as out:
            size = wire.fetch(errand.meta, errand.meta_id, out, files.MOST_BYTES)
            mime = files.type_of(errand.kind, out)
        if not size or mime is None:
            return _Fetched(problem=f"what came is no {files.THINGS.get(errand.kind, 'file')} that can be opened.", is_final=True)
        part.rename(errand.path)
        return _Fetched(size, mime)
    except WireError as error:
        return _Fetched(problem=_words(error), is_final=error.verdict is Verdict.FAIL)
    except OSError as error:
        log.warning("%s could not be kept: %s", errand.id, error)
        return _Fetched(problem="it could not be written to the disk here.")
    except Exception:
        log.exception("%s could not be fetched in a way that nobody foresaw.", errand.id)
        return _Fetched(problem="something went wrong here; the log tells more.")
    finally:
        part.unlink(missing_ok=True)
        errand.meta.close()


def _words(error: WireError) -> str:
    """Why, for people; calls that only read have nothing to say of what was sent."""
    if error.code == "not_sent":
        return "WhatsApp could not be reached."
    if error.code == "maybe_sent":
        return "WhatsApp did not answer in a readable way."
    if error.code == _NO_SUCH_FILE and error.verdict is Verdict.FAIL:
        return _GONE
    return error.text


_NO_SUCH_FILE = 100


def _settle(errand: _Errand, fetched: _Fetched) -> None:
    """Keep what became of it. Of a person who was erased meanwhile nothing stays."""
    with transaction() as session:
        row = session.get(ReceivedFile, errand.id, with_for_update=True, populate_existing=True)
        if row is not None:
            _note(row, fetched)
    if row is None:
        errand.path.unlink(missing_ok=True)


def _note(row: ReceivedFile, fetched: _Fetched) -> None:
    row.problem = fetched.problem[:500]
    if not fetched.problem:
        row.status, row.size, row.mime = "here", fetched.size, fetched.mime
        row.name = files.name_of(row.kind, fetched.mime, row.name)
    elif fetched.is_final or row.attempt > len(_PAUSES):
        row.status = "failed"
    else:
        row.due_at = clock.now() + timedelta(seconds=_PAUSES[row.attempt - 1])


def _signature(*parts: str) -> str:
    key = keys.file_key(current_app.extensions["flowbuilder"].home)
    return hmac.new(key.encode(), "\0".join(parts).encode(), hashlib.sha256).hexdigest()[:32]
