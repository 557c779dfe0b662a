"""Steps that both builders have under other names: files, web calls, other flows, people to hand over to, options and shares."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import quote

from flowbuilder.core import webcall
from flowbuilder.core.imports.building import Builder, own_id
from flowbuilder.core.message import cut
from flowbuilder.core.nodes import KINDS

OPTIONS_MAX, URL_MAX, HEADERS_MAX, BODY_MAX, OUTPUTS_MAX = 20, 2000, 20, 20_000, 30

MEDIA = {"image": "image", "video": "video", "document": "document"}
"""What a Message can show, by what files are called elsewhere."""

_THINGS = {"image": "picture", "video": "video", "document": "document"}
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACE = re.compile(r"(\{\{[^{}\n]*\}\})")


def show(builder: Builder, id: str, at: Any, kind: str, address: str, where: str, text: str = "") -> str:
    """A picture, video or document: files are kept in the workspace here, so that it has to be chosen."""
    builder.to_do(where, f"Choose the {_THINGS[kind]} to show. It was {cut(address, 300) or 'without an address'}.")
    return builder.add(id, "message", at, type=kind, text=text)


def go_to(builder: Builder, id: str, at: Any, name: str, was: str = "") -> str:
    """The step that goes over to the flow ``name``, which is looked for among those of the same file and of the workspace."""
    step = builder.add(id, "go_to_flow", at, values=[])
    if name:
        builder.goes_to[step] = name
    if not name:
        builder.to_do("Go to flow", f"Choose the flow in which the conversation goes on{f'; it was {was}' if was else ''}.")
    elif name not in builder.beside:
        builder.to_do("Go to flow", f"It goes on in the flow “{cut(name, 120)}”. Where no flow of that name is here, choose one.")
    return step


def stays_there(builder: Builder, name: str) -> None:
    """Said where something followed on another flow."""
    flow = f"the flow “{cut(name, 120)}”" if name else "the other flow"
    here = "Here it stays there: what followed is kept, but nothing leads to it. Move it into that flow."
    builder.changed("Go to flow", f"The conversation came back from {flow}. {here}")


def hand_over(builder: Builder, id: str, at: Any, note: str, for_whom: str = "") -> str:
    """Nothing is said to the person, as elsewhere, and everybody of the workspace may take it."""
    waiting = "The conversation went on at once. Here it waits until a colleague gives it back or finishes it."
    builder.changed("Hand over to a person", f"{waiting} Choose the team{f'; it was for {for_whom}' if for_whom else ''}.")
    blank = KINDS["hand_over"].blank()
    return builder.add(id, "hand_over", at, **{**blank, "note": note, "text": ""})


def request(
    builder: Builder,
    id: str,
    at: Any,
    *,
    method: str,
    url: str,
    headers: Iterable[tuple[str, str]] = (),
    query: Iterable[tuple[str, str]] = (),
    body: str = "",
    outputs: Sequence[tuple[str, str]] = (),
) -> str:
    """A web call: what cannot be sent as it was is told."""
    where = f"HTTP request {cut(url, 60)}".strip()
    if (asked := method.upper()) not in _METHODS:
        builder.changed(where, f"It was called by {cut(asked, 20)}, which cannot be sent here; it became GET.")
        asked = "GET"
    asked_for = [f"{quote(name, safe='')}={_quoted(value)}" for name, value in query if name]
    whole = url.strip() + (("&" if "?" in url else "?") + "&".join(asked_for) if asked_for else "")
    if len(whole) > URL_MAX or len(body) > BODY_MAX:
        builder.left_out(where, "The address or the body is too long to be kept. Write it anew.")
        whole, body = whole[:URL_MAX], "" if len(body) > BODY_MAX else body
    sent = [{"name": name, "value": value} for name, value in headers if _may_be_sent(name, value)]
    if body and asked in webcall.WITH_BODY and (problem := webcall.body_problem(body)):
        builder.changed(where, problem[0].upper() + problem[1:])
    return builder.add(
        id,
        "http_request",
        at,
        method=asked,
        url=whole,
        headers=sent[:HEADERS_MAX],
        body=body if asked in webcall.WITH_BODY else "",
        outputs=[{"variable": variable, "path": path} for variable, path in outputs[:OUTPUTS_MAX]],
    )


def json_path(parts: Sequence[str]) -> str:
    """The JMESPath of keys and numbers, one within the other; that of the whole answer without any."""
    path = ""
    for part in parts:
        if part.isdecimal():
            path += f"[{int(part[:9])}]"
        else:
            path += ("." if path else "") + (part if _NAME.fullmatch(part) else '"' + re.sub(r'["\\]', "", part) + '"')
    return path or "@"


def options_of(items: Sequence[tuple[str, ...]], notes: list[str]) -> dict[str, Any]:
    """Buttons or a list of (id, title) or (id, title, description), whatever fits; what had to be cut is noted."""
    has_more = any(len(item) > 2 and item[2] for item in items)
    is_short = len(items) <= 3 and not has_more
    longest = 20 if is_short else 24
    if len(items) > 10:
        notes.append(f"It has {len(items)} answers; WhatsApp shows 10 at most. Ask in two steps.")
    if any(len(item[1]) > longest for item in items):
        notes.append(f"Answers longer than {longest} characters were cut, as WhatsApp shows no more.")
    options = []
    for id, title, *more in items[:OPTIONS_MAX]:
        described = {"description": cut(more[0], 72)} if more and more[0] else {}
        options.append({"id": own_id(id), "title": cut(title, longest)} | described)
    return {"style": "buttons" if is_short else "list", "options": options}


def shares_of(items: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """The shares of (id, label, weight), which come to 100."""
    whole = sum(weight for *_, weight in items) or len(items)
    shares = [{"id": own_id(id), "label": label[:60], "share": (weight or 1) * 100 // whole} for id, label, weight in items]
    shares[0]["share"] += 100 - sum(share["share"] for share in shares)
    return shares


def _may_be_sent(name: str, value: str) -> bool:
    """Whether a header can be one of ours: what it is about is set by itself, and an empty one says nothing."""
    return bool(name and value) and len(name) <= 64 and len(value) <= 1024 and not webcall.is_set_by_itself(name)


def _quoted(value: str) -> str:
    """Percent-encoded but for its variables, which are encoded when they are put in."""
    return "".join(part if part.startswith("{{") else quote(part, safe="") for part in _PLACE.split(value))
