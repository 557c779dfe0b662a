"""What became of an outbound message: the flows that send it, and how its sends went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import String, cast, func, select

from flowbuilder.core.batch import BatchNumbers, BatchStatus
from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.core.flow import Node
from flowbuilder.core.nodes import KINDS
from flowbuilder.store import db
from flowbuilder.store.flows import FlowDraft
from flowbuilder.store.sending import Batch, Message


def used_in(workspace_id: str, template_id: str) -> Sequence[FlowDraft]:
    """The flows of which a step sends this message, by name."""
    query = select(FlowDraft).where(
        FlowDraft.workspace_id == workspace_id,
        FlowDraft.deleted_at.is_(None),
        cast(FlowDraft.document, String).contains(template_id, autoescape=True),
    )
    flows = db.session.scalars(query.order_by(func.lower(FlowDraft.name), FlowDraft.id)).all()
    return [flow for flow in flows if _sends(flow.document, template_id)]


def _sends(document: Mapping[str, Any], template_id: str) -> bool:
    nodes = (Node.from_json(node) for node in document.get("nodes", ()))
    return any(template_id in KINDS[node.kind].sends(node) for node in nodes if node.kind in KINDS)


def sends(workspace_id: str, template_id: str) -> BatchNumbers:
    """Where all messages to single people and of batches that were started stand now, over indexes that exist for other questions."""
    is_of_it = (Batch.workspace_id == workspace_id, Batch.template_id == template_id, Batch.started_at.is_not(None))
    in_batches = select(Message.status, Batch.status, func.count()).join(Batch, Batch.id == Message.batch_id).where(*is_of_it)
    answered_there = select(func.count()).select_from(Message).join(Batch, Batch.id == Message.batch_id)
    single = (
        select(Message.status, func.count(), func.count(Message.answered_at))
        .where(Message.workspace_id == workspace_id, Message.client_key > "", Message.template_id == template_id)
        .group_by(Message.status)
    )
    counts: Counter[str] = Counter()
    answers = db.session.scalar(answered_there.where(*is_of_it, Message.answered_at.is_not(None))) or 0
    for status, batch_status, count in db.session.execute(in_batches.group_by(Message.status, Batch.status)):
        is_called_off = status == DeliveryStatus.QUEUED and batch_status == BatchStatus.CANCELLED
        counts[DeliveryStatus.CANCELLED if is_called_off else status] += count
    for status, count, answered in db.session.execute(single):
        counts[status] += count
        answers += answered
    return BatchNumbers.of(counts, answered=answers)
