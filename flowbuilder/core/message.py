"""What is said in a conversation, in either direction, as values; their JSON is what messages are stored as.

WhatsApp's own JSON is made in ``whatsapp.payloads``; its limits on free messages (WhatsApp Cloud API, interactive
messages) are here, because steps are checked against them and texts are cut to them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, TypeVar

TEXT_MAX = 4096
BODY_MAX = CAPTION_MAX = 1024
HEADER_MAX = FOOTER_MAX = 60
_STOPS = " \t\n.,;:…"
BUTTONS_MAX, BUTTON_TITLE_MAX = 3, 20
ROWS_MAX, ROW_TITLE_MAX, ROW_DESCRIPTION_MAX, LIST_BUTTON_MAX = 10, 24, 72, 20
SECTION_TITLE_MAX, LINK_LABEL_MAX, LINK_MAX = 24, 20, 2000


@dataclass(frozen=True, slots=True)
class Text:
    kind: ClassVar[str] = "text"
    body: str


@dataclass(frozen=True, slots=True)
class Button:
    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Buttons:
    kind: ClassVar[str] = "buttons"
    body: str
    buttons: tuple[Button, ...]
    header: str = ""
    footer: str = ""
    medium: Mapping[str, Any] | None = None
    """The picture, video or document at its head, as ``core.medium.Medium`` has it; then there is no text there."""


@dataclass(frozen=True, slots=True)
class Link:
    """A text with a button that opens an address."""

    kind: ClassVar[str] = "link"
    body: str
    label: str
    url: str
    header: str = ""
    footer: str = ""
    medium: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture, video or document of ours, as ``core.medium.Medium`` has it; ``body`` is its caption."""

    kind: ClassVar[str] = "medium"
    medium: Mapping[str, Any]
    body: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """``section`` is the heading that begins above this row."""

    id: str
    title: str
    description: str = ""
    section: str = ""


@dataclass(frozen=True, slots=True)
class List:
    kind: ClassVar[str] = "list"
    body: str
    button: str
    rows: tuple[Row, ...]
    header: str = ""
    footer: str = ""


@dataclass(frozen=True, slots=True)
class Template:
    """A template message as it was sent; ``text`` is its body with the parameters filled in."""

    kind: ClassVar[str] = "template"
    template_id: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """A button or row that was tapped: the id that we gave it, and its title."""

    kind: ClassVar[str] = "tap"
    id: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Media:
    """A file that a person sent. ``id`` is WhatsApp's; ``file`` is ours, and ``url`` an address at which programs get it for a while."""

    kind: ClassVar[str] = "media"
    type: str
    id: str
    caption: str = ""
    name: str = ""
    file: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Location:
    kind: ClassVar[str] = "location"
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Unsupported:
    kind: ClassVar[str] = "unsupported"


Content = Text | Buttons | List | Link | Shown | Template | Tap | Media | Location | Unsupported

_KINDS = {one.kind: one for one in (Text, Buttons, List, Link, Shown, Template, Tap, Media, Location, Unsupported)}
F = TypeVar("F", Buttons, Link, List)
P = TypeVar("P", Button, Row)

_ALWAYS = frozenset({"body", "id", "title", "button", "text"})
_PARTS = {"buttons": Button, "rows": Row}


def to_json(content: Content | Button | Row) -> dict[str, Any]:
    """The content as JSON; empty optional parts are left out."""
    if isinstance(content, Text):
        return {"kind": "text", "body": content.body}
    if isinstance(content, Button):
        return {"id": content.id, "title": content.title}
    kind = getattr(content, "kind", None)
    document: dict[str, Any] = {"kind": kind} if kind else {}
    for name in content.__slots__:
        value = getattr(content, name)
        if isinstance(value, str):
            if value or name in _ALWAYS:
                document[name] = value
        elif isinstance(value, tuple):
            document[name] = [to_json(part) for part in value]
        elif value is not None:
            document[name] = dict(value) if isinstance(value, Mapping) else value
    return document


def ready(content: Content) -> dict[str, Any] | None:
    """What can be sent of the content, as JSON; None when nothing is left to say."""
    if isinstance(content, Text) and len(content.body) <= TEXT_MAX:
        return {"kind": "text", "body": content.body} if content.body.strip() else None
    fitting = fitted(content)
    return fitting and to_json(fitting)


def from_json(document: Mapping[str, Any]) -> Content:
    """The content that ``to_json`` wrote; what later versions may add is ignored."""
    kind = _KINDS.get(document.get("kind", ""), Unsupported)
    parts = {name: document[name] for name in kind.__slots__ if name in document}
    for name, part in _PARTS.items():
        if name in parts:
            parts[name] = tuple(part(**{key: one[key] for key in part.__slots__ if key in one}) for one in parts[name])
    return kind(**parts)


def plain(content: Content) -> str:
    """The content as one text: for lists, search and screen readers."""
    match content:
        case Text(body) | Buttons(body) | List(body) | Link(body):
            return body
        case Shown(medium, body):
            return body or medium.get("name") or str(medium.get("kind", "")).capitalize()
        case Template(_, _, text):
            return text
        case Tap(id, title):
            return title or id
        case Media(type, _, caption, name):
            return caption or name or type
        case Location():
            return content.name or content.address or f"{content.latitude}, {content.longitude}"
    return ""


def fitted(content: Content) -> Content | None:
    """The content cut to WhatsApp's limits, since filled-in answers may be of any length; None when nothing is left to say."""
    if isinstance(content, Text):
        if len(content.body) > TEXT_MAX:
            return Text(cut(content.body, TEXT_MAX))
        return content if content.body.strip() else None
    match content:
        case Buttons():
            fit = all([len(one.title) <= BUTTON_TITLE_MAX for one in content.buttons])
            return _framed(content if fit else replace(content, buttons=_within(content.buttons, title=BUTTON_TITLE_MAX)))
        case Link():
            return _framed(replace(content, label=cut(content.label, LINK_LABEL_MAX)))
        case Shown(_, body):
            return replace(content, body=cut(body, CAPTION_MAX).strip())
        case List():
            rows = _within(content.rows, title=ROW_TITLE_MAX, description=ROW_DESCRIPTION_MAX, section=SECTION_TITLE_MAX)
            return _framed(replace(content, rows=rows, button=cut(content.button, LIST_BUTTON_MAX)))
    return content


def cut(text: str, limit: int) -> str:
    """``text`` within ``limit`` characters; a cut one ends with an ellipsis in place of a stop."""
    return text if len(text) <= limit else text[: limit - 1].rstrip(_STOPS) + "…"


def _within(parts: tuple[P, ...], **limits: int) -> tuple[P, ...]:
    """The parts with their texts cut to so many characters."""
    return tuple(replace(one, **{name: cut(getattr(one, name), limit) for name, limit in limits.items()}) for one in parts)


def _framed(content: F) -> F:
    """Itself where everything fits, as nearly always."""
    body = cut(content.body, BODY_MAX) if content.body.strip() else "…"
    header, footer = cut(content.header.strip(), HEADER_MAX), cut(content.footer.strip(), FOOTER_MAX)
    if (body, header, footer) == (content.body, content.header, content.footer):
        return content
    return replace(content, body=body, header=header, footer=footer)
