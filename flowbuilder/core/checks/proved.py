"""What holds on every way through a flow, as numbers: all ways are counted and measured, none is walked.

Measured are ways on which every answer is taken at once, but for the longest time, which counts all tries. A way ends at
a step without a way out, or at an answer that need not lead anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from flowbuilder.core.checks.study import Profile, Study

HOUR, DAY = 3600, 86400
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Proved:
    """``seconds`` is the longest time from the first message to the end. ``least`` and ``most`` are what the outbound messages of a
    way cost, over all countries of the prices; None when nothing is known of them.
    """

    paths: int
    steps: int
    messages: int
    questions: int
    seconds: int
    least: Decimal | None = None
    most: Decimal | None = None
    currency: str = ""


def prove(study: Study) -> Proved | None:
    """None where no number can be told: without a start, in a circle, or with a way that stops."""
    ways = study.ways
    if ways.start is None or not ways.is_acyclic:
        return None
    ends = (1, 0, 0, 0, 0, Decimal(), Decimal())
    from_here = {}
    for id in reversed(ways.order):
        profile = study.profiles[id]
        on = []
        for port in profile.ports:
            target = study.flow.target(id, port.id)
            if target is None and port.must_lead:
                return None
            on.append((_stay(study, profile, port.id), from_here[target] if target else ends))
        least, most = _cost(study, id)
        from_here[id] = (
            sum(rest[0] for _, rest in on) or 1,
            max((rest[1] for _, rest in on), default=0) + 1,
            max((rest[2] for _, rest in on), default=0) + profile.messages,
            max((rest[3] for _, rest in on), default=0) + profile.asks,
            max((stay + rest[4] for stay, rest in on), default=0),
            min((rest[5] for _, rest in on), default=Decimal()) + least,
            max((rest[6] for _, rest in on), default=Decimal()) + most,
        )
    paths, steps, messages, questions, seconds, least, most = from_here[ways.start]
    if study.facts is None or not study.facts.prices:
        return Proved(paths, steps, messages, questions, seconds)
    return Proved(paths, steps, messages, questions, seconds, least, most, study.facts.currency)


def _stay(study: Study, profile: Profile, port: str) -> int:
    """The most seconds from the coming of a run until it leaves through a port: each answer but the last may be a wrong one."""
    if not profile.waits:
        return profile.stays[port].most or 0
    patience = max(study.expires_after if stay.most is None else stay.most for stay in profile.stays.values())
    last = profile.stays[port].most
    return (profile.tries - 1) * patience + (study.expires_after if last is None else last)


def _cost(study: Study, id: str) -> tuple[Decimal, Decimal]:
    """A utility message costs nothing while the person's window is open, as it may be anywhere but at the start."""
    least = most = Decimal()
    for template in study.profiles[id].sends if study.facts else ():
        category = study.category(template)
        low, high = study.facts.prices.get(category, (Decimal(), Decimal()))
        is_free = category == "UTILITY" and id != study.ways.start
        least, most = least + (Decimal() if is_free else low), most + high
    return least, most


def in_words(proved: Proved) -> Iterator[tuple[str, str]]:
    """What each number is of, and the number."""
    yield "Paths", count(proved.paths)
    yield "Longest path", f"{proved.steps:,} {'step' if proved.steps == 1 else 'steps'}"
    yield "Messages at most", f"{proved.messages:,}"
    yield "Questions at most", f"{proved.questions:,}"
    yield "Longest time", duration(proved.seconds)
    if proved.least is not None and proved.most is not None:
        low, high = money(proved.least), money(proved.most)
        yield "Cost of a conversation", f"{low} {proved.currency}" if low == high else f"{low} to {high} {proved.currency}, by country"


def count(number: int) -> str:
    """In full as long as it can be read: ``12,345``, then ``3.2 × 10⁶⁷``."""
    if number < 10**9:
        return f"{number:,}"
    digits = str(number)
    return f"{digits[0]}.{digits[1]} × 10{str(len(digits) - 1).translate(_RAISED)}"


def duration(seconds: int) -> str:
    """The two greatest units that count: ``2 days 3 hours``."""
    parts = []
    for unit, length in (("day", DAY), ("hour", HOUR), ("minute", 60), ("second", 1)):
        number, seconds = divmod(seconds, length)
        if number:
            parts.append(f"{number:,} {unit}{'' if number == 1 else 's'}")
    return " ".join(parts[:2]) or "no time"


def money(amount: Decimal) -> str:
    """Prices of single messages are small: four decimals, fewer where they are zeros."""
    text = f"{amount:,.4f}".rstrip("0")
    return text + "0" * max(0, 2 - len(text.partition(".")[2]))
