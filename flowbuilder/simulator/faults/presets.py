"""Faults in the words of people who try their messages: what each does, which values it takes, grouped for the page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Preset:
    kind: str
    label: str
    help: str
    asks: tuple[str, ...] = ("chance", "times", "to")
    first: dict[str, Any] = field(default_factory=dict)


_CODE = ("code", "chance", "times", "to")
_WAIT = ("seconds", "chance", "times", "to")
GROUPS: tuple[tuple[str, tuple[Preset, ...]], ...] = (
    (
        "Meta refuses",
        (
            Preset("error", "Refuse with an error code", "Nothing is accepted.", ("code", "chance", "times", "skip", "to"), {"code": 1}),
            Preset("throttle", "Throttle", "What comes faster is refused with 130429.", ("rate",), {"rate": 20}),
            Preset("token", "Revoke the access token", "Every call is refused with 190 until you take this away.", ()),
            Preset("pause_template", "Pause the outbound message", "The next send finds it paused.", ("skip",), {"times": 1}),
            Preset("fail", "Fail after acceptance", "Accepted, then failed by webhook.", _CODE, {"code": 131026}),
            Preset("template_error", "Refuse calls about templates", "No review begins or is read.", ("code", "times"), {"code": 80007}),
        ),
    ),
    (
        "The answer is lost",
        (
            Preset("drop_answer", "Hang up without an answer", "The message was accepted all the same.", first={"chance": 0.02}),
            Preset("half_answer", "Hang up in the middle of the answer", "The message was accepted all the same."),
            Preset("bad_json", "Answer with broken JSON", "Status 200, and the message was accepted."),
            Preset("no_id", "Leave out the message ID", "Status 200, and the message was accepted."),
            Preset("gateway_after", "Answer 504 after acceptance", "A page of a gateway instead of Meta’s JSON."),
            Preset("gateway", "Answer 502", "A page of a gateway; nothing was accepted."),
            Preset("redirect", "Redirect", "Sent elsewhere; nothing was accepted."),
            Preset("error_after", "Answer with an error after acceptance", "Refused, it says.", _CODE, {"code": 131000}),
        ),
    ),
    (
        "Slow or away",
        (
            Preset("outage", "Outage", "Connections are refused; it ends by itself.", ("after", "seconds"), {"seconds": 30}),
            Preset("upload_broken", "Break uploads off", "Half of a sample arrives; clients go on from there.", ("times",), {"times": 1}),
            Preset("delay", "Take messages late", "The message is accepted after a while.", _WAIT, {"seconds": 2}),
            Preset("slow", "Answer late", "Accepted at once, answered after a while.", _WAIT, {"seconds": 5}),
        ),
    ),
    (
        "Webhooks",
        (
            Preset("webhook_duplicate", "Tell everything twice", "Statuses and people’s messages.", ("chance",)),
            Preset("webhook_reorder", "Let them overtake each other", "Each is late by up to this.", ("seconds", "chance"), {"seconds": 5}),
            Preset("webhook_delay", "Tell late", "With the time at which it happened.", ("seconds", "chance"), {"seconds": 60}),
            Preset("webhook_hold", "Hold everything back", "It all comes at once when you take this away.", ()),
            Preset("webhook_first", "Tell before answering", "“Sent” comes first.", ("seconds", "chance", "to"), {"seconds": 0.5}),
        ),
    ),
)  # fmt: skip
BY_KIND = {preset.kind: preset for _name, presets in GROUPS for preset in presets}


def read(kind: str, form: dict[str, str]) -> dict[str, Any]:
    """The rule that the filled-in form of a preset asks for; raises ValueError with one clear sentence."""
    preset = BY_KIND.get(kind)
    if preset is None:
        raise ValueError("Choose what shall go wrong.")
    rule: dict[str, Any] = {"kind": kind, **{name: value for name, value in preset.first.items() if name not in preset.asks}}
    for name in preset.asks:
        text = form.get(name, "").strip()
        if text:
            rule[name] = text if name == "to" else _number(name, text)
    return rule


_LABELS = {
    "chance": "How often", "times": "At most", "seconds": "Seconds", "rate": "Messages a second", "skip": "Spare the first",
    "after": "Begins after", "code": "The code",
}  # fmt: skip
_WHOLE = {"times", "rate", "skip", "code"}


def _number(name: str, text: str) -> float | int:
    try:
        value = int(text) if name in _WHOLE else float(text)
    except ValueError:
        raise ValueError(f"{_LABELS[name]} must be a {'whole ' if name in _WHOLE else ''}number.") from None
    if name != "chance":
        return value
    if not 0 < value <= 100:
        raise ValueError("How often must be more than 0 and at most 100 percent.")
    return value / 100
