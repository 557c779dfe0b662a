"""Carrying out what conversations ask of the world outside: an event out, an input in.

A request is written in the turn that asks, and noted as started before anything leaves. Whatever has effects outside is
tried once: when nobody can tell what became of it, the conversation hears just that. What only reads is tried twice.
A program that does not answer holds up those who wait for it, and nobody else: it gets a share of the threads at most.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from sqlalchemy import Select, or_, select

from flowbuilder import clock, queue
from flowbuilder.core.run import Input, InputKind
from flowbuilder.errors import Conflict, FlowBuilderError
from flowbuilder.services import Tx, transaction
from flowbuilder.services.conversations import codes, http, turns, validations
from flowbuilder.store import db
from flowbuilder.store.requests import IS_OPEN, Request

log = logging.getLogger(__name__)

LOST = "The connection to it, or our own work, broke off, so nobody can tell whether it was done. It is not tried again."
_THREADS, _OF_ONE_TARGET = 128, 32
_LEASE = timedelta(seconds=40)
_SLICE_SECONDS = 60.0
_QUIET_SECONDS = 1.0
_PAUSE = 0.05
_PAUSES = (5, 15, 60, 180)
"""Seconds before another try where a result asks for one."""


def _as_it_is(session: Tx, row: Request, result: Mapping[str, Any]) -> Mapping[str, Any]:
    return result


@dataclass(frozen=True, slots=True)
class Carrier:
    """Who carries out one kind. ``prepare`` reads what it needs from the database; ``act`` does without, in a thread. What may be
    repeated is tried ``tries`` times, after a crash or where the result says ``again``. ``settle`` makes of it what the conversation hears.
    """

    prepare: Callable[[Request], Any]
    act: Callable[[Any], Mapping[str, Any]]
    may_repeat: Callable[[Request], bool]
    keep: Callable[[Mapping[str, Any]], Mapping[str, Any]]
    tries: int = 2
    settle: Callable[[Tx, Request, Mapping[str, Any]], Mapping[str, Any]] = _as_it_is


def _do(act: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    return act()


CARRIERS: dict[str, Carrier] = {
    "http": Carrier(lambda row: http.prepare(row.workspace_id, row.content), http.act, lambda row: http.may_repeat(row.content), http.kept),
    "phone_code": Carrier(codes.by_phone, _do, lambda _: True, codes.kept),
    "email_code": Carrier(codes.by_mail, _do, codes.has_surely_not_left, codes.kept),
    "code_check": Carrier(codes.check, _do, lambda _: True, codes.kept),
    "validation": Carrier(validations.prepare, validations.act, lambda _: True, dict, tries=5, settle=validations.settle),
}


def run() -> None:
    """Carry out all that waits; ends after a moment in which nothing did."""
    deadline, quiet_since = time.monotonic() + _SLICE_SECONDS, time.monotonic()
    under_way: dict[Future[Mapping[str, Any]], tuple[int, str]] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        while under_way or not (queue.is_stopping() or time.monotonic() > deadline):
            is_closing = queue.is_stopping() or time.monotonic() > deadline
            busy = Counter(target for _, target in under_way.values())
            for row in () if is_closing else claim(_THREADS - len(under_way), busy):
                id, target = row.id, row.target
                if started := _begun(pool, row):
                    under_way[started] = id, target
            if under_way:
                quiet_since = time.monotonic()
                done, _ = wait(under_way, timeout=_PAUSE, return_when=FIRST_COMPLETED)
                for future in done:
                    _finish(under_way.pop(future)[0], future)
            elif time.monotonic() - quiet_since > _QUIET_SECONDS:
                return
            else:
                time.sleep(_PAUSE)
    queue.ring(queue.OUTSIDE, "carry_out")


def claim(most: int, busy: Mapping[str, int] = MappingProxyType({})) -> Sequence[Request]:
    """Note up to ``most`` as started by us, with those that are ``busy`` already up to a share for each target; those are
    finished at once of which nobody can tell any more."""
    now = clock.now()
    query = due(now).where(Request.target.not_in([target for target, count in busy.items() if count >= _OF_ONE_TARGET]))
    if most <= 0 or db.session.scalar(query.limit(1)) is None:
        db.session.rollback()
        return ()
    counts, mine, lost = Counter(busy), [], []
    with transaction() as session:
        query = query.with_only_columns(Request).order_by(Request.id).limit(most)
        for row in session.scalars(query.with_for_update(skip_locked=True).execution_options(populate_existing=True)):
            if row.status != "queued" and not _may_repeat(row):
                lost.append(row.id)
            elif counts[row.target] < _OF_ONE_TARGET:
                counts[row.target] += 1
                row.status, row.attempt, row.started_at, row.lease_until = "started", row.attempt + 1, now, now + _LEASE
                mine.append(row)
    for id in lost:
        finish(id, {"error": LOST})
    return mine


def due(now: datetime) -> Select[tuple[int]]:
    return select(Request.id).where(IS_OPEN, or_(Request.status == "queued", Request.lease_until < now))


def finish(request_id: int, result: Mapping[str, Any]) -> None:
    """Keep the result, and give it to the conversation: both or neither, and once."""
    with transaction() as session:
        row = session.get_one(Request, request_id, with_for_update=True, populate_existing=True)
        if row.status == "done":
            return
        if row.kind in CARRIERS:
            result = CARRIERS[row.kind].settle(session, row, result)
        conversation = turns.locked(session, row.conversation_id)
        now = clock.now()
        row.status, row.ended_at, row.lease_until = "done", now, None
        row.result = dict(CARRIERS[row.kind].keep(result) if row.kind in CARRIERS else result)
        has_said = turns.take(session, conversation, Input(InputKind.RESULT, request=row.number, result=result), now)
    if has_said:
        queue.ring(queue.REPLIES, "converse")


def _begun(pool: ThreadPoolExecutor, row: Request) -> Future[Mapping[str, Any]] | None:
    carrier = CARRIERS.get(row.kind)
    if carrier is None:
        finish(row.id, {"error": "This kind of request is not known here."})
        return None
    try:
        ready = carrier.prepare(row)
    except FlowBuilderError as error:
        finish(row.id, {"error": error.text})
        return None
    finally:
        db.session.rollback()
    return pool.submit(carrier.act, ready)


def _finish(request_id: int, future: Future[Mapping[str, Any]]) -> None:
    try:
        result = future.result()
    except Exception:
        log.exception("Request %s failed in a way that nobody foresaw.", request_id)
        result = {"error": "Something went wrong here while it was carried out; the log tells more."}
    try:
        if not (result.get("again") and _put_off(request_id)):
            finish(request_id, result)
    except Conflict as error:
        log.info("The result of request %s waits for its lease to end: %s", request_id, error.text)


def _put_off(request_id: int) -> bool:
    """Let it be tried again after a while, if it may be."""
    with transaction() as session:
        row = session.get_one(Request, request_id, with_for_update=True, populate_existing=True)
        if not _may_repeat(row):
            return False
        row.lease_until = clock.now() + timedelta(seconds=_PAUSES[min(row.attempt, len(_PAUSES)) - 1])
    return True


def _may_repeat(row: Request) -> bool:
    carrier = CARRIERS.get(row.kind)
    return carrier is not None and row.attempt < carrier.tries and carrier.may_repeat(row)
