"""Queries of batches: their numbers, recipients and faults, and the loading of many rows at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, func, or_, select, union_all

from flowbuilder.core.batch import BatchNumbers, BatchStatus
from flowbuilder.core.delivery import EVIDENCE, DeliveryStatus
from flowbuilder.store import db
from flowbuilder.store.conversations import Conversation
from flowbuilder.store.many import make_room, plain
from flowbuilder.store.outbox import Executor
from flowbuilder.store.sending import Batch, BatchFault, Message

_M = Message.__table__.c
_B = Batch.__table__.c
OUT = tuple(status for status in DeliveryStatus if status is not DeliveryStatus.RECEIVED)
GROUPS: Mapping[str, tuple[DeliveryStatus, ...]] = {
    "queued": (DeliveryStatus.QUEUED,),
    "sending": (DeliveryStatus.SENDING,),
    "accepted": (DeliveryStatus.ACCEPTED,),
    "sent": (DeliveryStatus.SENT,),
    "delivered": (DeliveryStatus.DELIVERED,),
    "read": (DeliveryStatus.READ,),
    "failed": (DeliveryStatus.FAILED,),
    "skipped": (DeliveryStatus.SKIPPED,),
    "unknown": (DeliveryStatus.UNKNOWN,),
    "unconfirmed": (DeliveryStatus.UNCONFIRMED,),
    "cancelled": (DeliveryStatus.CANCELLED,),
}
"""How people filter recipients: by these words."""


def find(workspace_id: str, batch_id: str) -> Batch | None:
    return db.session.scalar(select(Batch).where(Batch.id == batch_id, Batch.workspace_id == workspace_id))


def recent(workspace_id: str, template_id: str, limit: int = 10) -> Sequence[Batch]:
    """The last batches of one outbound message, newest first."""
    wanted = select(Batch).where(Batch.workspace_id == workspace_id, Batch.template_id == template_id)
    return db.session.scalars(wanted.order_by(Batch.created_at.desc(), Batch.id).limit(limit)).all()


def paged(workspace_id: str, *, after: tuple[datetime, str] | None = None, limit: int = 50) -> Sequence[Batch]:
    """All of a workspace, newest first, beyond the moment and id of the last one seen."""
    wanted = select(Batch).where(Batch.workspace_id == workspace_id)
    if after:
        wanted = wanted.where((Batch.created_at < after[0]) | ((Batch.created_at == after[0]) & (Batch.id < after[1])))
    return db.session.scalars(wanted.order_by(Batch.created_at.desc(), Batch.id.desc()).limit(limit)).all()


def twin(batch: Batch) -> Batch | None:
    """An earlier batch of the same file and message that was started, or will be by itself."""
    wanted = select(Batch).where(
        Batch.workspace_id == batch.workspace_id, Batch.file_digest == batch.file_digest, Batch.template_id == batch.template_id,
        Batch.id != batch.id, Batch.file_digest != "", or_(Batch.started_at.is_not(None), Batch.status == BatchStatus.SCHEDULED),
    )  # fmt: skip
    return db.session.scalar(wanted.order_by(func.coalesce(Batch.started_at, Batch.start_at).desc()).limit(1))


def hold_after(batch_id: str, first: int) -> int | None:
    """The id of the waiting message number ``first``; None when no more than those wait, so that there is nothing to hold back."""
    waiting = select(_M.id).where(_M.batch_id == batch_id, _M.status == DeliveryStatus.QUEUED).order_by(_M.id)
    ids = db.session.scalars(waiting.limit(first + 1)).all()
    return ids[first - 1] if 0 < first < len(ids) else None


def retries(batch: Batch) -> Sequence[Batch]:
    """The batches that send to failed rows of this one again, oldest first."""
    wanted = select(Batch).where(Batch.retry_of == batch.id, Batch.workspace_id == batch.workspace_id)
    return db.session.scalars(wanted.order_by(Batch.created_at, Batch.id)).all()


def numbers(batch: Batch) -> BatchNumbers:
    """Where the rows stand now: one grouped query over an index that covers it."""
    counts = {
        status: count
        for status, count in db.session.execute(select(_M.status, func.count()).where(_M.batch_id == batch.id).group_by(_M.status))
    }
    answered = db.session.scalar(select(func.count()).where(_M.batch_id == batch.id, _M.answered_at.is_not(None))) or 0
    if batch.status == BatchStatus.CANCELLED:
        counts["cancelled"] = counts.get("cancelled", 0) + counts.pop("queued", 0)
    return BatchNumbers.of(counts, faulty=batch.faulty, answered=answered)


@dataclass(frozen=True, slots=True)
class Try:
    """A message that was tried. ``is_told``: a webhook said what became of it."""

    id: int
    has_failed: bool
    is_told: bool


def threshold(on: Executor, batch_id: str) -> Row[Any] | None:
    """``stop_at`` and ``running_since`` of a running batch."""
    wanted = select(_B.stop_at, _B.running_since).where(_B.id == batch_id, _B.status == BatchStatus.RUNNING)
    return on.execute(wanted).one_or_none()


def last_tries(on: Executor, batch_id: str, since: datetime | None, limit: int) -> list[Try]:
    """The last messages of a batch that Meta took or refused since then, the latest first: a short range of the index for each status."""
    found = []
    for status in EVIDENCE:
        wanted = select(_M.id, _M.accepted_at, _M.sending_at).where(_M.batch_id == batch_id, _M.status == status)
        for row in on.execute(wanted.order_by(_M.id.desc()).limit(limit)):
            if since is None or (row.sending_at is not None and row.sending_at >= since):
                has_failed = status is DeliveryStatus.FAILED
                is_told = row.accepted_at is not None if has_failed else status is not DeliveryStatus.ACCEPTED
                found.append(Try(row.id, has_failed, is_told))
    return sorted(found, key=lambda each: each.id, reverse=True)


def conversations_of(message_ids: Sequence[int]) -> dict[int, str]:
    """The conversations that these messages opened, by message."""
    wanted = select(Conversation.opened_by, Conversation.id).where(Conversation.opened_by.in_(message_ids))
    return {opened_by: id for opened_by, id in db.session.execute(wanted) if opened_by is not None}


def every_recipient(batch_id: str, size: int = 2000) -> Iterator[Sequence[Row[Any]]]:
    """All rows of a batch in the order of the file, in slices: for an export that never holds them all."""
    columns = (_M.id, _M.number, _M.phone, _M.content, _M.status, _M.error_code, _M.error_text)
    times = (_M.accepted_at, _M.sent_at, _M.delivered_at, _M.read_at, _M.failed_at, _M.answered_at)
    after = 0
    while True:
        ids = [message.id for message in _slice(batch_id, after, size)]
        if not ids:
            return
        yield db.session.execute(select(*columns, *times).where(_M.id.in_(ids)).order_by(_M.id)).all()
        db.session.rollback()
        after = ids[-1]


def _slice(batch_id: str, after: int, size: int) -> Sequence[Row[Any]]:
    parts = [
        select(select(_M.id).where(_M.batch_id == batch_id, _M.status == status, _M.id > after).order_by(_M.id).limit(size).subquery())
        for status in OUT
    ]
    both = union_all(*parts).subquery()
    return db.session.execute(select(both.c.id).order_by(both.c.id).limit(size)).all()


def faults(batch_id: str, *, after: tuple[int, int] = (0, 0), limit: int = 50) -> Sequence[BatchFault]:
    """Faulty cells in the order of the file; ``after`` is the row and id of the last one seen."""
    later = (BatchFault.row > after[0]) | ((BatchFault.row == after[0]) & (BatchFault.id > after[1]))
    wanted = select(BatchFault).where(BatchFault.batch_id == batch_id, later)
    return db.session.scalars(wanted.order_by(BatchFault.row, BatchFault.id).limit(limit)).all()


def fault_kinds(batch_id: str) -> Sequence[tuple[str, int]]:
    """How many faulty cells of each kind, most frequent first."""
    count = func.count()
    wanted = select(BatchFault.code, count).where(BatchFault.batch_id == batch_id).group_by(BatchFault.code)
    return [(code, number) for code, number in db.session.execute(wanted.order_by(count.desc(), BatchFault.code))]


def load(on: Connection, table: Table, constants: Mapping[str, Any], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert many rows the fastest way that the database has. ``constants`` are the same in each; JSON comes as text."""
    given = {**_defaults(table), **constants}
    given = {name: value for name, value in given.items() if name not in names}
    columns = ", ".join([*given, *names])
    if on.dialect.name == "postgresql":
        _copy(on, f"COPY {table.name} ({columns}) FROM STDIN", "".join(_copied(value) + "\t" for value in given.values()), rows)
    else:
        _insert(on, f"INSERT INTO {table.name} ({columns})", [plain(value) for value in given.values()], rows)


def _insert(on: Connection, statement: str, given: Sequence[Any], rows: Sequence[Sequence[Any]]) -> None:
    """What is the same in each row stands in the statement. The index of phone numbers needs room: its pages come in random order."""
    make_room(on)
    quoted = on.exec_driver_sql(f"SELECT {', '.join('quote(?)' for _ in given)}", tuple(given)).one()
    cursor = on.connection.cursor()
    cursor.executemany(f"{statement} VALUES ({', '.join([*quoted, *('?' for _ in rows[0])])})", rows)
    cursor.close()


def _copy(on: Connection, statement: str, before: str, rows: Sequence[Sequence[Any]]) -> None:
    with on.connection.driver_connection.cursor() as cursor, cursor.copy(statement) as copy:  # type: ignore[union-attr]
        copy.write("".join([before + "\t".join(map(_copied, row)) + "\n" for row in rows]))


def _copied(value: Any) -> str:
    """One value in the text form of COPY."""
    if value is None:
        return "\\N"
    text = value if type(value) is str else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _defaults(table: Table) -> dict[str, Any]:
    return {
        column.name: column.default.arg
        for column in table.columns
        if column.default is not None and column.default.is_scalar and not column.primary_key
    }


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
