"""Cron against brute force through every change of the clocks, in zones that differ in how they change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from src.domain.entry import Cron
from src.scheduling.cadence import next_due

#: One-hour changes north and south, half an hour, a negative one around Ramadan, and none.
ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Shanghai"]
YEARS = [2025, 2026, 2027]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 1, 2, 3])
def test_a_fixed_hour_fires_once_a_day_and_moves_out_of_a_gap(zone: str, hour: int) -> None:
    for year in YEARS:
        first, last = datetime(year, 1, 2, tzinfo=UTC), datetime(year, 12, 30, tzinfo=UTC)
        for minute in (0, 30, 45):
            expected = [local_instant(zone, day, hour, minute) for day in days(year)]
            expected = [due for due in expected if first < due <= last]
            assert fires(f"{minute} {hour} * * *", zone, first, last) == expected


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("expression", "minutes"), [("0 * * * *", {0}), ("*/15 * * * *", {0, 15, 30, 45})])
def test_a_wildcard_hour_follows_elapsed_time(zone: str, expression: str, minutes: set[int]) -> None:
    for changed in changes(zone):
        first, last = changed - 2 * DAY, changed + DAY
        instants = (first + n * MINUTE for n in range(1, 3 * 24 * 60 + 1))
        expected = [at for at in instants if at.astimezone(ZoneInfo(zone)).minute in minutes]
        assert fires(expression, zone, first, last) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hourly"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
def test_an_hourly_entry_fires_as_often_as_the_day_has_hours(zone: str, day: date, hourly: int) -> None:
    start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    found = fires("0 * * * *", zone, start - timedelta(hours=2), start + 2 * DAY)
    assert len([due for due in found if due.astimezone(ZoneInfo(zone)).date() == day]) == hourly


def fires(expression: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    found: list[datetime] = []
    due = next_due(Cron(expression=expression, timezone=zone), after)
    while due is not None and due <= until:
        found.append(due)
        due = next_due(Cron(expression=expression, timezone=zone), due)
    return found


def local_instant(zone: str, day: date, hour: int, minute: int) -> datetime:
    """The first time the clocks show it, or the first instant after the gap that swallows it."""
    in_zone, local = ZoneInfo(zone), datetime.combine(day, time(hour, minute))
    while not exists(local, in_zone):
        local += MINUTE
    return local.replace(tzinfo=in_zone, fold=0).astimezone(UTC)


def exists(local: datetime, in_zone: ZoneInfo) -> bool:
    there_and_back = local.replace(tzinfo=in_zone).astimezone(UTC).astimezone(in_zone)
    return there_and_back.replace(tzinfo=None) == local


def days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += DAY


def changes(zone: str) -> Iterator[datetime]:
    """Midnight (UTC) after each change of the zone's offset; an arbitrary one where none changes."""
    midnights = [datetime(2026, 1, 1, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in midnights]
    found = [
        at for at, before, now in zip(midnights[1:], offsets, offsets[1:], strict=False) if before != now
    ]
    yield from found or midnights[100:101]
