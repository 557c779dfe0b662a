"""Meta's rules for the buttons of a template."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from typing import Any

from flowbuilder.simulator.codes import GraphError
from flowbuilder.simulator.reviewer import emoji
from flowbuilder.simulator.reviewer.definition import VARIABLE, Definition

_MOST = {
    "QUICK_REPLY": 10,
    "URL": 2,
    "PHONE_NUMBER": 1,
    "COPY_CODE": 1,
    "FLOW": 1,
    "OTP": 1,
    "VOICE_CALL": 1,
    "CATALOG": 1,
    "MPM": 1,
    "SPM": 1,
}
_MOST |= {"CALL_PERMISSION_REQUEST": 1, "ORDER_DETAILS": 1, "REQUEST_CONTACT_INFO": 1}
_UNLABELLED = ("COPY_CODE", "OTP")
_PACKAGE = re.compile(r"([A-Za-z][A-Za-z\d_]*\.)+[A-Za-z][A-Za-z\d_]*")
_HASH = re.compile(r"[A-Za-z0-9+/=]{11}")
_ADDRESS = re.compile(r"https?://(localhost|[^\s/?#<>\"\[\]]+\.[^\s/?#<>\"\[\].]{2,})([:/?#][^\s<>\"]*)?", re.IGNORECASE)
Fault = Callable[[int, str], GraphError]


def check_buttons(template: Definition, fault: Fault) -> None:
    """Raise the first refusal."""
    buttons = template.buttons
    if template.component("BUTTONS") is not None and not buttons:
        raise fault(2388043, "component of type BUTTONS is missing expected field(s) (buttons)")
    if template.category == "AUTHENTICATION":
        _check_otp(buttons, fault)
        return
    if len(buttons) > 10:
        raise fault(2388060, "A template can have 10 buttons at most.")
    counts = Counter(button["type"] for button in buttons)
    for kind, count in counts.items():
        if kind not in _MOST or kind == "OTP":
            raise fault(2388060, f"Buttons of type {kind} can't be used here.")
        if count > _MOST[kind]:
            raise fault(2388060, f"A template can have {_MOST[kind]} buttons of type {kind} at most.")
    for button in buttons:
        _check_button(button, fault)
    labels = [button["text"].strip().lower() for button in buttons if button["type"] not in _UNLABELLED]
    if len(set(labels)) != len(labels):
        raise fault(2388060, "Button labels must differ from each other.")
    _check_order([button["type"] == "QUICK_REPLY" for button in buttons], fault)


def _check_button(button: dict[str, Any], fault: Fault) -> None:
    kind, label = button["type"], button.get("text")
    if kind not in _UNLABELLED:
        if not isinstance(label, str) or not label.strip():
            raise fault(2388043, f"button of type {kind} is missing expected field(s) (text)")
        if len(label) > 25:
            raise fault(2388040, f"Button label {label!r} is longer than 25 characters.")
        _check_label(label, fault)
    if kind == "URL":
        _check_url(button.get("url"), fault)
    if kind == "PHONE_NUMBER":
        phone = button.get("phone_number")
        if not isinstance(phone, str) or len(phone) > 20 or not 5 <= sum(c.isdigit() for c in phone) <= 15:
            raise fault(2388060, "The phone number of a button must be a number of at most 20 characters.")
    if kind == "COPY_CODE":
        example = button.get("example")
        example = example[0] if isinstance(example, list) and example else example
        if not isinstance(example, str) or not example:
            raise fault(2388043, "button of type COPY_CODE is missing expected field(s) (example)")
        if len(example) > 20:
            raise fault(2388040, "The example of an offer code is longer than 20 characters.")
    if kind == "FLOW" and not any(button.get(name) for name in ("flow_id", "flow_name", "flow_json")):
        raise fault(2388043, "button of type FLOW is missing expected field(s) (flow_id)")


def _check_label(label: str, fault: Fault) -> None:
    if "{{" in label or "\n" in label or emoji.count(label):
        raise fault(2388060, "Button labels can't have variables, line breaks or emoji.")


def _check_url(url: Any, fault: Fault) -> None:
    if not isinstance(url, str) or not _ADDRESS.fullmatch(VARIABLE.sub("x", url)):
        raise fault(2388060, "The address of a button must be a whole one and begin with http:// or https://.")
    if len(url) > 2000:
        raise fault(2388040, "The address of a button is longer than 2000 characters.")
    found = list(VARIABLE.finditer(url))
    if len(found) > 1:
        raise fault(2388060, "The address of a button can have one variable only.")
    if found and found[0].end() != len(url):
        raise fault(2388060, "The variable of a button's address must stand at its end.")


def _check_order(quick: list[bool], fault: Fault) -> None:
    """Quick replies form one group, before or after all others."""
    changes = sum(a != b for a, b in zip(quick, quick[1:], strict=False))
    if changes > 1:
        raise fault(2388060, "Quick replies must stand together, before or after the other buttons.")


def _check_otp(buttons: list[dict[str, Any]], fault: Fault) -> None:
    if len(buttons) != 1 or buttons[0]["type"] != "OTP":
        raise fault(2388060, "Authentication templates need exactly one OTP button.")
    button = buttons[0]
    kind = str(button.get("otp_type", "")).upper()
    if kind not in ("COPY_CODE", "ONE_TAP", "ZERO_TAP"):
        raise fault(2388060, "otp_type must be COPY_CODE, ONE_TAP or ZERO_TAP.")
    _check_label(str(button.get("text") or ""), fault)
    for name in ("text", "autofill_text"):
        if len(str(button.get(name) or "")) > 25:
            raise fault(2388040, f"{name} is longer than 25 characters.")
    if kind == "COPY_CODE":
        return
    apps = button.get("supported_apps")
    if not isinstance(apps, list) or not 1 <= len(apps) <= 5:
        raise fault(2388043, f"button of type OTP is missing expected field(s) (supported_apps) for {kind}")
    for app in apps:
        if not _PACKAGE.fullmatch(str(app.get("package_name", ""))[:225]) or not _HASH.fullmatch(str(app.get("signature_hash", ""))):
            raise fault(2388060, "package_name or signature_hash of a supported app is malformed.")
    if kind == "ZERO_TAP" and button.get("zero_tap_terms_accepted") is not True:
        raise fault(2388060, "zero_tap_terms_accepted must be true.")
