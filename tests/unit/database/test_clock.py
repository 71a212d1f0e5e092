from datetime import UTC, datetime, timedelta

import pytest

from src.database.clock import DatabaseClock

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Monotonic:
    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


def test_between_readings_the_clock_goes_on_by_the_monotonic_one() -> None:
    monotonic = Monotonic()
    clock = DatabaseClock(monotonic)
    assert clock.set(AT) == timedelta(0)
    monotonic.seconds += 90
    assert clock.now() == AT + timedelta(seconds=90)


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_reading_tells_by_how_much_postgres_clock_has_jumped(hours: int) -> None:
    monotonic = Monotonic()
    clock = DatabaseClock(monotonic)
    clock.set(AT)
    monotonic.seconds += 2
    jumped = AT + timedelta(hours=hours, seconds=2)
    assert clock.set(jumped) == timedelta(hours=hours)
    assert clock.now() == jumped


def test_a_clock_that_was_never_set_says_so() -> None:
    with pytest.raises(RuntimeError, match="not been set"):
        DatabaseClock().now()
