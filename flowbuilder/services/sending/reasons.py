"""Why a message failed, in words for pages and files, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass

from flowbuilder.whatsapp import codes


@dataclass(frozen=True, slots=True)
class Reason:
    code: int
    text: str
    advice: str


def of(code: int | None) -> Reason | None:
    """What Meta's ``code`` means; None where there is none."""
    if code is None:
        return None
    found = codes.meaning(code)
    return Reason(code, found.text, found.advice)
