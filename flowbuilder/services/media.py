"""Pictures, videos and documents of messages: kept here, and uploaded to Meta when it needs them.

Nothing here may run inside a transaction or after a message was claimed: uploads take as long as they take.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app
from sqlalchemy.exc import IntegrityError

from flowbuilder import clock
from flowbuilder.core.finding import Finding
from flowbuilder.core.media import RULES, Judged, clean_name, judge, too_big
from flowbuilder.core.medium import Kind, Medium
from flowbuilder.errors import Conflict, Invalid, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, lines
from flowbuilder.store import db, media, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.media import MediaFile, MediaUpload
from flowbuilder.store.outbox import Executor
from flowbuilder.whatsapp import media as wire

log = logging.getLogger(__name__)

_KEPT = timedelta(days=25)
"""Meta keeps an uploaded file for 30 days; a batch may take days of them."""
JUST_NOW = timedelta(minutes=10)
_LEFT_FOR = timedelta(days=1)
"""So long a file may lie here that nothing shows: its form may still be open."""
_REMOVED_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What Meta calls a file, and since when."""

    meta_id: str
    at: datetime

    @property
    def may_be_gone(self) -> bool:
        """An id that was made just now is not gone: when Meta refuses it, the fault is in the file."""
        return self.at < clock.now() - JUST_NOW


def keep(workspace_id: str, kind: Kind, file: BinaryIO, name: str, *, field: str, user_id: str | None, media_id: str = "") -> MediaFile:
    """Store an uploaded file, if it is what a header of this kind may show. Raises Invalid with the fault on ``field``.

    Bytes that are here already stay one file, unless ``media_id`` names it beforehand.
    """
    is_named, media_id, name = bool(media_id), media_id or new_id("med"), clean_name(name)
    part = path_of(media_id).with_suffix(".part")
    try:
        digest = _copy(file, part, kind, field)
        with part.open("rb") as copy:
            found = judge(kind, copy)
        if not isinstance(found, Judged):
            raise _refused(found, field)
        twin = None if is_named else media.same(db.session, workspace_id, kind, digest, name)
        if twin and path_of(twin).exists():
            return _given_again(find(workspace_id, twin))
        return _stored(workspace_id, kind, found, digest, part, media_id=media_id, name=name, user_id=user_id)
    finally:
        part.unlink(missing_ok=True)


def _given_again(row: MediaFile) -> MediaFile:
    with transaction():
        row.created_at = clock.now()
    return row


def find(workspace_id: str, media_id: str) -> MediaFile:
    row = db.session.get(MediaFile, media_id)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def listing(workspace_id: str, kind: str = "", *, before: tuple[datetime, str] | None = None, limit: int = 50) -> Sequence[MediaFile]:
    """Files of a kind, or of any, those given last first."""
    return media.page(db.session, workspace_id, kind, before=before, limit=limit)


def as_medium(row: MediaFile) -> Medium:
    return Medium(kind=Kind(row.kind), file=row.id, name=row.name, size=row.size)


def path_of(media_id: str) -> Path:
    """Where the bytes lie; the name is ours."""
    return current_app.extensions["flowbuilder"].home / "media" / media_id


def place_of(row: MediaFile) -> Path:
    """The same, if the bytes are still there."""
    path = path_of(row.id)
    if not path.exists():
        raise NotFound(f"The file “{row.name}” is not in its place any more. Choose it again.")
    return path


def sample_handle(line: Line, media_id: str) -> str:
    """Upload a sample for Meta's reviewer; gives its handle."""
    row, meta = find(line.workspace_id, media_id), lines.client(line)
    facts = {"size": row.size, "mime": row.mime, "name": row.name}
    with place_of(row).open("rb") as file:
        db.session.rollback()
        return wire.sample_handle(meta, file, **facts)


def uploaded(line: Line, media_id: str) -> Uploaded:
    """The id by which messages of this line name the file; it is uploaded when Meta has not got it, or not for long any more."""
    line_id, workspace_id = line.id, line.workspace_id
    known = db.session.get(MediaUpload, (line_id, media_id), populate_existing=True)
    if known is not None and known.uploaded_at > clock.now() - _KEPT:
        return Uploaded(known.meta_id, known.uploaded_at)
    row, meta, now = find(workspace_id, media_id), lines.client(line), clock.now()
    facts = {"size": row.size, "mime": row.mime, "name": row.name}
    with place_of(row).open("rb") as file:
        db.session.rollback()
        meta_id = wire.media_id(meta, file, **facts)
    try:
        with transaction() as session:
            session.merge(MediaUpload(line_id=line_id, media_id=media_id, meta_id=meta_id, uploaded_at=now))
    except IntegrityError:
        log.info("%s was uploaded by two at once; either id will do.", media_id)
    return Uploaded(meta_id, now)


def _copy(file: BinaryIO, part: Path, kind: Kind, field: str) -> str:
    """Write the upload down, no further than its limit; gives its SHA-256."""
    part.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        while block := file.read(1 << 20):
            size += len(block)
            if size > RULES[kind].most:
                raise _refused(too_big(kind, size + _left(file)), field)
            digest.update(block)
            out.write(block)
    return digest.hexdigest()


def _left(file: BinaryIO) -> int:
    here = file.tell()
    return file.seek(0, os.SEEK_END) - here


def _refused(fault: Finding, field: str) -> Invalid:
    return Invalid(findings=[Finding(fault.code, fault.text, field=field)])


def _stored(
    workspace_id: str, kind: Kind, found: Judged, digest: str, part: Path, *, media_id: str, name: str, user_id: str | None
) -> MediaFile:
    """The row of these bytes, which lie in their place before anybody can read it."""
    part.rename(path_of(media_id))
    row = MediaFile(
        id=media_id, workspace_id=workspace_id, kind=kind, mime=found.mime, size=found.size, name=name, digest=digest,
        created_by=user_id, created_at=clock.now(),
    )  # fmt: skip
    try:
        with transaction() as session:
            session.add(row)
            audit.record(session, workspace_id, user_id, "media.uploaded", media_id, f"Uploaded {name}")
    except Exception:
        path_of(media_id).unlink(missing_ok=True)
        raise
    return row


def delete(workspace_id: str, media_id: str, *, user_id: str | None) -> None:
    """Forget a file and its bytes. Raises Conflict while something shows it."""
    find(workspace_id, media_id)
    with transaction() as session:
        row = session.get(MediaFile, media_id, with_for_update=True, populate_existing=True)
        if row is None:
            raise NotFound()
        if shown := _shown_by(session, row):
            raise Conflict(f"The file “{row.name}” cannot be deleted, because {shown}.")
        audit.record(session, workspace_id, user_id, "media.deleted", media_id, f"Deleted {row.name}")
        media.remove(session, media_id)
    path_of(media_id).unlink(missing_ok=True)


def _shown_by(session: Executor, row: MediaFile) -> str:
    """What shows a file, in words; nothing where nothing does."""
    if name := media.sample_of(session, row):
        return f"the outbound message “{name}” shows it as its sample"
    if name := media.head_of(session, row):
        return f"the batch “{name}” shows it"
    if name := media.flow_of(session, row):
        return f"a step of the flow “{name}” shows it"
    return "messages that were sent or wait to be sent show it" if media.is_shown_by_messages(session, row) else ""


def remove_left() -> None:
    """Files that nothing shows any more, and what was left on the disk by uploads that broke off."""
    before = clock.now() - _LEFT_FOR
    for media_id in media.unreferred(db.session, before, _REMOVED_AT_ONCE):
        with transaction() as session:
            media.remove(session, media_id)
        path_of(media_id).unlink(missing_ok=True)
    old = [path for path in path_of("any").parent.glob("*") if path.stat().st_mtime < before.timestamp()]
    kept = media.known(db.session, [path.name for path in old])
    for path in old:
        if path.name not in kept:
            path.unlink(missing_ok=True)
