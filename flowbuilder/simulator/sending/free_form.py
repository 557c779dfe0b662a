"""Free-form messages: one reader per type, from the wire's object to what lies in the chat."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.sending.interactive import interactive
from flowbuilder.simulator.sending.media import media_of
from flowbuilder.simulator.sending.shapes import invalid, items, members, text
from flowbuilder.simulator.store import Store

Content = dict[str, Any]


def read(store: Store, kind: str, body: dict[str, Any]) -> Content:
    """What the phone shows; raises the refusal for anything that breaks a limit."""
    if kind not in _READERS:
        raise GraphError(131051, f"Unsupported message type: {kind}.")
    return _READERS[kind](store, members(body.get(kind), kind))


def _text(store: Store, value: Content) -> Content:
    return {"kind": "text", "body": text(value.get("body"), "text.body", 4096)}


def _media(kind: str) -> Callable[[Store, Content], Content]:
    def reader(store: Store, value: Content) -> Content:
        return media_of(store, kind, value)

    return reader


def _location(store: Store, value: Content) -> Content:
    place: Content = {"kind": "location"}
    for name, most in (("latitude", 90), ("longitude", 180)):
        try:
            place[name] = float(value[name])
        except KeyError:
            raise GraphError(131008, f"Parameter 'location.{name}' is mandatory") from None
        except (TypeError, ValueError):
            raise invalid(f"location.{name} must be a number.") from None
        if not -most <= place[name] <= most:
            raise invalid(f"location.{name} must be from -{most} to {most}.")
    return place | {name: text(value.get(name), f"location.{name}", 1000, required=False) for name in ("name", "address")}


def _reaction(store: Store, value: Content) -> Content:
    target = text(value.get("message_id"), "reaction.message_id", 512)
    return {"kind": "reaction", "target": target, "body": text(value.get("emoji"), "reaction.emoji", 32, required=False)}


def _contacts(store: Store, value: Any) -> Content:
    names = [text(members(one.get("name"), "contacts.name").get("formatted_name"), "contacts.name.formatted_name", 512) for one in value]
    return {"kind": "contacts", "body": ", ".join(names)}


def read_contacts(body: dict[str, Any]) -> Content:
    """Contacts are the one type whose object is an array."""
    people = [members(one, "contacts") for one in items(body.get("contacts"), "contacts")]
    if not people:
        raise GraphError(131008, "Parameter 'contacts' is mandatory")
    return _contacts(None, people)


_READERS: dict[str, Callable[[Store, Content], Content]] = {
    "text": _text,
    "image": _media("image"),
    "video": _media("video"),
    "audio": _media("audio"),
    "document": _media("document"),
    "sticker": _media("sticker"),
    "location": _location,
    "reaction": _reaction,
    "interactive": interactive,
}
