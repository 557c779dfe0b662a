"""People under way: where they stand, and moving them to the version now live, some at a time.

What a move would do to each is decided in ``core.moving`` on a copy of their conversation; here it is counted, and done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from flowbuilder import clock, queue
from flowbuilder.core.flow import Flow
from flowbuilder.core.moving import Fate, Plan, Verdict, suggest
from flowbuilder.core.nodes import name_of
from flowbuilder.core.run import Run
from flowbuilder.errors import Conflict, NotFound
from flowbuilder.services import Tx, transaction
from flowbuilder.services.accounts import audit
from flowbuilder.services.conversations import turns
from flowbuilder.services.flows.listing import UNDER_WAY
from flowbuilder.store import db
from flowbuilder.store import flows as rows
from flowbuilder.store.conversations import Contact, Conversation
from flowbuilder.store.flows import FlowDraft, FlowVersion

AT_ONCE = 100
TRIED = 500
"""So many people of a step stand for all who are there, where there are more."""

Choices = Mapping[tuple[int, str], str | None]


@dataclass(frozen=True, slots=True)
class Stand:
    """So many people of a version wait at a step, which is called ``name`` there."""

    number: int
    node: str
    name: str
    people: int


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a move would do: so many are moved in silence, so many are asked again, so many stay behind and why. It was ``tried`` on
    so many of them; where these are not all, the numbers are told by their shares.
    """

    stays: int
    is_asked: int
    cannot: tuple[tuple[str, int], ...]
    tried: int = 0

    @property
    def movable(self) -> int:
        return self.stays + self.is_asked

    @property
    def left_behind(self) -> int:
        return sum(count for _, count in self.cannot)

    @property
    def people(self) -> int:
        return self.movable + self.left_behind


@dataclass(frozen=True, slots=True)
class Moved:
    """``done`` were moved among those that were looked at; ``after`` is where to go on, or None at the end."""

    done: int
    after: str | None


def waiting(flow_id: str) -> dict[str, int]:
    """How many people wait at each step now, in whichever version they are; a step keeps its id from version to version."""
    node = Conversation.state["node"].as_string()
    query = select(node, func.count()).join(FlowVersion, Conversation.version_id == FlowVersion.id).where(*_under_way(flow_id))
    return {at: people for at, people in db.session.execute(query.group_by(node)) if at}


def standing(flow_id: str) -> list[Stand]:
    """Who waits where, the newest version first, step by step in the order of its flow."""
    node = Conversation.state["node"].as_string()
    query = (
        select(FlowVersion.id, FlowVersion.number, node, func.count())
        .join(Conversation, Conversation.version_id == FlowVersion.id)
        .where(*_under_way(flow_id))
        .group_by(FlowVersion.id, FlowVersion.number, node)
        .order_by(FlowVersion.number.desc())
    )
    found = db.session.execute(query).all()
    flows = {id: Flow.from_json(db.session.get_one(FlowVersion, id).document) for id in {id for id, *_ in found}}
    stands = [Stand(number, at or "", _name(flows[id], at), people) for id, number, at, people in found]
    order = {id: {node: place for place, node in enumerate(flow.nodes)} for id, flow in flows.items()}
    places = {number: order[id] for id, number, *_ in found}
    return sorted(stands, key=lambda stand: (-stand.number, places[stand.number].get(stand.node, 0)))


def live(workspace_id: str, flow_id: str) -> tuple[FlowDraft, FlowVersion]:
    """The flow with its version now live; Conflict while none is."""
    draft = rows.draft(workspace_id, flow_id)
    if draft is None:
        raise NotFound()
    version = rows.version(flow_id, draft.published)
    if version is None:
        raise Conflict("Publish the flow first: people can only be moved to a version that is live.")
    return draft, version


def suggested(flow_id: str, version: FlowVersion, stands: list[Stand]) -> dict[tuple[int, str], str | None]:
    """Where the people of other versions would go by themselves."""
    new = Flow.from_json(version.document)
    found: dict[tuple[int, str], str | None] = {}
    for number in sorted({stand.number for stand in stands} - {version.number}):
        old = rows.version(flow_id, number)
        at = [stand.node for stand in stands if stand.number == number]
        found |= {(number, node): to for node, to in suggest(Flow.from_json(old.document), new, at).items()} if old else {}
    return found


def outlook(workspace_id: str, flow_id: str, choices: Choices) -> Outlook:
    """Try the move on copies of the conversations under way; nothing is changed."""
    _, version = live(workspace_id, flow_id)
    movers, now, tried = _Movers(version, choices), clock.now(), 0
    counts: Counter[tuple[Fate, str]] = Counter()
    for of, state, heard_at, people in db.session.execute(_spread(flow_id, version)):
        verdict = movers.judge(of, state, now, heard_at)
        counts[verdict.fate, verdict.reason] += Fraction(people, min(people, TRIED))
        tried += 1
    rounded = Counter({what: round(number) for what, number in counts.items()})
    cannot = tuple((reason, number) for (fate, reason), number in rounded.most_common() if fate is Fate.CANNOT)
    return Outlook(rounded[Fate.STAYS, ""], rounded[Fate.IS_ASKED, ""], cannot, tried)


def move(workspace_id: str, flow_id: str, choices: Choices, user_id: str | None, *, after: str = "") -> Moved:
    """Move the next people under way, those whose conversations come after ``after``; each is judged once more as it is now."""
    with transaction() as session:
        draft, version = live(workspace_id, flow_id)
        movers = _Movers(version, choices)
        ids = session.scalars(_wanted(flow_id, version, after)).all()
        fates = [_move(session, movers, version, id) for id in ids]
        done = sum(fate is not Fate.CANNOT for fate in fates)
        if done:
            people = "one person" if done == 1 else f"{done} people"
            text = f"Moved {people} to version {version.number} of the flow “{draft.name}”"
            audit.record(session, workspace_id, user_id, "flow.people_moved", flow_id, text)
    if Fate.IS_ASKED in fates:
        queue.ring(queue.REPLIES, "converse")
    return Moved(done, ids[-1] if len(ids) == AT_ONCE else None)


def _move(session: Tx, movers: _Movers, version: FlowVersion, conversation_id: str) -> Fate:
    row = turns.locked(session, conversation_id)
    if row.version_id == version.id:
        return Fate.CANNOT
    now = clock.now()
    verdict = movers.judge(row.version_id, row.state, now, session.get_one(Contact, row.contact_id).last_heard_at)
    if verdict.sprint is not None:
        turns.transfer(session, row, version.id, verdict.sprint, now)
    return verdict.fate


class _Movers:
    """A plan for each version that people come from."""

    def __init__(self, version: FlowVersion, choices: Choices) -> None:
        self._version, self._choices = version, choices
        self._new = Flow.from_json(version.document)
        self._plans: dict[str, Plan] = {}

    def judge(self, version_id: str, state: Mapping[str, Any], now: datetime, heard_at: datetime | None) -> Verdict:
        if version_id not in self._plans:
            old = db.session.get_one(FlowVersion, version_id)
            mapping = {node: to for (number, node), to in self._choices.items() if number == old.number}
            self._plans[version_id] = Plan.of(Flow.from_json(old.document), self._new, mapping, self._version.number or 0)
        return self._plans[version_id].judge(Run.from_json(state), now, heard_at)


def _spread(flow_id: str, version: FlowVersion) -> Any:
    """All people of each step of other versions, or ``TRIED`` of them from the first to the last, with how many are there."""
    at_step = {"partition_by": (Conversation.version_id, Conversation.state["node"].as_string())}
    place = func.row_number().over(**at_step, order_by=Conversation.id)
    ranked = (
        select(Conversation.id, place.label("place"), func.count().over(**at_step).label("people"))
        .join(FlowVersion, FlowVersion.id == Conversation.version_id)
        .where(*_under_way(flow_id), FlowVersion.id != version.id)
        .subquery()
    )
    return (
        select(Conversation.version_id, Conversation.state, Contact.last_heard_at, ranked.c.people)
        .join(ranked, ranked.c.id == Conversation.id)
        .join(Contact, Contact.id == Conversation.contact_id)
        .where(ranked.c.place * TRIED % ranked.c.people < TRIED)
    )


def _wanted(flow_id: str, version: FlowVersion, after: str) -> Select[tuple[str]]:
    return (
        select(Conversation.id)
        .join(FlowVersion, FlowVersion.id == Conversation.version_id)
        .where(*_under_way(flow_id), FlowVersion.id != version.id, Conversation.id > after)
        .order_by(Conversation.id)
        .limit(AT_ONCE)
    )


def _under_way(flow_id: str) -> tuple[ColumnElement[bool], ...]:
    """In a published version; trials of drafts stay what they are."""
    return Conversation.flow_id == flow_id, Conversation.status.in_(UNDER_WAY), FlowVersion.number.is_not(None)


def _name(flow: Flow, node: str | None) -> str:
    return name_of(flow.nodes[node]) if node in flow.nodes else "A step that is gone"
