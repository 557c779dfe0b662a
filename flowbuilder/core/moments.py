"""Moments as people say them: a day, a time and a time zone. Which moment that is, summer time and all, is told here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from flowbuilder.core.finding import Finding

_NOT_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@cache
def zones() -> tuple[str, ...]:
    """The time zones that people choose from: UTC, then places by name."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(_NOT_PLACES))
    return ("UTC", *sorted(places))


def read(local: str, zone: str, *, field: str = "at") -> datetime | Finding:
    """The moment of ``2026-03-29T14:30`` in ``Europe/Berlin``, in UTC; of a time that a clock shows twice, the first.

    A time that is skipped when clocks go forward is refused.
    """
    if zone not in zones():
        return Finding("unknown_zone", "Choose a time zone from the list.", field="zone")
    try:
        naive = datetime.strptime(local.strip()[:16].replace(" ", "T"), "%Y-%m-%dT%H:%M")  # noqa: DTZ007 - its zone comes next
    except ValueError:
        return Finding("malformed", "Enter the day and the time, such as 2026-05-01 09:30.", field=field)
    moment = naive.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != naive:
        text = f"Clocks in {zone} go forward that night and never show {naive:%H:%M}: choose another time."
        return Finding("skipped", text, field=field)
    return moment


def wall_clock(moment: datetime, zone: str) -> datetime:
    """What a clock on the wall shows there, without its zone."""
    return moment.astimezone(ZoneInfo(zone if zone in zones() else "UTC")).replace(tzinfo=None)


def words(moment: datetime, zone: str) -> str:
    """``Fri 1 May 2026, 09:30 (Europe/Berlin, UTC+02:00)``."""
    known = zone if zone in zones() else "UTC"
    there = moment.astimezone(ZoneInfo(known))
    offset = there.utcoffset() or timedelta()
    sign, minutes = "-" if offset < timedelta() else "+", abs(int(offset.total_seconds())) // 60
    place = "UTC" if known == "UTC" else f"{known}, UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
    return f"{there:%a} {there.day} {there:%b %Y, %H:%M} ({place})"


def field_value(moment: datetime, zone: str) -> str:
    """For an input of type datetime-local."""
    return f"{wall_clock(moment, zone):%Y-%m-%dT%H:%M}"


def span_words(seconds: int) -> str:
    """``45 seconds``, ``2 hours``, ``1 day``: in the largest unit that leaves no rest."""
    for name, length in (("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)):
        if seconds and seconds % length == 0:
            count = seconds // length
            return f"{count:,} {name}" if count == 1 else f"{count:,} {name}s"
    return "0 seconds"
