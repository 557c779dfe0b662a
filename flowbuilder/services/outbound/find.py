"""Reading outbound messages: one, a list with filters, the history of a review."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Select, func, or_, select

from flowbuilder.core.finding import Finding
from flowbuilder.core.lint.verdicts import same_text
from flowbuilder.core.review import ReviewStatus
from flowbuilder.core.template import Category, Conversation, TemplateContent
from flowbuilder.errors import NotFound
from flowbuilder.store import db
from flowbuilder.store.outbound import ReviewEvent, TemplateMessage

FILTERS = ("status", "category", "kind", "line_id", "language")
_LONGEST_LIST = 500


def find(workspace_id: str, template_id: str, *, locked: bool = False) -> TemplateMessage:
    """The message as it is in the database now; ``locked`` keeps others from it until the transaction ends."""
    row = db.session.get(TemplateMessage, template_id, populate_existing=True, with_for_update=True if locked else None)
    if row is None or row.workspace_id != workspace_id:
        raise NotFound()
    return row


def listed(workspace_id: str, *, search: str = "", filters: Mapping[str, str] | None = None) -> Sequence[TemplateMessage]:
    """The newest changes first; deleted ones only when they are asked for."""
    query = matching(workspace_id, search=search, filters=filters)
    return db.session.scalars(query.order_by(TemplateMessage.updated_at.desc(), TemplateMessage.id).limit(_LONGEST_LIST)).all()


def matching(workspace_id: str, *, search: str = "", filters: Mapping[str, str] | None = None) -> Select[tuple[TemplateMessage]]:
    """The query of a list, still without an order."""
    query = select(TemplateMessage).where(TemplateMessage.workspace_id == workspace_id)
    chosen = {name: value for name, value in (filters or {}).items() if value and name in FILTERS}
    if "status" not in chosen:
        query = query.where(TemplateMessage.status != ReviewStatus.DELETED)
    for name, value in chosen.items():
        query = query.where(getattr(TemplateMessage, name) == value)
    if search.strip():
        words = search.strip().lower()
        named = func.lower(TemplateMessage.name).contains(words, autoescape=True)
        query = query.where(or_(named, TemplateMessage.id == search.strip(), TemplateMessage.wire_name == words))
    return query


def facets(workspace_id: str) -> dict[str, list[str]]:
    """Which values occur at all, so that only these are offered as filters."""
    found = {}
    for name in FILTERS:
        column = getattr(TemplateMessage, name)
        values = db.session.scalars(select(column).where(TemplateMessage.workspace_id == workspace_id).distinct().order_by(column))
        found[name] = list(values)
    return found


def approved_for_flows(workspace_id: str) -> Sequence[TemplateMessage]:
    """Messages that a flow may begin with now."""
    query = select(TemplateMessage).where(
        TemplateMessage.workspace_id == workspace_id,
        TemplateMessage.status == ReviewStatus.APPROVED,
        TemplateMessage.conversation == Conversation.FLOW,
        TemplateMessage.unheld == "",
    )
    return db.session.scalars(query.order_by(func.lower(TemplateMessage.name))).all()


def approved_on(workspace_id: str, line_id: str) -> Sequence[TemplateMessage]:
    """Messages that a flow may send on its way now; of all lines while ``line_id`` is empty. One-time codes have their own step."""
    query = select(TemplateMessage).where(
        TemplateMessage.workspace_id == workspace_id,
        TemplateMessage.status == ReviewStatus.APPROVED,
        TemplateMessage.category != Category.AUTHENTICATION,
        TemplateMessage.unheld == "",
        *([TemplateMessage.line_id == line_id] if line_id else ()),
    )
    return db.session.scalars(query.order_by(func.lower(TemplateMessage.name)).limit(_LONGEST_LIST)).all()


def of_ids(workspace_id: str, ids: Collection[str]) -> Sequence[TemplateMessage]:
    query = select(TemplateMessage).where(TemplateMessage.id.in_(ids), TemplateMessage.workspace_id == workspace_id)
    return db.session.scalars(query).all()


def history(template_id: str) -> Sequence[ReviewEvent]:
    return db.session.scalars(select(ReviewEvent).where(ReviewEvent.template_id == template_id).order_by(ReviewEvent.id.desc())).all()


def doubts(workspace_id: str, template_id: str, line_id: str, content: TemplateContent) -> tuple[Finding, ...]:
    """What makes a rejection likely for a reason that lies in other messages: one of the same text, at worst a rejected one."""
    if content.is_otp or not content.body.strip():
        return ()
    known = (ReviewStatus.REJECTED, ReviewStatus.APPROVED, ReviewStatus.PENDING, ReviewStatus.PAUSED, ReviewStatus.IN_APPEAL)
    query = select(TemplateMessage.name, TemplateMessage.status).where(
        TemplateMessage.workspace_id == workspace_id,
        TemplateMessage.line_id == line_id,
        TemplateMessage.id != template_id,
        TemplateMessage.status.in_(known),
        TemplateMessage.language == content.language,
        TemplateMessage.content["body"].as_string() == content.body,
        TemplateMessage.content["footer"].as_string() == content.footer,
    )
    found = db.session.execute(query.order_by(TemplateMessage.status != ReviewStatus.REJECTED).limit(1)).first()
    return (same_text(found.name, found.status == ReviewStatus.REJECTED),) if found else ()
