"""What the checks ask of a single step, remembered between checks by the step's content: after a change only the changed step is
looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flowbuilder.core.checks.plain import secret_in
from flowbuilder.core.conditions import as_spoken
from flowbuilder.core.finding import Finding
from flowbuilder.core.flow import Node, Port
from flowbuilder.core.memory import Beside, Memory
from flowbuilder.core.nodes import assigns, kind_of, limits, name_of, ports, reads
from flowbuilder.core.nodes.base import NEXT, NodeKind, Stay
from flowbuilder.core.variables import EXIT_WORD, names_in

Values = tuple[str, ...] | str
"""The only values of a variable, or their type, or "" when they may be anything."""

RARE = (
    "asks", "assigns", "branches", "calls", "files", "gives", "is_apart", "is_with_people", "limits", "longest", "secret", "secrets",
    "sends", "stays", "team", "typed",
)  # fmt: skip
"""Parts of a profile that most steps have nothing of."""


@dataclass(frozen=True, slots=True)
class Typed:
    """Words that lead through a port when somebody types them, and as they are heard; the title of an answer comes first."""

    port: str
    words: str
    spoken: str
    is_title: bool


@dataclass(slots=True)
class Profile:
    """All that the checks ask of one step, whatever is around it; nobody changes it, but to freeze so many parts takes longer than to
    find some of them. ``answers`` are the ways out of which one is taken and none may be open; a step that ``goes_on`` has a single way
    out. ``asks`` is 1 where it asks a question of its own.
    """

    name: str
    ports: tuple[Port, ...]
    places: tuple[tuple[str, str], ...]
    """The same as the connections name them."""
    goes_on: bool
    answers: tuple[Port, ...]
    reads: tuple[str, ...]
    looks_at: tuple[str, ...]
    """The same, and what it only asks of whether it is empty."""
    assigns: Mapping[str, tuple[str, ...]]
    limits: tuple[Finding, ...]
    waits: bool
    is_apart: bool
    stays: Mapping[str, Stay]
    """For each port of a step that waits; at others no time passes."""
    heard: Mapping[str, int]
    """For each port by which a run leaves only so many seconds after the person's last message at most, these."""
    speaks: tuple[int, ...]
    speaks_last: int
    """The latest of these moments."""
    sends: tuple[str, ...]
    fills: tuple[str, ...] | None
    calls: tuple[str, ...]
    replies: tuple[str, ...] | None
    files: tuple[str, ...]
    team: str
    secrets: tuple[str, ...]
    turns: int
    resends: int
    messages: int
    unsent: tuple[str, ...]
    may_be_left: bool
    """A person may send there the word that ends the conversation."""
    is_with_people: bool
    asks: int
    question: tuple[str, str, str]
    """By what it is the same as another one: its kind, what is answered, and what is ``said``."""
    shows: str
    said: str
    """The same without what the eye passes over; empty for a start, and where an outbound message is sent."""
    read: tuple[str, ...]
    """What is read there first, with its header and footer; ``skimmed`` is that in small letters."""
    skimmed: str
    names_exit: bool
    """Whether that says the word that ends the conversation, whatever it is."""
    gives: Mapping[str, Values]
    """What each variable can be that gets a value there."""
    longest: Mapping[str, str]
    """Of those that are chosen among texts the longest."""
    typed: tuple[Typed, ...]
    branches: Sequence[Mapping[str, Any]]
    tested: tuple[str, ...]
    secret: str
    parts: tuple[str, ...]
    """Those of the rare ones of which there is something here."""


def _profile(step: tuple[str, str, dict[str, Any]]) -> Profile:
    node = Node(*step)
    kind = kind_of(node)
    found = {**_led(kind, node), **_counted(kind, node), **_said(kind, node), **_kept(kind, node)}
    return Profile(**found, parts=tuple([part for part in RARE if found[part]]))


def _led(kind: NodeKind, node: Node) -> dict[str, Any]:
    ways = ports(node)
    stays = {port.id: kind.lasts(node, port.id) for port in ways} if kind.waits else {}
    return {
        "name": name_of(node),
        "ports": ways,
        "places": tuple([(node.id, port.id) for port in ways]),
        "goes_on": NEXT in ways,
        "answers": tuple([port for port in ways if port.must_lead and port != NEXT]),
        "limits": tuple(limits(node)),
        "waits": kind.waits,
        "is_apart": kind.is_apart,
        "stays": stays,
        "heard": {
            port: stay.after if stay.within is None else stay.within
            for port, stay in stays.items()
            if stay.is_surely_heard or stay.within is not None
        },
        "calls": kind.calls(node),
        "files": kind.files(node),
        "team": kind.team(node),
        "secrets": kind.secrets(node),
        "secret": secret_in(node.data),
    }


def _counted(kind: NodeKind, node: Node) -> dict[str, Any]:
    return {
        "turns": kind.turns(node),
        "messages": kind.says(node),
        "resends": kind.resends(node),
        "unsent": kind.unsent(node),
        "may_be_left": kind.waits and (kind.is_sent or not kind.is_start),
        "is_with_people": kind.waits_for == "colleague",
        "asks": int(kind.hears and not kind.is_start),
    }


def _said(kind: NodeKind, node: Node) -> dict[str, Any]:
    shows, sends, speaks = kind.shows(node), kind.sends(node), kind.speaks(node)
    said = "" if kind.is_start or sends else _alike(kind, node, shows)
    read = tuple([text for text in (shows, node.data.get("header"), node.data.get("footer")) if text])
    skimmed = "\n".join(read).lower()
    return {
        "speaks": speaks,
        "speaks_last": max(speaks, default=0),
        "sends": sends,
        "fills": kind.fills(node),
        "replies": kind.replies(node),
        "shows": shows,
        "question": (kind.name, str(node.data.get("answer", "")), said),
        "said": said,
        "read": read,
        "skimmed": skimmed,
        "names_exit": EXIT_WORD in skimmed and EXIT_WORD in names_in(*read),
        "typed": tuple([
            Typed(port, words, as_spoken(words), at == 0) for port, several in kind.typed(node).items() for at, words in enumerate(several)
        ]),
    }  # fmt: skip


def _alike(kind: NodeKind, node: Node, shows: str) -> str:
    """Of a step that waits for nobody all of its texts: it may say another one each time."""
    texts = () if kind.hears else kind.texts(node)
    return " ".join(" ".join(dict.fromkeys((shows, *texts))).casefold().split())


def _kept(kind: NodeKind, node: Node) -> dict[str, Any]:
    read, kept, keeps, branches = reads(node), assigns(node), kind.keeps(node), kind.branches(node)
    tested = tuple(dict.fromkeys(test["variable"].strip() for one in branches for test in one["tests"]))
    gives: dict[str, Values] = {}
    longest: dict[str, str] = {}
    for port, names in kept.items():
        for at, name in enumerate(names):
            values = "" if at else keeps.get(port, "")
            gives[name] = either(gives.get(name, values), values)
            if isinstance(values, tuple):
                longest[name] = max(*values, longest.get(name, ""), key=len)
    return {
        "reads": read,
        "looks_at": tuple(dict.fromkeys((*read, *tested))) if tested else read,
        "assigns": kept,
        "gives": gives,
        "longest": longest,
        "branches": branches,
        "tested": tested,
    }


def either(one: Values, other: Values) -> Values:
    """What a variable can be that is the one or the other."""
    if one == other:
        return one
    return tuple(dict.fromkeys((*one, *other))) if isinstance(one, tuple) and isinstance(other, tuple) else ""


_by_content: Memory[Profile] = Memory(_profile, most=20_000)
_beside: Beside[Profile] = Beside(most=20_000)


def _profile_of(node: Node) -> Profile:
    return _by_content((node.id, node.kind, node.data))


def profiles_of(nodes: Sequence[Node]) -> list[Profile]:
    return _beside.each(nodes, _profile_of, nodes)


def forget_steps() -> None:
    """Forget all that was found out about steps; for measuring."""
    _by_content.forget()
    _beside.forget()
