"""What a rule may say, and the check of one that comes in. A rule is JSON; every member but ``kind`` may be left out:

kind     what goes wrong (KINDS)                 chance   of each time that it could, 0 to 1
skip     how many times it is spared at first    times    how often it strikes at most
to       only for this number                    code     the Graph error that is told
seconds  how long                                rate     messages a second that are still let through
after    seconds until an outage begins
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flowbuilder.simulator.codes import CODES

KINDS = {
    "error": "refuses a send with a Graph error (code)",
    "throttle": "refuses with 130429 what comes faster than a rate (rate)",
    "delay": "takes a send later (seconds)",
    "gateway": "answers a send with 502 and a page of HTML; nothing was accepted",
    "redirect": "sends a send elsewhere; nothing was accepted",
    "token": "refuses every call as if the access token had been revoked (190)",
    "pause_template": "pauses the template of a send, which is refused (132015)",
    "outage": "refuses connections (seconds, after)",
    "slow": "accepts a send and answers later (seconds)",
    "drop_answer": "accepts a send and hangs up without an answer",
    "half_answer": "accepts a send and hangs up in the middle of the answer",
    "bad_json": "accepts a send and answers 200 with something that is no JSON",
    "no_id": "accepts a send and answers 200 without the message's id",
    "gateway_after": "accepts a send and answers 504 with a page of HTML",
    "error_after": "accepts a send and answers with a Graph error all the same (code)",
    "webhook_first": "tells that a message was sent before its send is answered (seconds between)",
    "fail": "accepts a send that later fails (code)",
    "template_error": "refuses a call about templates with a Graph error (code)",
    "upload_broken": "takes half of an uploaded sample and hangs up",
    "webhook_duplicate": "tells a status or a person's message twice",
    "webhook_reorder": "tells a status or a person's message late, so that others overtake it (seconds at most)",
    "webhook_delay": "tells a status or a person's message later (seconds)",
    "webhook_hold": "tells nothing; all of it comes at once when the rule is gone",
}
_FIELDS = {"kind", "chance", "times", "to", "code", "seconds", "rate", "skip", "after", "made_at"}
_WEEK = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Rule:
    id: int
    kind: str
    chance: float
    times: int | None
    to: str
    code: int
    seconds: float
    rate: int
    skip: int
    after: float
    made_at: float

    def is_on_at(self, now: float) -> bool:
        """Of an outage: whether its time has come and is not over."""
        return self.made_at + self.after <= now < self.made_at + self.after + self.seconds


def clean(rule: dict[str, Any], now: float) -> dict[str, Any]:
    """The rule with everything filled in; raises ValueError with one clear sentence."""
    if not isinstance(rule, dict) or rule.get("kind") not in KINDS:
        raise ValueError(f"A fault needs a kind out of {', '.join(KINDS)}.")
    if unknown := set(rule) - _FIELDS:
        raise ValueError(f"A fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(_FIELDS))}.")
    code, times = rule.get("code", 131000), rule.get("times")
    if code not in CODES:
        raise ValueError(f"code must be one of {', '.join(map(str, CODES))}.")
    if times is not None and (not isinstance(times, int) or times < 1):
        raise ValueError("times must be a whole number from 1, or be left out.")
    to = "".join(c for c in str(rule.get("to") or "") if c.isdigit())
    return {
        "kind": rule["kind"], "chance": _number(rule, "chance", 1, 1), "times": times, "to": to, "code": code,
        "seconds": _number(rule, "seconds", 1, _WEEK if rule["kind"].startswith("webhook_") else 600),
        "rate": int(_number(rule, "rate", 20, 1000, least=1)), "skip": int(_number(rule, "skip", 0, 1_000_000)),
        "after": _number(rule, "after", 0, 600), "made_at": now,
    }  # fmt: skip


def _number(rule: dict[str, Any], name: str, default: float, most: float, *, least: float = 0) -> float:
    value = rule.get(name, default)
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"{name} must be a number from {least} to {most}.")
    return float(value)
