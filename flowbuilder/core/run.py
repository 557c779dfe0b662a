"""One contact's way through one version of a flow, and what comes in on that way. Moved on by ``core.engine``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from flowbuilder.core import message


class RunStatus(StrEnum):
    IN_PROGRESS = "in_progress"
    WITH_PERSON = "with_person"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    FAILED = "failed"

    @property
    def is_open(self) -> bool:
        return self in (RunStatus.IN_PROGRESS, RunStatus.WITH_PERSON)


class InputKind(StrEnum):
    TAP = "tap"
    TEXT = "text"
    MEDIA = "media"
    LOCATION = "location"
    EXPIRE = "expire"
    TIMER = "timer"
    RESULT = "result"
    COLLEAGUE = "colleague"

    @property
    def is_from_person(self) -> bool:
        return self not in (InputKind.EXPIRE, InputKind.TIMER, InputKind.RESULT, InputKind.COLLEAGUE)


OPEN = tuple(status for status in RunStatus if status.is_open)


@dataclass(frozen=True, slots=True)
class Input:
    """What came in: a tap (``option`` is the id that was sent with the button), a text, a medium, a place, silence, a moment
    that was waited for, the ``result`` of the ``request`` that the run made under this number, or what a colleague who has the
    conversation did with it (``option``; ``title`` is their name).
    """

    kind: InputKind
    text: str = ""
    option: str = ""
    title: str = ""
    media: Mapping[str, Any] | None = None
    request: int = 0
    result: Mapping[str, Any] | None = None

    @classmethod
    def of(cls, content: message.Content) -> Self | None:
        """What a message means to a run; None for what cannot be an answer, such as a reaction."""
        match content:
            case message.Text(body):
                return cls(InputKind.TEXT, text=body)
            case message.Tap(id, title):
                return cls(InputKind.TAP, option=id, title=title)
            case message.Media(caption=caption):
                return cls(InputKind.MEDIA, text=caption, media=message.to_json(content))
            case message.Location():
                return cls(InputKind.LOCATION, media=message.to_json(content))
        return None

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        given = {one.name: document[one.name] for one in fields(cls) if one.name in document}
        return cls(**(given | {"kind": InputKind(document["kind"])}))

    def to_json(self) -> dict[str, Any]:
        document: dict[str, Any] = {"kind": str(self.kind)}
        if self.text:
            document["text"] = self.text
        if self.kind is not _TEXT:
            document |= {name: value for name in _BESIDE if (value := getattr(self, name))}
        return document


_TEXT = InputKind.TEXT
_BESIDE = tuple(one.name for one in fields(Input) if one.name not in ("kind", "text"))
"""What a text never has."""
_MOMENTS = ("started_at", "expires_at", "ended_at", "wake_at", "until", "since")


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Run(NamedTuple):
    """Where a person stands. It waits at ``node`` while it is open.

    ``tries`` counts the answers that step could not take, ``turn`` all the inputs that were taken. ``labels`` are the
    words on the initial message's buttons. ``is_leaving`` means that the person chose to finish: whatever is still
    said, the run counts as cancelled. ``person`` tells the contact from all others, ``flows`` counts those that it went through.
    The run is woken at ``wake_at``: because its step wants it ``until`` then, for a reminder (``reminded`` were said since ``since``,
    when it came there or the person was last heard), or because the person has been silent until ``expires_at``. It waits for the
    result of the request number ``asked``, of ``asks`` so far. ``scratch`` is what its step has written down for itself.
    A tuple, as a new one is made with each answer.
    """

    status: RunStatus
    node: str | None
    started_at: datetime
    expires_at: datetime | None = None
    variables: Mapping[str, str] = _NOTHING
    tries: int = 0
    turn: int = 0
    outcome: str | None = None
    ended_at: datetime | None = None
    is_leaving: bool = False
    labels: Mapping[str, str] = _NOTHING
    person: str = ""
    flows: int = 1
    wake_at: datetime | None = None
    until: datetime | None = None
    since: datetime | None = None
    reminded: int = 0
    asks: int = 0
    asked: int = 0
    scratch: Mapping[str, Any] = _NOTHING

    @property
    def is_waiting(self) -> bool:
        return self.status in OPEN

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        given = {name: document[name] for name in cls._fields if name in document}
        for name in _MOMENTS:
            if given.get(name):
                given[name] = datetime.fromisoformat(given[name])
        return cls(**(given | {"status": RunStatus(document["status"])}))

    def to_json(self) -> dict[str, Any]:
        document = self._asdict()
        for name in _MOMENTS:
            document[name] = document[name].isoformat() if document[name] else None
        parts = {name: dict(document[name]) for name in ("variables", "labels", "scratch")}
        return document | parts | {"status": self.status.value}
