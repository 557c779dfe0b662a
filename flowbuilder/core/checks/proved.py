"""What holds on every way through a flow, as numbers: all ways are counted and measured, none is walked.

Messages, time and cost count all tries, reminders and codes that are sent anew; questions are counted once, however often they are
asked again. A way ends at a step without a way out, at an answer that need not lead anywhere, or with the word that ends the
conversation; where it goes over to a flow that is known, at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from flowbuilder.core.checks.study import Study

HOUR, DAY = 3600, 86400
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True, slots=True)
class Proved:
    """``seconds`` is the longest time from the first message to the end; where a way goes to colleagues (``with_colleagues``), without the
    time from when one takes it until it goes on, and without what they write. ``least`` and ``most`` are what the outbound messages of
    a way cost that are delivered, over all countries of the prices; None when nothing is known of them. ``is_partial`` means that a way
    goes on in a flow of which nothing is known, and is counted up to there.
    """

    paths: int
    steps: int
    messages: int
    questions: int
    seconds: int
    least: Decimal | None = None
    most: Decimal | None = None
    currency: str = ""
    is_partial: bool = False
    with_colleagues: bool = False


Numbers = tuple[int, int, int, int, int]
_NOWHERE, _END = "", (1, 0, 0, 0, 0)


def prove(study: Study) -> Proved | None:
    """None where no number can be told: without a start, in a circle, or with a way that stops."""
    from_here = numbers_from(study)
    if from_here is None:
        return None
    start = study.ways.start
    is_partial = any(id in study.ways.reached and id not in study.beyond for id in study.having["calls"])
    proved = Proved(*from_here[start], is_partial=is_partial, with_colleagues=with_colleagues(study))
    if not study.facts.prices:
        return proved
    least, most = costs_from(study)[start]
    return replace(proved, least=least, most=most, currency=study.facts.currency)


def with_colleagues(study: Study) -> bool:
    """Whether some way goes to colleagues, here or in a flow that follows."""
    is_here = not study.ways.reached.isdisjoint(study.having["is_with_people"])
    return is_here or any(there.with_colleagues for _, there in study.beyond.values())


def numbers_from(study: Study) -> dict[str, Numbers] | None:
    """Paths, steps, messages, questions and seconds from each reached step to the ends."""
    ways, open_ = study.ways, study.open
    if ways.start is None or not ways.is_acyclic or any(port.must_lead for id in ways.reached & open_.keys() for port in open_[id]):
        return None
    from_here = {_NOWHERE: _END}
    goodbye = int(bool(study.flow.settings.exit_word.strip() and study.flow.settings.exit_text.strip()))
    for id, profile, leaving in reversed(study.going):
        paths = steps = questions = seconds = 0
        messages = goodbye if profile.may_be_left else 0
        if id in study.beyond:
            there = study.beyond[id][1]
            paths, steps, messages, questions, seconds = there.paths, there.steps, there.messages, there.questions, there.seconds
        lasts = study.lasts.get(id)
        for port, target in [*leaving, *[(port.id, _NOWHERE) for port in open_[id]]] if id in open_ else leaving:
            more, further, said, asked, time = from_here[target]
            if lasts:
                time += lasts.get(port, 0)
            paths += more
            if further > steps:
                steps = further
            if said > messages:
                messages = said
            if asked > questions:
                questions = asked
            if time > seconds:
                seconds = time
        if lasts:
            seconds += (profile.turns - 1) * max(lasts.values())  # Each answer but the last may be a wrong one.
        from_here[id] = paths or 1, steps + 1, messages + profile.messages, questions + profile.asks, seconds
    return from_here


def costs_from(study: Study) -> Mapping[str, tuple[Decimal, Decimal]]:
    """What the outbound messages on a way from each reached step cost at least and at most."""
    free = Decimal(), Decimal()
    if not study.beyond and all(id == study.ways.start for id in study.having["sends"] if id in study.ways.reached):
        return {**dict.fromkeys(study.ways.order, free), study.ways.start: _cost(study, study.ways.start)}
    from_here: dict[str, tuple[Decimal, Decimal]] = {}
    for id in reversed(study.ways.order):
        profile = study.profiles[id]
        least, most = _cost(study, id)
        rests = [(port.id, *from_here.get(study.flow.edges.get((id, port.id), ""), free)) for port in profile.ports]
        if id in study.beyond:
            there = study.beyond[id][1]
            rests = [("", there.least or Decimal(), there.most or Decimal())]
        lows = [low if port in profile.unsent else least + low for port, low, _ in rests]
        if profile.may_be_left and study.flow.settings.exit_word.strip():
            lows.append(Decimal() if profile.unsent else least)
        from_here[id] = min(lows, default=least), most + max((high for *_, high in rests), default=Decimal())
    return from_here


def _cost(study: Study, id: str) -> tuple[Decimal, Decimal]:
    """Of a step that sends. A utility message costs nothing while the person's window is open, as it may be anywhere but at the start."""
    least = most = Decimal()
    for template in study.profiles[id].sends:
        category = study.category(template)
        low, high = study.facts.prices.get(category, (Decimal(), Decimal()))
        is_free = category == "UTILITY" and id != study.ways.start
        least, most = least + (Decimal() if is_free else low), most + high * (1 + study.profiles[id].resends)
    return least, most


def in_words(proved: Proved) -> Iterator[tuple[str, str]]:
    """What each number is of, and the number."""
    yield "Paths", count(proved.paths)
    yield "Longest path", f"{proved.steps:,} {'step' if proved.steps == 1 else 'steps'}"
    yield "Messages at most", f"{proved.messages:,}"
    yield "Questions at most", f"{proved.questions:,}"
    yield "Longest time", duration(proved.seconds) + (", without the time that colleagues take" if proved.with_colleagues else "")
    if proved.least is not None and proved.most is not None:
        low, high = money(proved.least), money(proved.most)
        yield "Cost of a conversation", f"{low} {proved.currency}" if low == high else f"{low} to {high} {proved.currency}, by country"


def why(proved: Proved) -> str:
    """What was counted, so that the numbers can be trusted."""
    slowest = " The longest time is taken by who gives each answer, wrong ones too, at the last moment." if proved.questions else ""
    more = " What comes after “Go to flow” is not counted." if proved.is_partial else ""
    counted = "Every way through the flow was counted, with all its retries, reminders and waits: no conversation goes beyond this."
    return f"{counted}{slowest}{more}"


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
