"""What an open editor must draw again since the revision that it has seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flowbuilder.core.flow import Flow
from flowbuilder.core.nodes import KINDS
from flowbuilder.errors import NotFound
from flowbuilder.services.flows.changes import read_stack
from flowbuilder.services.flows.facts import template_of
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

    @property
    def tag(self) -> str:
        """Changes when what stands outside the flow, but is drawn on it, changes."""
        return tag_of(self.template, self.draft.published, self.draft.talk)


def tag_of(template: TemplateMessage | None, published: int | None, talk: int) -> str:
    row = f"{template.id}.{template.status}.{template.updated_at.timestamp()}" if template else "none"
    return f"{row}.{published or 0}.{talk}"


def news_since(workspace_id: str, flow_id: str, revision: int, tag: str, user_id: str | None) -> News | None:
    """None when there is none. A ``revision`` below 0 asks for everything."""
    draft = rows.draft(workspace_id, flow_id)
    if draft is None:
        raise NotFound("This flow was deleted. Restore it on My flows to go on.")
    flow = Flow.from_json(draft.document)
    template = template_of(flow, workspace_id)
    same_outside = tag_of(template, draft.published, draft.talk) == tag
    if revision == draft.revision and same_outside:
        return None
    changes = rows.changes_after(flow_id, revision) if 0 <= revision <= draft.revision else []
    is_full = not 0 <= revision <= draft.revision or len(changes) > MANY
    nodes, edges, removed = _touched(changes, flow)
    if not same_outside:
        nodes |= {id for id, node in flow.nodes.items() if KINDS[node.kind].is_start}
    undo, redo = next_words(flow_id, user_id)
    return News(
        draft=draft, flow=flow, template=template, is_full=is_full, nodes=tuple(flow.nodes) if is_full else tuple(sorted(nodes)),
        edges=tuple(flow.edges) if is_full else tuple(sorted(edges)), removed=tuple(sorted(removed)),
        settings=any(_is_of_flow(change) for change in changes), undo=undo, redo=redo, is_changed=is_changed(draft),
    )  # fmt: skip


def is_quiet(workspace_id: str, flow_id: str, revision: int, tag: str) -> bool:
    """Whether there is certainly no news: the cheap question that every open editor asks all the time."""
    head = rows.head(workspace_id, flow_id)
    if head is None or head[0] != revision:
        return False
    named = template_id(flow_id, revision)
    template = db.session.get(TemplateMessage, named) if named else None
    return tag_of(template if template and template.workspace_id == workspace_id else None, head[1], head[2]) == tag


@lru_cache(maxsize=4096)
def template_id(flow_id: str, revision: int) -> str | None:
    """The initial message that a flow named at a revision, remembered: nobody need read the document for it again."""
    document = db.session.scalar(db.select(FlowDraft.document).filter_by(id=flow_id))
    return next((node["data"]["template"] for node in document["nodes"] if node["data"].get("template")), None)


def is_changed(draft: FlowDraft) -> bool:
    """Whether the draft has gone on since it was published."""
    at = rows.published_at(draft.id, draft.published)
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
