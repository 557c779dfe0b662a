"""What an open editor must draw again since the revision that it has seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from zlib import crc32

from flowbuilder.core.flow import Flow, Node
from flowbuilder.core.nodes import KINDS
from flowbuilder.errors import NotFound
from flowbuilder.services.flows.changes import read_stack
from flowbuilder.services.flows.initial import template_of
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.flows import FlowChange, FlowDraft
from flowbuilder.store.outbound import TemplateMessage

MANY = 400


@dataclass(frozen=True, slots=True)
class News:
    """``is_full`` means everything; otherwise the steps and connections that changes touched, and the steps that went."""

    draft: FlowDraft
    flow: Flow
    template: TemplateMessage | None
    is_full: bool
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    removed: tuple[str, ...]
    settings: bool
    is_changed: bool
    undo: str | None
    redo: str | None
    tag: str
    """Changes when what stands outside the flow, but is drawn on it, changes."""


def _tag(workspace_id: str, messages: Collection[str], published: int | None, talk: int) -> str:
    """By the outbound messages that steps send, what is published, and what is said about the flow."""
    query = db.select(TemplateMessage.id, TemplateMessage.status, TemplateMessage.updated_at).order_by(TemplateMessage.id)
    mine = query.where(TemplateMessage.id.in_(messages), TemplateMessage.workspace_id == workspace_id)
    seen = [f"{id}.{status}.{at.timestamp()}" for id, status, at in db.session.execute(mine)] if messages else []
    return f"{crc32(' '.join(seen).encode()):x}.{published or 0}.{talk}"


def news_since(workspace_id: str, flow_id: str, revision: int, tag: str, user_id: str | None) -> News | None:
    """None when there is none. A ``revision`` below 0 asks for everything."""
    draft = rows.draft(workspace_id, flow_id)
    if draft is None:
        raise NotFound("This flow was deleted. Restore it on My flows to go on.")
    flow = Flow.from_json(draft.document)
    template = template_of(flow, workspace_id)
    now = _tag(workspace_id, _sent(flow.nodes.values()), draft.published, draft.talk)
    same_outside = now == tag
    if revision == draft.revision and same_outside:
        return None
    changes = rows.changes_after(flow_id, revision) if 0 <= revision <= draft.revision else []
    is_full = not 0 <= revision <= draft.revision or len(changes) > MANY
    nodes, edges, removed = _touched(changes, flow)
    if not same_outside:
        nodes |= {id for id, node in flow.nodes.items() if KINDS[node.kind].is_start or KINDS[node.kind].sends(node)}
    undo, redo = next_words(flow_id, user_id)
    return News(
        draft=draft, flow=flow, template=template, is_full=is_full, nodes=tuple(flow.nodes) if is_full else tuple(sorted(nodes)),
        edges=tuple(flow.edges) if is_full else tuple(sorted(edges)), removed=tuple(sorted(removed)),
        settings=any(_is_of_flow(change) for change in changes), undo=undo, redo=redo, is_changed=is_changed(draft), tag=now,
    )  # fmt: skip


def is_quiet(workspace_id: str, flow_id: str, revision: int, tag: str) -> bool:
    """Whether there is certainly no news: the cheap question that every open editor asks all the time."""
    head = rows.head(workspace_id, flow_id)
    if head is None or head[0] != revision:
        return False
    return _tag(workspace_id, messages_at(flow_id, revision), head[1], head[2]) == tag


@lru_cache(maxsize=4096)
def messages_at(flow_id: str, revision: int) -> tuple[str, ...]:
    """The outbound messages that a flow sent at a revision, remembered likewise."""
    document = db.session.scalar(db.select(FlowDraft.document).filter_by(id=flow_id))
    return _sent(Node.from_json(node) for node in document["nodes"])


def _sent(nodes: Iterable[Node]) -> tuple[str, ...]:
    return tuple({one for node in nodes for one in KINDS[node.kind].sends(node)})


def is_changed(draft: FlowDraft) -> bool:
    """Whether the draft differs from the version that was published last: in its name, a setting, a step, a connection or the place of a
    card. How it came to be as it is does not count.
    """
    at = rows.published_at(draft.id, draft.latest)
    return at is not None and draft.updated_at > at


def next_words(flow_id: str, user_id: str | None) -> tuple[str | None, str | None]:
    """What undo and redo would speak of now."""
    stack = read_stack(db.session, flow_id, user_id)
    wanted = [*stack.undo[:1], *stack.redo[:1]]
    found = dict(
        db.session.execute(
            db.select(FlowChange.revision, FlowChange.words).filter(FlowChange.flow_id == flow_id, FlowChange.revision.in_(wanted))
        ).all()
    )
    return tuple(found.get(ids[0]) if ids else None for ids in (stack.undo, stack.redo))


def _touched(changes: Iterable[FlowChange], flow: Flow) -> tuple[set[str], set[tuple[str, str]], set[str]]:
    nodes: set[str] = set()
    edges: set[tuple[str, str]] = set()
    removed: set[str] = set()
    for change in changes:
        touched: dict[str, Any] = change.touched
        nodes.update(touched["nodes"])
        edges.update((source, port) for source, port in touched["edges"])
        removed.update(touched["removed"])
    return nodes & flow.nodes.keys(), edges, removed - flow.nodes.keys()


def _is_of_flow(change: FlowChange) -> bool:
    command = change.command
    patch = command.get("patch") or {}
    return command["kind"] in ("rename", "settings") or bool(patch.get("name") or patch.get("settings"))
