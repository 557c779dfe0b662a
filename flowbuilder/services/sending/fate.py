"""What a try at sending comes to, decided from Meta's answer or the lack of one. Pure: nothing is written here."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from flowbuilder.core.delivery import DeliveryStatus
from flowbuilder.whatsapp.client import Accepted
from flowbuilder.whatsapp.errors import CloudError, Verdict, WireError

PAIR_LIMIT, SPAM_LIMIT = 131056, 131048
MEDIUM_REFUSED = (100, 131009, 131053)
"""Invalid parameter, invalid value, media upload error: what Meta says of an id that it does not know."""
_LONGEST_PAUSE = 300.0
_MOST_TRIES = 300
"""With pauses that grow to five minutes: about a day."""


class Effect(StrEnum):
    """What a fate means for what else is to be sent."""

    NONE = "none"
    SLOWER = "slower"
    UNREACHABLE = "unreachable"
    STOP_LINE = "stop_line"
    STOP_BATCH = "stop_batch"


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one claimed message. ``due`` is when to try again; ``uncounted`` tries are taken back."""

    id: int
    become: DeliveryStatus
    wamid: str | None = None
    due: datetime | None = None
    uncounted: int = 0
    code: int | None = None
    text: str = ""
    effect: Effect = Effect.NONE
    gone: str = ""
    """Meta's id of a file that Meta does not find any more."""

    def values(self, owner: str, now: datetime) -> Mapping[str, Any]:
        return {
            "become": self.become, "id": self.id, "wamid": self.wamid, "at": now, "owner": owner, "due": self.due,
            "uncounted": self.uncounted, "code": self.code, "text": self.text,
        }  # fmt: skip


_HELD = {
    "held_for_quality_assessment": "Meta holds it back until it knows how people take the first of these messages, mostly within an hour.",
    "paused": "Meta took it, but has paused the message: it is not delivered.",
}
"""What Meta may say beside taking a message (templates/template-pacing). A failed status follows if it is never delivered."""


def of_success(message_id: int, accepted: Accepted) -> Fate:
    return Fate(message_id, DeliveryStatus.ACCEPTED, wamid=accepted.wamid, text=_HELD.get(accepted.message_status, ""))


def of_error(message_id: int, error: WireError, attempt: int, now: datetime, *, renewable: str = "") -> Fate:
    """Back in line only what provably was not taken; in doubt ``unknown``, never again by itself.

    ``renewable`` is the id of an uploaded file that Meta may have lost: when it refuses the message for that, the file goes up anew.
    """
    code = error.code if isinstance(error, CloudError) else None
    text = _words(error)
    match error.verdict:
        case Verdict.UNKNOWN:
            return Fate(message_id, DeliveryStatus.UNKNOWN, code=code, text=text)
        case Verdict.FAIL if renewable and code in MEDIUM_REFUSED:
            return Fate(message_id, DeliveryStatus.QUEUED, due=now, uncounted=1, code=code, text=text, gone=renewable)
        case Verdict.FAIL:
            return Fate(message_id, DeliveryStatus.FAILED, code=code, text=text)
        case Verdict.RETRY:
            if attempt >= _MOST_TRIES:
                return Fate(message_id, DeliveryStatus.FAILED, code=code, text=text)
            due = now + timedelta(seconds=min(_LONGEST_PAUSE, 2.0 ** min(attempt - 1, 10)) * random.uniform(0.5, 1.5))
            return Fate(message_id, DeliveryStatus.QUEUED, due=due, text=text, effect=Effect.UNREACHABLE)
        case Verdict.WAIT:
            due = now + timedelta(seconds=_wait(error, attempt))
            counted = code == PAIR_LIMIT
            effect = {PAIR_LIMIT: Effect.NONE, SPAM_LIMIT: Effect.STOP_BATCH}.get(code or 0, Effect.SLOWER)
            return Fate(message_id, DeliveryStatus.QUEUED, due=due, uncounted=int(not counted), code=code, text=text, effect=effect)
        case Verdict.STOP_LINE | Verdict.STOP_TEMPLATE as verdict:
            effect = Effect.STOP_LINE if verdict is Verdict.STOP_LINE else Effect.STOP_BATCH
            return Fate(message_id, DeliveryStatus.QUEUED, due=now + timedelta(minutes=1), uncounted=1, code=code, text=text, effect=effect)
    raise AssertionError(error.verdict)


def _wait(error: WireError, attempt: int) -> float:
    """As long as Meta says; a person who got too much rests 4 to the power of n seconds, which only counted tries tell."""
    if isinstance(error, CloudError) and error.retry_after is not None:
        return min(error.retry_after, 3600.0)
    return min(4.0 ** (attempt - 1), 3600.0) if error.code == PAIR_LIMIT else random.uniform(0.5, 2)


def _words(error: WireError) -> str:
    return f"{error.text} Meta: {error.details}" if error.details and isinstance(error, CloudError) else error.text
