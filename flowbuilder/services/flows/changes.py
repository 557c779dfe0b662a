"""Changing a flow: a command is put on the document as it is now, and kept with its exact inverse.

An editor may have seen an older revision: as long as its command still applies nothing of anybody is lost. Typing
that goes on in the same field, and nudges of the same cards, become one change, so that undo takes back what a
person thinks of as one thing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, scoped_session

from flowbuilder import clock
from flowbuilder.core import commands
from flowbuilder.core.flow import Flow
from flowbuilder.core.layout import arrange, arrange_some
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import transaction
from flowbuilder.services.flows.initial import tapped, template_of
from flowbuilder.services.flows.references import adopted
from flowbuilder.services.flows.stack import Stack, stack_of
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowChange, FlowDraft, FlowVersion

ONE_BURST = timedelta(seconds=8)

Db = Session | scoped_session[Session]
Command = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Went:
    """What a way through the history came to: how many changes were undone or redone, the last of them in words, and the
    moment that leads back to where it began."""

    kind: str
    count: int
    words: str
    origin: int


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change left behind, and in words what it named of another workspace, which was left out.

    ``leaves`` is the version that was published last, when an undo has just gone back to before it was published.
    """

    revision: int
    flow: Flow
    touched: Mapping[str, Any]
    left_out: tuple[str, ...] = ()
    leaves: int | None = None
    went: Went | None = None


def change(
    workspace_id: str,
    flow_id: str,
    command: Command,
    user_id: str | None,
    seen_revision: int | None = None,
    *,
    client_key: str | None = None,
) -> Changed:
    """Put ``command`` on the flow; Conflict says why when it no longer applies. A ``client_key`` that came before changes nothing."""
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        flow = Flow.from_json(draft.document)
        if (done := _done_before(session, draft, client_key)) is not None:
            return Changed(draft.revision, flow, done.touched)
        if seen_revision is not None and seen_revision > draft.revision:
            raise Conflict("This flow was set back to an earlier state. Reload the page to go on from there.")
        command, left_out = adopted(command, workspace_id)
        applied = _apply(flow, command)
        row = FlowChange(
            kind="do",
            command=dict(command),
            inverse=applied.inverse,
            touched=applied.touched,
            words=commands.words(command, flow, applied.flow, tapped(template_of(applied.flow, workspace_id))),
            client_key=client_key,
        )
        _keep(session, draft, applied.flow, row, user_id)
        _settle(session, draft, applied.flow)
        return Changed(draft.revision, applied.flow, applied.touched, left_out)


def undo(workspace_id: str, flow_id: str, user_id: str | None, *, client_key: str | None = None) -> Changed:
    """Take back this person's last change that can still be taken back."""
    return _step(workspace_id, flow_id, user_id, client_key, "undo")


def redo(workspace_id: str, flow_id: str, user_id: str | None, *, client_key: str | None = None) -> Changed:
    """Do again what this person took back last."""
    return _step(workspace_id, flow_id, user_id, client_key, "redo")


def go_to(workspace_id: str, flow_id: str, revision: int, user_id: str | None, *, client_key: str | None = None) -> Changed:
    """Go back, or forward again, to what a change in the history left behind, as far as this person's own changes go.

    Conflict when one of them can no longer be taken back: then nothing is done.
    """
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        flow = Flow.from_json(draft.document)
        if (done := _done_before(session, draft, client_key)) is not None:
            return Changed(draft.revision, flow, done.touched)
        stack = read_stack(session, flow_id, user_id)
        kind, revisions = stack.way_to(revision)
        if not revisions and kind == "redo":
            raise Conflict("This was taken back, and other changes were made since then: it can't be redone any more.")
        if not revisions:
            raise Conflict("Everything that you did is as it was at that moment already. What others did stays theirs.")
        for at, one in enumerate(revisions):
            flow = _again(session, draft, flow, kind, one, stack, user_id, client_key if at == 0 else None).flow
        _settle(session, draft, flow)
        words = _change_at(session, flow_id, revisions[-1]).words
        went = Went(kind, len(revisions), words, stack.undo[0] if stack.undo else 0)
        return Changed(draft.revision, flow, {}, went=went)


def tidy(workspace_id: str, flow_id: str, user_id: str | None, *, only: Collection[str] = (), client_key: str | None = None) -> Changed:
    """Lay the cards out anew, in the order of the flow: all, or ``only`` some."""
    draft = rows.draft(workspace_id, flow_id)
    if draft is None:
        raise NotFound()
    flow = Flow.from_json(draft.document)
    places = arrange_some(flow, only) if only else arrange(flow)
    command = {
        "kind": "all",
        "commands": [{"kind": "move", "positions": {id: list(point) for id, point in places.items()}}],
        "words": f"Tidied up {len(places)} steps" if only else "Tidied up the canvas",
    }
    return change(workspace_id, flow_id, command, user_id, client_key=client_key)


def _step(workspace_id: str, flow_id: str, user_id: str | None, client_key: str | None, kind: str) -> Changed:
    with transaction() as session:
        draft = locked(session, workspace_id, flow_id)
        flow = Flow.from_json(draft.document)
        if (done := _done_before(session, draft, client_key)) is not None:
            return Changed(draft.revision, flow, done.touched)
        stack = read_stack(session, flow_id, user_id)
        refusal = None
        for revision in stack.undo if kind == "undo" else stack.redo:
            try:
                applied = _again(session, draft, flow, kind, revision, stack, user_id, client_key)
            except Conflict as error:
                refusal = refusal or error
                continue
            _settle(session, draft, applied.flow)
            return Changed(draft.revision, applied.flow, applied.touched, leaves=_left_by(session, draft, kind, revision))
    if refusal is not None:
        raise refusal
    raise Conflict(f"There is nothing to {kind}.")


def digest_of(flow: Flow) -> str:
    return sha256(flow.canonical().encode()).hexdigest()


def _settle(session: Db, draft: FlowDraft, flow: Flow) -> None:
    """Once it is again exactly what is published, by whatever way, the draft counts as unchanged since then."""
    version = session.execute(
        select(FlowVersion.digest, FlowVersion.created_at).filter_by(flow_id=draft.id, number=draft.latest or 0)
    ).first()
    if version is not None and version.digest == digest_of(flow):
        draft.updated_at = version.created_at


def _left_by(session: Db, draft: FlowDraft, kind: str, revision: int) -> int | None:
    """The version that was published last, when this undo is the first of a row that takes back what was in it."""
    published = rows.published_at(draft.id, draft.latest)
    if kind != "undo" or published is None or _change_at(session, draft.id, revision).at > published:
        return None
    before = session.scalar(
        select(FlowChange)
        .filter(FlowChange.flow_id == draft.id, FlowChange.revision < draft.revision)
        .order_by(FlowChange.revision.desc())
        .limit(1)
    )
    is_first = before is None or before.kind != "undo" or _change_at(session, draft.id, before.of).at > published
    return draft.latest if is_first else None


def _again(
    session: Db, draft: FlowDraft, flow: Flow, kind: str, revision: int, stack: Stack, user_id: str | None, client_key: str | None
) -> commands.Applied:
    """Take back one change, or do it again."""
    source = _change_at(session, draft.id, stack.inverse_of(revision))
    words = _change_at(session, draft.id, revision).words
    try:
        applied = commands.apply(flow, source.inverse)
    except commands.Refused as error:
        verb = "undone" if kind == "undo" else "redone"
        raise Conflict(f"This can't be {verb} any more: “{words}” is about something that was changed meanwhile.") from error
    row = FlowChange(
        kind=kind, of=revision, command=source.inverse, inverse=applied.inverse, touched=applied.touched, words=words,
        client_key=client_key,
    )  # fmt: skip
    _keep(session, draft, applied.flow, row, user_id)
    return applied


def locked(session: Db, workspace_id: str | None, flow_id: str) -> FlowDraft:
    """The draft, nobody else writing to it until the transaction ends."""
    query = select(FlowDraft).filter_by(id=flow_id, deleted_at=None).with_for_update().execution_options(populate_existing=True)
    draft = session.scalar(query if workspace_id is None else query.filter_by(workspace_id=workspace_id))
    if draft is None:
        raise NotFound("This flow does not exist, or it was deleted. Look for it on My flows.")
    return draft


def read_stack(session: Db, flow_id: str, user_id: str | None) -> Stack:
    rows = session.execute(
        select(FlowChange.revision, FlowChange.kind, FlowChange.of)
        .filter(FlowChange.flow_id == flow_id, FlowChange.user_id.is_(None) if user_id is None else FlowChange.user_id == user_id)
        .order_by(FlowChange.revision)
    )
    return stack_of((revision, kind, of) for revision, kind, of in rows)


def _done_before(session: Db, draft: FlowDraft, client_key: str | None) -> FlowChange | None:
    return session.scalar(select(FlowChange).filter_by(flow_id=draft.id, client_key=client_key)) if client_key else None


def _change_at(session: Db, flow_id: str, revision: int) -> FlowChange:
    return session.scalars(select(FlowChange).filter_by(flow_id=flow_id, revision=revision)).one()


def _apply(flow: Flow, command: Command) -> commands.Applied:
    try:
        return commands.apply(flow, command)
    except commands.Refused as refused:
        raise Conflict(refused.text) from refused


def _keep(session: Db, draft: FlowDraft, flow: Flow, row: FlowChange, user_id: str | None) -> None:
    """Store the new document and the change; more typing in the same field replaces the row before."""
    now = clock.now()
    before = session.scalar(select(FlowChange).filter_by(flow_id=draft.id, revision=draft.revision))
    draft.document = flow.to_json()
    draft.name = flow.name
    draft.revision += 1
    draft.updated_at = now
    row.flow_id, row.revision, row.user_id, row.at = draft.id, draft.revision, user_id, now
    if before is not None and before.user_id == user_id and now - before.at < ONE_BURST and _goes_on(before, row):
        row.inverse = before.inverse
        row.at = max(before.at, now - ONE_BURST / 2)
        session.delete(before)
        session.flush()
    session.add(row)


def _goes_on(before: FlowChange, row: FlowChange) -> bool:
    """Whether ``row`` is more of the same: the same keys of the same step, or the same cards moved on."""
    if before.kind != "do" or row.kind != "do" or before.command["kind"] != row.command["kind"]:
        return False
    if before.touched["edges"] or row.touched["edges"]:
        return False
    old, new = before.command, row.command
    match old["kind"]:
        case "change":
            return (
                old["node"] == new["node"]
                and old["data"].keys() == new["data"].keys()
                and _is_typing(old["data"])
                and _is_typing(new["data"])
            )
        case "move":
            return old["positions"].keys() == new["positions"].keys() and row.at - before.at < ONE_BURST / 6
        case "rename":
            return True
    return False


def _is_typing(data: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str | list) for value in data.values())
