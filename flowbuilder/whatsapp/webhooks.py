"""A webhook's bytes as a list of frozen items, in the order in which they came.

Meta adds fields and types all the time and sends several entries, changes, messages and statuses in one post: what is
not known here becomes ``Unknown`` and never an error. Whether an item is new or applies, the services decide.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from typing import Any

from flowbuilder.whatsapp import accounts
from flowbuilder.whatsapp.errors import BadWebhook
from flowbuilder.whatsapp.events import (
    AccountNews,
    InboundMessage,
    Item,
    StatusUpdate,
    TemplateCategory,
    TemplateItem,
    TemplateQuality,
    TemplateStatus,
    TemplateWords,
    Unknown,
    UserPreference,
)
from flowbuilder.whatsapp.incoming import first, integer, moment, object_in, objects_in, said, text_in

__all__ = [
    "AccountNews",
    "InboundMessage",
    "Item",
    "StatusUpdate",
    "TemplateCategory",
    "TemplateItem",
    "TemplateQuality",
    "TemplateStatus",
    "TemplateWords",
    "Unknown",
    "UserPreference",
    "parse",
]

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_SUSPICIOUS = (b"\\u0000", b"\\ud", b"\\uD")
_MAX_DEPTH = 60


def parse(body: bytes) -> list[Item]:
    """Everything that this post says. Raises BadWebhook if it is no JSON object; any object can be read."""
    try:
        post = _READER.decode(body.decode(json.detect_encoding(body), "surrogatepass"))
    except (ValueError, RecursionError) as error:
        raise BadWebhook() from error
    if not isinstance(post, dict):
        raise BadWebhook()
    if any(sign in body for sign in _SUSPICIOUS):
        post = _clean(post, 0)
    items: list[Item] = []
    for entry in objects_in(post, "entry"):
        for change in objects_in(entry, "changes"):
            value = object_in(change, "value")
            if (field := text_in(change, "field")) in _FIELDS:
                items.append(_FIELDS[field](text_in(entry, "id"), value, moment(entry.get("time"))))
            else:
                items.extend(_change(text_in(entry, "id"), text_in(change, "field"), value))
    return items or [Unknown("", "post", "", _excerpt(post))]


def _change(waba_id: str, field: str, value: dict[str, Any]) -> Iterator[Item]:
    if field == "messages":
        yield from _messages(waba_id, value)
    elif field == "user_preferences":
        yield from _preferences(waba_id, value)
    else:
        yield Unknown(waba_id, field, text_in(value, "event"), _excerpt(value))


def _messages(waba_id: str, value: dict[str, Any]) -> Iterator[Item]:
    line = text_in(object_in(value, "metadata"), "phone_number_id")
    contacts = objects_in(value, "contacts")
    something = False
    for message in objects_in(value, "messages"):
        something = True
        yield _message(waba_id, line, message, contacts)
    for status in objects_in(value, "statuses"):
        something = True
        yield _status(waba_id, line, status)
    if not something:
        kind = "errors" if value.get("errors") else "empty"
        yield Unknown(waba_id, "messages", kind, _excerpt(value), line)


def _message(waba_id: str, line: str, message: dict[str, Any], contacts: list[dict[str, Any]]) -> Item:
    wamid = text_in(message, "id")
    kind = text_in(message, "type")
    if not wamid or kind == "system":
        return Unknown(waba_id, "messages", kind or "message", _excerpt(message), line)
    user_id, wa_id = text_in(message, "from_user_id"), text_in(message, "from")
    contact = _contact(contacts, user_id, wa_id)
    profile = object_in(contact, "profile")
    return InboundMessage(
        wamid=wamid,
        waba_id=waba_id,
        phone_number_id=line,
        user_id=user_id or text_in(contact, "user_id") or None,
        wa_id=wa_id or text_in(contact, "wa_id") or None,
        parent_user_id=text_in(contact, "parent_user_id") or text_in(message, "from_parent_user_id") or None,
        name=text_in(profile, "name"),
        username=text_in(profile, "username"),
        kind=kind,
        timestamp=moment(message.get("timestamp")),
        quoted=text_in(object_in(message, "context"), "id") or None,
        content=said(kind, message),
    )


def _contact(contacts: list[dict[str, Any]], user_id: str, wa_id: str) -> dict[str, Any]:
    """Who wrote: by Meta's user id, then by number; a lone contact belongs to whatever came with it."""
    for key, value in (("user_id", user_id), ("wa_id", wa_id)):
        for contact in contacts:
            if value and text_in(contact, key) == value:
                return contact
    return contacts[0] if len(contacts) == 1 else {}


def _status(waba_id: str, line: str, status: dict[str, Any]) -> Item:
    wamid, word = text_in(status, "id"), text_in(status, "status")
    if not wamid or not word:
        return Unknown(waba_id, "messages", "status", _excerpt(status), line)
    error = first(objects_in(status, "errors")) if "errors" in status else {}
    return StatusUpdate(
        wamid=wamid,
        waba_id=waba_id,
        phone_number_id=line,
        status=word,
        timestamp=moment(status.get("timestamp")),
        callback=text_in(status, "biz_opaque_callback_data") or None,
        wa_id=text_in(status, "recipient_id") or None,
        user_id=text_in(status, "recipient_user_id") or None,
        error_code=integer(error.get("code")),
        error_title=text_in(error, "title") if error else "",
        error_details=(text_in(object_in(error, "error_data"), "details") or text_in(error, "message")) if error else "",
        pricing=text_in(object_in(status, "pricing"), "category"),
    )


def _template_of(waba_id: str, value: dict[str, Any], at: int | None) -> dict[str, Any]:
    return {
        "waba_id": waba_id,
        "at": at,
        "meta_id": text_in(value, "message_template_id"),
        "name": text_in(value, "message_template_name"),
        "language": text_in(value, "message_template_language").replace("-", "_"),
    }


def _template_status(waba_id: str, value: dict[str, Any], at: int | None) -> TemplateItem:
    reason = text_in(value, "reason")
    rejection, other = object_in(value, "rejection_info"), object_in(value, "other_info")
    return TemplateStatus(
        **_template_of(waba_id, value, at),
        event=text_in(value, "event").upper(),
        reason="" if reason == "NONE" else reason,
        category=text_in(value, "message_template_category").upper(),
        explanation=text_in(rejection, "reason") or text_in(other, "description"),
        recommendation=text_in(rejection, "recommendation"),
        note=text_in(other, "title"),
    )


def _template_quality(waba_id: str, value: dict[str, Any], at: int | None) -> TemplateItem:
    previous, score = text_in(value, "previous_quality_score"), text_in(value, "new_quality_score")
    return TemplateQuality(**_template_of(waba_id, value, at), previous=previous.upper(), score=score.upper())


def _template_category(waba_id: str, value: dict[str, Any], at: int | None) -> TemplateItem:
    """Two forms: with ``correct_category`` it is announced for tomorrow, with ``previous_category`` it is done."""
    correct = text_in(value, "correct_category")
    return TemplateCategory(
        **_template_of(waba_id, value, at),
        category=(text_in(value, "new_category") or text_in(value, "category")).upper(),
        announced=correct.upper() or None,
        due=moment(value.get("category_update_timestamp")),
    )


def _template_words(waba_id: str, value: dict[str, Any], at: int | None) -> TemplateItem:
    return TemplateWords(**_template_of(waba_id, value, at))


def _preferences(waba_id: str, value: dict[str, Any]) -> Iterator[Item]:
    line = text_in(object_in(value, "metadata"), "phone_number_id")
    for preference in objects_in(value, "user_preferences"):
        yield UserPreference(
            waba_id=waba_id,
            phone_number_id=line,
            wa_id=text_in(preference, "wa_id") or None,
            user_id=text_in(preference, "user_id") or None,
            category=text_in(preference, "category"),
            value=text_in(preference, "value"),
            timestamp=moment(preference.get("timestamp")),
        )


_FIELDS = {
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "message_template_components_update": _template_words,
    "template_category_update": _template_category,
    "template_correct_category_detection": _template_category,
    **accounts.FIELDS,
}


def _excerpt(value: Any) -> str:
    try:
        return json.dumps(value)[:2000]
    except RecursionError:
        return "(nested too deeply to show)"


def _finite(text: str) -> float | None:
    number = float(text)
    return number if math.isfinite(number) else None


_READER = json.JSONDecoder(parse_float=_finite, parse_constant=lambda _name: None)


def _clean(value: Any, depth: int) -> Any:
    """Without characters that no database keeps (NUL, lone surrogates); what is nested absurdly deep is dropped."""
    if depth > _MAX_DEPTH:
        return None
    if isinstance(value, str):
        return _UNSTORABLE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_clean(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {_UNSTORABLE.sub("\ufffd", key): _clean(item, depth + 1) for key, item in value.items()}
    return value
