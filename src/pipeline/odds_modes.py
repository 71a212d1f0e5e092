"""The modes of odds collection: which kick-offs each asks about, and how. Flows and commands share them."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from src.core.errors import BadData

#: A match that kicked off since the last live run still owes its closing quote.
JUST_STARTED = timedelta(minutes=15)

_STEP = "titan007"
_LIVE_STEP = "titan007/live"

#: The largest value of each span: no source has fixtures, and nobody keeps odds, further away than that.
_MOST = {
    "days_ahead": 366,
    "hours_ahead": 366 * 24,
    "regular_hours_ahead": 366 * 24,
    "live_hours_ahead": 366 * 24,
    "cleanup_days": 36_600,
}


@dataclass(frozen=True, kw_only=True)
class OddsWindow:
    """Kick-offs (UTC) from `since` to before `until`, collected as one step of a run.

    The rest is as `collect_odds` has it. What is done in one step is asked for again in another.
    """

    since: datetime
    until: datetime
    batch_size: int = 20
    max_concurrency: int | None = None
    step: str = _STEP


@dataclass(frozen=True, kw_only=True)
class Regular:
    """All matches of the coming `days_ahead` days: the opening odds of the day, and the current ones."""

    days_ahead: int = 1
    batch_size: int = 20
    max_concurrency: int = 15

    def __post_init__(self) -> None:
        """Raise BadData on a number that cannot be."""
        _check(self)

    def windows(self, now: datetime) -> tuple[OddsWindow, ...]:
        """Return what to collect at `now` (aware)."""
        until = now + timedelta(days=self.days_ahead)
        return (_window(now, until, self.batch_size, self.max_concurrency),)


@dataclass(frozen=True, kw_only=True)
class Live:
    """Matches that start within `hours_ahead` hours or have just started, the most imminent first."""

    hours_ahead: int = 2
    batch_size: int = 10
    max_concurrency: int = 8

    def __post_init__(self) -> None:
        """Raise BadData on a number that cannot be."""
        _check(self)

    def windows(self, now: datetime) -> tuple[OddsWindow, ...]:
        """Return what to collect at `now` (aware)."""
        until = now + timedelta(hours=self.hours_ahead)
        return (_window(now - JUST_STARTED, until, self.batch_size, self.max_concurrency),)


@dataclass(frozen=True, kw_only=True)
class Hybrid:
    """The regular window, the live one where it is enabled, and then a cleaning of odds.

    The windows go one after the other: they overlap, and share the source's rate limit. Fine-grained odds
    older than `cleanup_days` days are dropped.
    """

    regular_hours_ahead: int = 1
    live_hours_ahead: int = 2
    enable_live: bool = True
    cleanup_days: int = 7
    batch_size: int = 20
    max_concurrency: int | None = None

    def __post_init__(self) -> None:
        """Raise BadData on a number that cannot be."""
        _check(self)

    def windows(self, now: datetime) -> tuple[OddsWindow, ...]:
        """Return what to collect at `now` (aware), in this order."""
        regular, live = (timedelta(hours=n) for n in (self.regular_hours_ahead, self.live_hours_ahead))
        how = (self.batch_size, self.max_concurrency)
        first = _window(now, now + regular, *how)
        return (
            (first, _window(now - JUST_STARTED, now + live, *how, _LIVE_STEP))
            if self.enable_live
            else (first,)
        )


Mode = Regular | Live | Hybrid


def _window(
    since: datetime, until: datetime, batch_size: int, max_concurrency: int | None, step: str = _STEP
) -> OddsWindow:
    return OddsWindow(
        since=since, until=until, batch_size=batch_size, max_concurrency=max_concurrency, step=step
    )


def _check(mode: Mode) -> None:
    numbers = {field.name: getattr(mode, field.name) for field in fields(mode)}
    told = {name: value for name, value in numbers.items() if type(value) is int}
    small = [f"{name} is {value}" for name, value in told.items() if value < 1]
    if small:
        raise BadData(f"must be at least 1: {', '.join(small)}")
    large = [f"{name} is {value}, most {_MOST[name]}" for name, value in told.items() if _over(name, value)]
    if large:
        raise BadData(f"too far from now: {', '.join(large)}")


def _over(name: str, value: int) -> bool:
    return value > _MOST.get(name, value)
