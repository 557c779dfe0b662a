"""The buttons of a template message, with the parameters that some of them need at every send."""

from __future__ import annotations

from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.sending.shapes import items, members, text

Content = dict[str, Any]
_SUB_TYPES = {
    "quick_reply": "QUICK_REPLY",
    "url": "URL",
    "copy_code": "COPY_CODE",
    "flow": "FLOW",
    "catalog": "CATALOG",
    "mpm": "MPM",
    "voice_call": "VOICE_CALL",
}


def fill_buttons(buttons: list[Content], given: list[Content]) -> list[Content]:
    """All buttons as the phone shows them; ``index`` counts over all of them and comes as text or number."""
    by_index: dict[int, Content] = {}
    for part in given:
        index = _index(part, len(buttons))
        _check_kind(part, buttons[index], index)
        by_index[index] = part
    return [_filled(button, index, by_index.get(index)) for index, button in enumerate(buttons)]


def _index(part: Content, count: int) -> int:
    raw = part.get("index")
    if raw is None:
        raise GraphError(131008, "buttons: Required parameter is missing: index")
    if isinstance(raw, bool) or not str(raw).isdecimal():
        raise GraphError(100, f"buttons: index must be a number, not {raw!r}.")
    if int(raw) >= count:
        raise GraphError(132000, f"buttons: the template has no button at index {raw}; it has {count}")
    return int(raw)


def _check_kind(part: Content, button: Content, index: int) -> None:
    wanted = "URL" if button["type"] == "OTP" else button["type"]
    if _SUB_TYPES.get(part.get("sub_type", "")) != wanted:
        raise GraphError(
            132012, f"buttons: Format mismatch at index {index}, expected {wanted}, received {part.get('sub_type', 'UNKNOWN').upper()}"
        )


def _first(part: Content | None, index: int, kind: str, name: str) -> str:
    parameters = items(part.get("parameters") or [], "parameters") if part else []
    if not parameters:
        raise GraphError(131008, f"buttons: Button at index {index} of type {kind} requires a parameter")
    value = members(parameters[0], "parameters").get(name)
    if value is None or value == "":
        raise GraphError(131008, f"buttons: Button at index {index} of type {kind} requires a parameter")
    return text(value, f"buttons[{index}].{name}", 2000)


def _filled(button: Content, index: int, part: Content | None) -> Content:
    match button["type"]:
        case "QUICK_REPLY":
            payload = _first(part, index, "QuickReply", "payload") if part and part.get("parameters") else button["text"]
            if len(payload) > 256:
                raise GraphError(131009, "buttons: payload length invalid. Min length: 1, Max length: 256")
            return {"type": "quick_reply", "text": button["text"], "payload": payload}
        case "URL":
            url = button["url"]
            if "{{" in url:
                url = url[: url.index("{{")] + _first(part, index, "Url", "text")
            return {"type": "url", "text": button["text"], "url": url}
        case "PHONE_NUMBER":
            return {"type": "phone", "text": button["text"], "phone": button["phone_number"]}
        case "COPY_CODE":
            return {"type": "copy", "text": "Copy offer code", "code": _code(_first(part, index, "CopyCode", "coupon_code"), 20)}
        case "OTP":
            return {"type": "copy", "text": button.get("text") or "Copy code", "code": _code(_first(part, index, "Url", "text"), 15)}
        case kind:
            return {"type": kind.lower(), "text": button.get("text") or kind.replace("_", " ").capitalize()}


def _code(code: str, longest: int) -> str:
    if len(code) > longest:
        raise GraphError(131009, f"buttons: code length invalid. Min length: 1, Max length: {longest}")
    return code
