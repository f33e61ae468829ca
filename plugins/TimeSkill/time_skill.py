"""Dates and times. What the clock says is read, everything else is worked out from dates that are given."""

from __future__ import annotations

import datetime
import zoneinfo
from typing import Annotated

from forethought.kernel import skill

Zone = Annotated[str, "a time zone such as Europe/Paris or UTC; the machine's own where it is left out"]
Day = Annotated[datetime.date, "a date such as 2026-07-28"]


@skill(effect="reads:clock", idempotent=True, open_world=False, quick=True)
def now(timezone: Zone = "") -> Annotated[datetime.datetime, "the date and time, with its offset from UTC"]:
    """Get the current date and time."""
    return datetime.datetime.now(_zone(timezone)).astimezone(_zone(timezone)).replace(microsecond=0)


@skill(effect="reads:clock", idempotent=True, open_world=False, quick=True)
def today(timezone: Zone = "") -> Annotated[datetime.date, "the date"]:
    """Get today's date."""
    return datetime.datetime.now(_zone(timezone)).date()


@skill(name="addDays", effect="pure", quick=True)
def add_days(input: Day, days: Annotated[int, "how many days later; negative for earlier"]) -> datetime.date:
    """Find the date some days after or before another."""
    try:
        return input + datetime.timedelta(days=days)
    except OverflowError as error:
        raise ValueError(f"there is no date {days} days from {input}") from error


@skill(name="daysBetween", effect="pure", quick=True)
def days_between(
    start: Annotated[datetime.date, "the first date"],
    end: Annotated[datetime.date, "the last date"],
) -> Annotated[int, "the days from the first to the last; negative where the last is earlier"]:
    """Count the days from one date to another."""
    return (end - start).days


@skill(name="dayOfWeek", effect="pure", quick=True)
def day_of_week(input: Day) -> Annotated[str, "the day's English name, such as Tuesday"]:
    """Find the day of the week of a date."""
    names = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
    return names[input.weekday()]


@skill(name="formatDate", effect="pure", quick=True)
def format_date(input: Day, format: Annotated[str, "codes as in Python's strftime, such as %d.%m.%Y"]) -> str:
    """Write a date in another form."""
    return input.strftime(format)


def _zone(name: str) -> datetime.tzinfo | None:
    if not name:
        return None
    if name.upper() == "UTC":
        return datetime.UTC
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone '{name}' on this machine: write one such as Europe/Paris") from error
