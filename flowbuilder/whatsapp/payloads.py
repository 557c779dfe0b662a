"""Our values as Meta's JSON: creating a template, sending one, and free messages inside the 24-hour window."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flowbuilder.core.actions import Call, Link, Reply
from flowbuilder.core.medium import Kind, Medium
from flowbuilder.core.template import CODE, Format, TemplateContent, examples, fill, medium_of, words_in

CONTINUE, FINISH = "continue", "finish"
"""Payloads of the two quick replies of a message that starts a flow."""


def e164(phone: str) -> str:
    """With a plus: without it Meta may put the business's own country code in front."""
    return "+" + "".join(c for c in phone if c.isdecimal())


def create(content: TemplateContent, wire_name: str, sample_handle: str = "") -> dict[str, Any]:
    """The body of POST /{WABA}/message_templates; ``sample_handle`` stands for the uploaded sample of a picture, video or document."""
    body: dict[str, Any] = {"name": wire_name, "language": content.language, "category": content.category.value}
    if content.is_otp:
        lifetime = content.otp.lifetime_minutes or 5
        return {**body, "message_send_ttl_seconds": max(30, min(900, lifetime * 60)), "components": _otp_parts(content, lifetime)}
    parts = [_header(content, sample_handle), _text_part("BODY", "body_text_named_params", content.body, content)]
    parts.append({"type": "FOOTER", "text": content.footer} if content.footer else None)
    buttons = _buttons(content)
    parts.append({"type": "BUTTONS", "buttons": buttons} if buttons else None)
    return {**body, "parameter_format": "NAMED", "components": [part for part in parts if part]}


def template(
    content: TemplateContent,
    parameters: Mapping[str, str],
    to: str,
    callback: str,
    *,
    wire_name: str,
    medium: Medium | None = None,
    media_id: str = "",
) -> dict[str, Any]:
    """The body of POST /{PHONE}/messages for an approved template; ``callback`` comes back with each status.

    ``medium`` stands at its head, unless the parameters bring a link; ``media_id`` is what Meta calls it once it was uploaded.
    """
    parts = _otp_values(parameters) if content.is_otp else _values(content, parameters, medium, media_id)
    language = {"code": content.language}
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": e164(to),
        "type": "template",
        "template": {"name": wire_name, "language": language, "components": parts},
        "biz_opaque_callback_data": callback,
    }


def free(content: Mapping[str, Any], to: str, callback: str, media_id: str = "") -> dict[str, Any]:
    """The body of POST /{PHONE}/messages for what a flow says (the JSON of ``core.message``).

    ``media_id`` is what Meta calls the file that it shows.
    """
    kind, value = _free_value(content, media_id)
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": e164(to),
        "type": kind,
        kind: value,
        "biz_opaque_callback_data": callback,
    }


def _header(content: TemplateContent, sample_handle: str) -> dict[str, Any] | None:
    if content.shows_medium:
        return {"type": "HEADER", "format": content.kind.value, "example": {"header_handle": [sample_handle]}}
    if not content.header:
        return None
    return {**_text_part("HEADER", "header_text_named_params", content.header, content), "format": "TEXT"}


def _text_part(kind: str, key: str, text: str, content: TemplateContent) -> dict[str, Any]:
    known = examples(content)
    named = [{"param_name": name, "example": known.get(name, "")} for name in dict.fromkeys(words_in(text))]
    part: dict[str, Any] = {"type": kind, "text": _tight(text)}
    return {**part, "example": {key: named}} if named else part


def _tight(text: str) -> str:
    """Words without spaces inside their braces, which Meta does not take."""
    return fill(text, {name: "{{" + name + "}}" for name in words_in(text)})


def _buttons(content: TemplateContent) -> list[dict[str, Any]]:
    """The options of a conversation first; the others follow in the designer's order."""
    replies = [content.continue_option, content.finish_option] if content.starts_flow else []
    buttons: list[dict[str, Any]] = [{"type": "QUICK_REPLY", "text": label} for label in replies]
    for action in content.actions:
        if isinstance(action, Call):
            buttons.append({"type": "PHONE_NUMBER", "text": action.label, "phone_number": e164(action.phone)})
        elif isinstance(action, Reply):
            buttons.append({"type": "QUICK_REPLY", "text": action.label})
        else:
            buttons.append(_link(action, content))
    return buttons


def _link(link: Link, content: TemplateContent) -> dict[str, Any]:
    button: dict[str, Any] = {"type": "URL", "text": link.label, "url": link.url}
    if not words_in(link.url):
        return button
    positional = fill(link.url, {name: "{{1}}" for name in words_in(link.url)})
    return {**button, "url": positional, "example": [fill(link.url, examples(content))]}


def _otp_parts(content: TemplateContent, lifetime: int) -> list[dict[str, Any]]:
    button = {"type": "OTP", "otp_type": "COPY_CODE", "text": content.otp.button_label}
    return [
        {"type": "BODY", "add_security_recommendation": content.otp.security_advice},
        {"type": "FOOTER", "code_expiration_minutes": lifetime},
        {"type": "BUTTONS", "buttons": [button]},
    ]


def _otp_values(parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """The code goes out twice: in the text and behind the copy button."""
    code = [{"type": "text", "text": str(parameters.get(CODE, ""))}]
    return [{"type": "body", "parameters": code}, {"type": "button", "sub_type": "url", "index": "0", "parameters": code}]


def _values(content: TemplateContent, parameters: Mapping[str, str], medium: Medium | None, media_id: str) -> list[dict[str, Any]]:
    value_of = _numbered if content.format is Format.POSITIONAL else _named
    header = _medium(content, parameters, medium, media_id) if content.shows_medium else value_of("header", content.header, parameters)
    parts = [header, value_of("body", content.body, parameters)]
    payloads = (CONTINUE, FINISH) if content.starts_flow else ()
    for index, payload in enumerate(payloads):
        value = [{"type": "payload", "payload": payload}]
        parts.append({"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": value})
    for index, action in enumerate(content.actions, start=len(payloads)):
        names = words_in(action.url) if isinstance(action, Link) else ()
        if names:
            value = [{"type": "text", "text": str(parameters.get(names[0], ""))}]
            parts.append({"type": "button", "sub_type": "url", "index": str(index), "parameters": value})
    return [part for part in parts if part]


def _medium(content: TemplateContent, parameters: Mapping[str, str], chosen: Medium | None, media_id: str) -> dict[str, Any]:
    kind, shown = content.kind.value.lower(), medium_of(content, parameters, chosen)
    value = {"link": shown.link} if shown and shown.link else {"id": media_id}
    if content.kind is Kind.DOCUMENT and shown and shown.name:
        value["filename"] = shown.name
    return {"type": "header", "parameters": [{"type": kind, kind: value}]}


def _named(kind: str, text: str, parameters: Mapping[str, str]) -> dict[str, Any] | None:
    names = dict.fromkeys(words_in(text))
    if not names:
        return None
    values = [{"type": "text", "parameter_name": name, "text": str(parameters.get(name, ""))} for name in names]
    return {"type": kind, "parameters": values}


def _numbered(kind: str, text: str, parameters: Mapping[str, str]) -> dict[str, Any] | None:
    """In the order of Meta's numbers, with which our names of such words end."""
    names = sorted(dict.fromkeys(words_in(text)), key=lambda name: int(name.rpartition("_")[2]))
    values = [{"type": "text", "text": str(parameters.get(name, ""))} for name in names]
    return {"type": kind, "parameters": values} if values else None


def _free_value(content: Mapping[str, Any], media_id: str) -> tuple[str, dict[str, Any]]:
    match content.get("kind"):
        case "text":
            return "text", {"body": content["body"], "preview_url": False}
        case "buttons":
            buttons = [{"type": "reply", "reply": {"id": b["id"], "title": b["title"]}} for b in content["buttons"]]
            return "interactive", _interactive("button", content, {"buttons": buttons}, media_id)
        case "link":
            parameters = {"display_text": content["label"], "url": content["url"]}
            return "interactive", _interactive("cta_url", content, {"name": "cta_url", "parameters": parameters}, media_id)
        case "medium":
            kind, value = _shown(content["medium"], media_id)
            return kind, value | ({"caption": content["body"]} if content.get("body") else {})
        case "list":
            return "interactive", _interactive("list", content, {"button": content["button"], "sections": _sections(content["rows"])})
        case kind:
            raise ValueError(f"A message of kind {kind!r} is not a free message.")


def _sections(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A heading begins a section; without any there is one that has none."""
    sections: list[dict[str, Any]] = []
    for row in rows:
        if not sections or row.get("section"):
            sections.append(({"title": row["section"]} if row.get("section") else {}) | {"rows": []})
        sections[-1]["rows"].append({k: row[k] for k in ("id", "title", "description") if row.get(k)})
    return sections


def _shown(medium: Mapping[str, Any], media_id: str) -> tuple[str, dict[str, Any]]:
    kind = Kind(medium["kind"])
    named = {"filename": medium["name"]} if kind is Kind.DOCUMENT and medium.get("name") else {}
    return kind.value.lower(), {"id": media_id} | named


def _interactive(kind: str, content: Mapping[str, Any], action: dict[str, Any], media_id: str = "") -> dict[str, Any]:
    value: dict[str, Any] = {"type": kind, "body": {"text": content["body"]}, "action": action}
    if content.get("medium"):
        shape, medium = _shown(content["medium"], media_id)
        value["header"] = {"type": shape, shape: medium}
    elif content.get("header"):
        value["header"] = {"type": "text", "text": content["header"]}
    if content.get("footer"):
        value["footer"] = {"text": content["footer"]}
    return value
