"""Bringing in what exists on a WhatsApp account: every template of it, page by page. May be begun again at any time.

A template is one of our messages when Meta's id is, or its name and language. What we can't hold is kept as Meta
shows it, to be seen and not to be sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from flowbuilder import clock, queue
from flowbuilder.core.review import ReviewStatus, ask_at, status_for
from flowbuilder.errors import FlowBuilderError, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.accounts import audit, lines
from flowbuilder.services.outbound import record
from flowbuilder.services.outbound.following import take_answer
from flowbuilder.services.outbound.taking import show
from flowbuilder.services.sending import lease
from flowbuilder.store import db, new_id
from flowbuilder.store.accounts import Line
from flowbuilder.store.outbound import TemplateMessage, TemplateSync
from flowbuilder.whatsapp import templates
from flowbuilder.whatsapp.errors import CloudError
from flowbuilder.whatsapp.templates import Held

RUNNING, DONE, FAILED = "running", "done", "failed"
_LEASE_SECONDS = 90.0
_BAD_CURSOR = 131059
_LIVE = (ReviewStatus.PENDING, ReviewStatus.APPROVED, ReviewStatus.REJECTED, ReviewStatus.PAUSED, ReviewStatus.ARCHIVED)


def begin(workspace_id: str, line_id: str, user_id: str | None) -> TemplateSync:
    """Start reading the templates of this line's account, unless that is under way."""
    with transaction() as session:
        line = session.scalar(select(Line).where(Line.id == line_id, Line.workspace_id == workspace_id))
        if line is None:
            raise NotFound("There is no such line in this workspace. Choose another one.")
        running = select(TemplateSync).where(TemplateSync.line_id == line.id, TemplateSync.status == RUNNING)
        sync = session.scalar(running)
        if sync is None:
            sync = TemplateSync(id=new_id("syn"), workspace_id=workspace_id, line_id=line.id, status=RUNNING, created_by=user_id)
            sync.created_at = clock.now()
            session.add(sync)
            audit.record(session, workspace_id, user_id, "outbound.sync", line.id, f"Brought in the messages of {line.name}.")
    queue.ring(queue.BULK, "sync_templates", sync.id)
    return sync


def recent(workspace_id: str) -> Sequence[TemplateSync]:
    query = select(TemplateSync).where(TemplateSync.workspace_id == workspace_id).order_by(TemplateSync.created_at.desc())
    return db.session.scalars(query.limit(10).execution_options(populate_existing=True)).all()


def resume() -> None:
    """Go on with what a process that is no more has left behind."""
    for sync_id in _left():
        run(sync_id)


def is_left() -> bool:
    """Whether there is something to go on with."""
    return bool(_left())


def _left() -> list[str]:
    return list(db.session.scalars(select(TemplateSync.id).where(TemplateSync.status == RUNNING, _is_free())))


def run(sync_id: str) -> None:
    """Read page after page, if nobody else does."""
    if not _hold(sync_id):
        return
    sync = db.session.get_one(TemplateSync, sync_id, populate_existing=True)
    try:
        meta = lines.client(sync.line)
        while not queue.is_stopping():
            documents, after, total = _page(meta, sync.after)
            sync = _store(sync_id, documents, after, total)
            if sync.status != RUNNING:
                return
    except FlowBuilderError as error:
        _end(sync_id, FAILED, error.text)
    finally:
        _let_go(sync_id)


def _page(meta: Any, after: str) -> tuple[list[dict[str, Any]], str, int | None]:
    """A cursor that Meta has forgotten begins at the beginning, which changes nothing that was taken in."""
    try:
        return meta.templates(after)
    except CloudError as error:
        if not after or error.code != _BAD_CURSOR:
            raise
        return meta.templates("")


def _store(sync_id: str, documents: list[dict[str, Any]], after: str, total: int | None) -> TemplateSync:
    """One page in one transaction, with what became of each template."""
    with transaction() as session:
        sync = session.get_one(TemplateSync, sync_id, with_for_update=True, populate_existing=True)
        counts = dict(sync.counts)
        for document in documents:
            came_of_it = _take(sync.line, document)
            counts[came_of_it] = counts.get(came_of_it, 0) + 1
        sync.counts, sync.after = counts, after
        sync.total = total if total is not None else sync.total
        sync.lease_until = lease.until(clock.now(), _LEASE_SECONDS)
        if not after:
            sync.status, sync.ended_at = DONE, clock.now()
            _ask_about_missing(sync)
    return sync


def _take(line: Line, document: dict[str, Any]) -> str:
    held = templates.read(document)
    if not held.name or not held.language:
        return "unreadable"
    row = _known(line, held)
    if row is None:
        _add(line, held)
        return "shown_only" if held.unheld else "added"
    before = _face(row)
    if row.status == ReviewStatus.DELETED:
        row.status, row.name_free_at, row.told_at = ReviewStatus.PENDING, None, None
        record.event(row, "meta", "back", "It exists at Meta again.")
    row.meta_id = held.meta_id or row.meta_id
    take_answer(row, document)
    return "unchanged" if _face(row) == before else "updated"


def _face(row: TemplateMessage) -> tuple[Any, ...]:
    return row.status, row.category, row.quality, row.unheld, row.content


def _known(line: Line, held: Held) -> TemplateMessage | None:
    """The message of this account with Meta's id, else that of this name and language; a draft is none of Meta's."""
    query = select(TemplateMessage).join(Line, Line.id == TemplateMessage.line_id)
    query = query.where(Line.waba_id == line.waba_id, Line.workspace_id == line.workspace_id, TemplateMessage.status != ReviewStatus.DRAFT)
    by_id = db.session.scalar(query.where(TemplateMessage.meta_id == held.meta_id)) if held.meta_id else None
    return by_id or db.session.scalar(query.where(TemplateMessage.wire_name == held.name, TemplateMessage.language == held.language))


def _add(line: Line, held: Held) -> None:
    now, made_id = clock.now(), new_id("out")
    status = status_for(held.status) or ReviewStatus.PENDING
    same = select(TemplateMessage.group_id).where(TemplateMessage.line_id == line.id, TemplateMessage.wire_name == held.name)
    row = TemplateMessage(
        id=made_id, group_id=db.session.scalar(same.limit(1)) or made_id, workspace_id=line.workspace_id, line_id=line.id,
        name=held.name[:120], wire_name=held.name[:512], language=held.language[:8], category=held.category or held.content.category,
        status=status, meta_id=held.meta_id or None, reason=held.reason[:64], quality=held.quality or "UNKNOWN",
        created_at=now, updated_at=now, submitted_at=now, decided_at=now if status in record.DECIDED else None,
        ask_at=ask_at(status, 0, now),
    )  # fmt: skip
    show(row, held.content, held)
    record.knows(row)
    db.session.add(row)
    db.session.flush()
    record.event(row, "meta", "brought_in", "Brought in from the WhatsApp account.")
    record.take_announcement(row, held.correct_category, None)


def _ask_about_missing(sync: TemplateSync) -> None:
    """Of what Meta should have and did not list, it is asked singly."""
    account = select(Line.id).where(Line.waba_id == sync.line.waba_id, Line.workspace_id == sync.workspace_id)
    unseen = or_(TemplateMessage.told_at.is_(None), TemplateMessage.told_at < sync.created_at - 2 * record.CLOCKS_DIFFER_BY)
    missing = update(TemplateMessage).where(TemplateMessage.line_id.in_(account), TemplateMessage.status.in_(_LIVE), unseen)
    db.session.execute(missing.values(ask_at=clock.now()), execution_options={"synchronize_session": False})


def _is_free() -> ColumnElement[bool]:
    return or_(TemplateSync.lease_owner.is_(None), TemplateSync.lease_until < clock.now())


def _hold(sync_id: str) -> bool:
    until = lease.until(clock.now(), _LEASE_SECONDS)
    with transaction() as session:
        free = update(TemplateSync).where(TemplateSync.id == sync_id, TemplateSync.status == RUNNING, _is_free())
        return session.execute(free.values(lease_owner=lease.owner(), lease_until=until)).rowcount == 1


def _let_go(sync_id: str) -> None:
    with transaction() as session:
        mine = update(TemplateSync).where(TemplateSync.id == sync_id, TemplateSync.lease_owner == lease.owner())
        session.execute(mine.values(lease_owner=None, lease_until=None))


def _end(sync_id: str, status: str, problem: str) -> None:
    with transaction() as session:
        running = update(TemplateSync).where(TemplateSync.id == sync_id, TemplateSync.status == RUNNING)
        session.execute(running.values(status=status, problem=problem, ended_at=clock.now()))
