"""TimeSkill: the clock is read, dates are worked out."""

from __future__ import annotations

import datetime

import pytest

from forethought.kernel import Kernel
from forethought.kernel.errors import FunctionError


async def test_now_is_the_time_of_the_call_with_its_offset(kernel: Kernel) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    for zone, offset in (("UTC", 0), ("Asia/Shanghai", 8)):
        found = await kernel.invoke("TimeSkill.now", timezone=zone)
        assert isinstance(found, datetime.datetime)
        assert before <= found <= datetime.datetime.now(datetime.UTC)
        assert found.utcoffset() == datetime.timedelta(hours=offset)
    local = await kernel.invoke("TimeSkill.now")
    assert isinstance(local, datetime.datetime)
    assert local.utcoffset() is not None


async def test_today_is_a_date(kernel: Kernel) -> None:
    before = datetime.datetime.now(datetime.UTC).date()
    found = await kernel.invoke("TimeSkill.today", timezone="UTC")
    assert type(found) is datetime.date
    assert before <= found <= datetime.datetime.now(datetime.UTC).date()


@pytest.mark.parametrize(
    ("function", "arguments", "value"),
    [
        ("TimeSkill.addDays", {"input": "2024-02-28", "days": 2}, datetime.date(2024, 3, 1)),
        ("TimeSkill.addDays", {"input": datetime.date(2024, 1, 1), "days": "-1"}, datetime.date(2023, 12, 31)),
        ("TimeSkill.daysBetween", {"start": "2024-01-01", "end": "2025-01-01"}, 366),
        ("TimeSkill.daysBetween", {"start": "2024-01-02", "end": "2024-01-01"}, -1),
        ("TimeSkill.dayOfWeek", {"input": "2026-07-28"}, "Tuesday"),
        ("TimeSkill.formatDate", {"input": "2026-07-28", "format": "%d.%m.%Y"}, "28.07.2026"),
    ],
)
async def test_dates(kernel: Kernel, function: str, arguments: dict[str, object], value: object) -> None:
    assert await kernel.invoke(function, **arguments) == value


async def test_what_is_no_zone_or_no_date_is_refused(kernel: Kernel) -> None:
    with pytest.raises(FunctionError, match="there is no time zone 'Mars/Base' on this machine"):
        await kernel.invoke("TimeSkill.now", timezone="Mars/Base")
    with pytest.raises(FunctionError, match=r"there is no time zone '\.\./etc/passwd'"):
        await kernel.invoke("TimeSkill.now", timezone="../etc/passwd")
    with pytest.raises(FunctionError, match="there is no date 9999999 days from 2024-01-01"):
        await kernel.invoke("TimeSkill.addDays", input="2024-01-01", days=9999999)
