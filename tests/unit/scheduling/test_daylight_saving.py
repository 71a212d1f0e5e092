"""Cron against brute force through every change of the clocks, in zones that differ in how they change."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.domain.entry import Cron
from src.scheduling.cadence import next_due

#: One-hour changes north and south, half an hour, a negative one around Ramadan, and none.
ZONES = ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Shanghai"]
YEARS = [2025, 2026, 2027]
#: Five fields, and six with seconds in front.
FIELDS = ["", "0 "]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hour", [0, 1, 2, 3])
@pytest.mark.parametrize("seconds", FIELDS)
def test_a_fixed_hour_fires_once_a_day_and_moves_out_of_a_gap(zone: str, hour: int, seconds: str) -> None:
    for year in YEARS:
        first, last = datetime(year, 1, 2, tzinfo=UTC), datetime(year, 12, 30, tzinfo=UTC)
        for minute in (0, 30, 45):
            expected = [local_instant(zone, day, hour, minute) for day in days(year)]
            expected = [due for due in expected if first < due <= last]
            assert fires(f"{seconds}{minute} {hour} * * *", zone, first, last) == expected


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("expression", "minutes"), [("0 * * * *", {0}), ("*/15 * * * *", {0, 15, 30, 45})])
@pytest.mark.parametrize("seconds", FIELDS)
def test_a_wildcard_hour_follows_elapsed_time(
    zone: str, expression: str, minutes: set[int], seconds: str
) -> None:
    for changed in changes(zone):
        first, last = changed - 2 * DAY, changed + DAY
        instants = (first + n * MINUTE for n in range(1, 3 * 24 * 60 + 1))
        expected = [at for at in instants if at.astimezone(ZoneInfo(zone)).minute in minutes]
        assert fires(seconds + expression, zone, first, last) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Paris", date(2026, 3, 29), 23),
        ("Europe/Paris", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("America/New_York", date(2026, 11, 1), 25),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Africa/Casablanca", date(2026, 2, 15), 25),
        ("Africa/Casablanca", date(2026, 3, 22), 23),
        ("Asia/Shanghai", date(2026, 3, 29), 24),
    ],
)
@pytest.mark.parametrize("seconds", FIELDS)
def test_the_longest_and_the_shortest_day_of_each_zone(
    zone: str, day: date, hours: float, seconds: str
) -> None:
    assert len(on_day(f"{seconds}*/30 * * * *", zone, day)) == 2 * hours
    # The half hour that Lord Howe leaves out begins an hour, the one it shows again does not.
    assert len(on_day(f"{seconds}0 * * * *", zone, day)) == int(hours)
    for hour in range(5):
        for minute in (0, 15, 30, 45):
            assert len(on_day(f"{seconds}{minute} {hour} * * *", zone, day)) == 1


@pytest.mark.parametrize(
    ("zone", "expression", "due"),
    [
        ("Europe/Paris", "30 2 29 3 *", "2026-03-29T01:00"),
        ("America/New_York", "59 2 8 3 *", "2026-03-08T07:00"),
        ("Australia/Lord_Howe", "15 2 4 10 *", "2026-10-03T15:30"),
        ("Africa/Casablanca", "10 2 22 3 *", "2026-03-22T02:00"),
    ],
)
@pytest.mark.parametrize("seconds", ["", "0 ", "25 "])
def test_a_time_that_does_not_exist_moves_to_the_first_instant_that_does(
    zone: str, expression: str, due: str, seconds: str
) -> None:
    moved = datetime.fromisoformat(due).replace(tzinfo=UTC)
    cron = Cron(expression=seconds + expression, timezone=zone)
    for before in (10 * DAY, MINUTE, timedelta(seconds=1), timedelta(microseconds=1)):
        assert next_due(cron, moved - before) == moved
    following = next_due(cron, moved)
    assert following is not None
    assert following > moved + 300 * DAY


def test_in_a_repeated_hour_nothing_is_due_in_the_past() -> None:
    nightly = Cron(expression="30 2 * * *", timezone="Europe/Paris")
    for minute in range(60):
        again = datetime(2026, 10, 25, 1, minute, tzinfo=UTC)
        assert next_due(nightly, again) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


MINUTE_FIELDS = st.sampled_from(["0", "30", "*/20", "5,35", "10-50/20", "*"])
HOUR_FIELDS = st.sampled_from(["*", "*/2", "*/3", "0", "1", "2", "1-3", "2,3", "0-23", "23"])
SECOND_FIELDS = st.sampled_from(["", "0 ", "30 ", "*/30 "])


@settings(max_examples=150, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    year=st.sampled_from(YEARS),
    change=st.integers(0, 3),
    seconds=SECOND_FIELDS,
    minute=MINUTE_FIELDS,
    hour=HOUR_FIELDS,
    into=st.integers(0, 36 * 3600),
)
def test_any_expression_agrees_with_brute_force_around_a_change(
    zone: str, year: int, change: int, seconds: str, minute: str, hour: str, into: int
) -> None:
    changed = list(changes(zone, year))
    first = changed[change % len(changed)] - 2 * DAY + timedelta(seconds=into)
    last = first + 36 * timedelta(hours=1)
    expected = by_brute_force(seconds or "0 ", minute, hour, zone, first, last)
    assert fires(f"{seconds}{minute} {hour} * * *", zone, first, last) == expected


def by_brute_force(
    seconds: str, minute: str, hour: str, zone: str, first: datetime, last: datetime
) -> list[datetime]:
    """Every half minute tried: instants for a wildcard hour, else local times."""
    in_zone, step = ZoneInfo(zone), timedelta(seconds=30)
    wanted = [numbers(seconds.strip(), 60), numbers(minute, 60), numbers(hour, 24)]

    def matches(local: datetime) -> bool:
        return all(
            n in some for n, some in zip((local.second, local.minute, local.hour), wanted, strict=True)
        )

    start = first.replace(minute=0, second=0) - DAY
    halves = [start + n * step for n in range(int((last + DAY - start) / step))]
    if hour.startswith("*"):
        found = {at for at in halves if matches(at.astimezone(in_zone))}
    else:
        local = [at.replace(tzinfo=None) + timedelta(hours=12) for at in halves]
        offsets = [at for at in local if matches(at)]
        found = {local_instant(zone, at.date(), at.hour, at.minute, at.second) for at in offsets}
    return sorted(at for at in found if first < at <= last)


def numbers(text: str, below: int) -> set[int]:
    found: set[int] = set()
    for term in text.split(","):
        span, _, step = term.partition("/")
        low, _, high = span.partition("-")
        whole = range(below) if low == "*" else range(int(low), int(high or low) + 1)
        found.update(whole[:: int(step or 1)])
    return found


def on_day(expression: str, zone: str, day: date) -> list[datetime]:
    start = datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)
    found = fires(expression, zone, start - timedelta(hours=2), start + 2 * DAY)
    return [due for due in found if due.astimezone(ZoneInfo(zone)).date() == day]


def fires(expression: str, zone: str, after: datetime, until: datetime) -> list[datetime]:
    found: list[datetime] = []
    due = next_due(Cron(expression=expression, timezone=zone), after)
    while due is not None and due <= until:
        found.append(due)
        due = next_due(Cron(expression=expression, timezone=zone), due)
    return found


def local_instant(zone: str, day: date, hour: int, minute: int, second: int = 0) -> datetime:
    """The first time the clocks show it, or the first instant after the gap that swallows it."""
    in_zone, local = ZoneInfo(zone), datetime.combine(day, time(hour, minute, second))
    while not exists(local, in_zone):
        local = local.replace(second=0) + MINUTE
    return local.replace(tzinfo=in_zone, fold=0).astimezone(UTC)


def exists(local: datetime, in_zone: ZoneInfo) -> bool:
    there_and_back = local.replace(tzinfo=in_zone).astimezone(UTC).astimezone(in_zone)
    return there_and_back.replace(tzinfo=None) == local


def days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += DAY


def changes(zone: str, year: int = 2026) -> Iterator[datetime]:
    """Midnight (UTC) after each change of the zone's offset; an arbitrary one where none changes."""
    midnights = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [at.astimezone(ZoneInfo(zone)).utcoffset() for at in midnights]
    found = [
        at for at, before, now in zip(midnights[1:], offsets, offsets[1:], strict=False) if before != now
    ]
    yield from found or midnights[100:101]
