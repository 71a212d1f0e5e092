from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.domain.entry import ByHand, Cron, Interval, OneOff
from src.scheduling import cadence
from src.scheduling.cadence import check_cadence, describe, due_times, next_due

PARIS = ZoneInfo("Europe/Paris")
MOMENTS = st.integers(1_577_836_800, 1_893_456_000).map(lambda second: datetime.fromtimestamp(second, UTC))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_cron_is_due_at_the_next_match() -> None:
    assert next_due(Cron(expression="0 2 * * *"), at("2026-11-22T01:59:59")) == at("2026-11-22T02:00")
    assert next_due(Cron(expression="0 2 * * *"), at("2026-11-22T02:00")) == at("2026-11-23T02:00")
    assert next_due(Cron(expression="0 3 * * 1"), at("2026-11-22T12:00")) == at("2026-11-23T03:00")


def test_cron_in_a_zone_is_due_at_its_local_time() -> None:
    paris = Cron(expression="0 2 * * *", timezone="Europe/Paris")
    assert next_due(paris, at("2026-07-01T12:00")) == at("2026-07-02T00:00")


@pytest.mark.parametrize(("day", "fires"), [("2026-10-25", 25), ("2026-03-29", 23), ("2026-06-01", 24)])
def test_an_hourly_entry_follows_elapsed_time_through_daylight_saving(day: str, fires: int) -> None:
    hourly = Cron(expression="0 * * * *", timezone="Europe/Paris")
    start = at(day) - timedelta(hours=3)
    found = due_times(hourly, start, start + timedelta(hours=30), limit=100)
    assert len([due for due in found if due.astimezone(PARIS).date().isoformat() == day]) == fires


@given(after=MOMENTS, every_s=st.integers(1, 100_000))
def test_an_interval_is_anchored_to_the_epoch(after: datetime, every_s: int) -> None:
    due = next_due(Interval(every_s=every_s), after)
    assert due is not None
    assert timedelta(0) < due - after <= timedelta(seconds=every_s)
    assert due.timestamp() % every_s == 0


@given(after=MOMENTS, minute=st.integers(0, 59), hour=st.integers(0, 23))
def test_a_daily_cron_agrees_with_counting_minutes(after: datetime, minute: int, hour: int) -> None:
    due = next_due(Cron(expression=f"{minute} {hour} * * *"), after)
    assert due is not None
    assert (due.hour, due.minute, due.second) == (hour, minute, 0)
    assert timedelta(0) < due - after <= timedelta(days=1)


def test_a_sixth_field_in_front_holds_seconds() -> None:
    twice_a_minute = Cron(expression="0,30 * * * * *")
    assert next_due(twice_a_minute, at("2026-01-01T00:00:00")) == at("2026-01-01T00:00:30")
    assert check_cadence(twice_a_minute) is None


@given(after=MOMENTS, every_s=st.integers(1, 100_000), anchor=MOMENTS)
def test_an_interval_counts_from_its_anchor(after: datetime, every_s: int, anchor: datetime) -> None:
    due = next_due(Interval(every_s=every_s, anchor=anchor), after)
    assert due is not None
    assert timedelta(0) < due - after <= timedelta(seconds=every_s)
    assert (due - anchor) % timedelta(seconds=every_s) == timedelta(0)


def test_a_one_off_is_due_once() -> None:
    once = OneOff(at=at("2026-01-01T12:00"))
    assert next_due(once, at("2026-01-01T11:59")) == at("2026-01-01T12:00")
    assert next_due(once, at("2026-01-01T12:00")) is None


def test_by_hand_is_never_due() -> None:
    assert next_due(ByHand(), at("2026-01-01")) is None


def test_due_times_keep_the_last_ones() -> None:
    minutely = Interval(every_s=60)
    found = due_times(minutely, at("2026-01-01T00:00"), at("2026-01-01T00:10"), limit=3)
    assert found == [at("2026-01-01T00:08"), at("2026-01-01T00:09"), at("2026-01-01T00:10")]


@pytest.mark.parametrize(
    ("cadence", "complaint"),
    [
        (Cron(expression="0 2 * *"), "five fields"),
        (Cron(expression="0 25 * * *"), "0 25 * * *"),
        (OneOff(at=datetime(2026, 1, 1)), "time zone"),  # noqa: DTZ001 - the fault in question
        (Cron(expression="0 2 * * *", timezone="Mars/Olympus"), "IANA"),
        (Interval(every_s=0), "positive"),
    ],
)
def test_a_wrong_cadence_is_explained(cadence: Cron | Interval | OneOff, complaint: str) -> None:
    fault = check_cadence(cadence)
    assert fault is not None
    assert complaint in fault
    assert "for example" in fault


def test_cadences_read_well() -> None:
    assert describe(Cron(expression="0 2 * * *")) == "0 2 * * * (UTC)"
    assert describe(Interval(every_s=600)) == "every 600 s"
    assert describe(OneOff(at=at("2026-01-01T12:00"))) == "once at 2026-01-01 12:00:00"
    assert describe(ByHand()) == "by hand"


def test_a_long_absence_is_not_walked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = 0
    real = cadence.next_due

    def counted(*arguments: Any) -> Any:
        nonlocal steps
        steps += 1
        return real(*arguments)

    monkeypatch.setattr(cadence, "next_due", counted)
    every_second = Interval(every_s=1)
    until = datetime(2026, 3, 1, tzinfo=UTC)
    found = cadence.due_times(every_second, until - timedelta(days=365), until, 100)
    assert found == [until - timedelta(seconds=n) for n in reversed(range(100))]
    assert steps < 1000


@pytest.mark.parametrize("expression", ["0 9 * * *", "*/5 9-10 * * 1", "0 0 29 2 *"])
def test_the_last_due_times_are_the_same_however_far_back_the_first_is(expression: str) -> None:
    cron = Cron(expression=expression, timezone="Europe/Paris")
    until = datetime(2026, 3, 30, tzinfo=UTC)
    first = cadence.next_due(cron, until - timedelta(days=400 if "29" not in expression else 6000))
    assert first is not None
    walked = cadence.due_times(cron, first, until, 10**6)
    assert cadence.due_times(cron, first, until, 3) == walked[-3:]
