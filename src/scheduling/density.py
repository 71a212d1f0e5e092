"""Match density: how often the coming kick-offs ask for a run."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from src.domain.entry import Density, DensityStep

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(microseconds=1)


def next_dense(density: Density, after: datetime, kickoffs: Sequence[datetime]) -> datetime | None:
    """Return the first due time strictly after `after`, in UTC; None where these kick-offs ask for none.

    A time t is due where it is a multiple, since 1970, of the `every_s` of the step that holds at t: the
    first with at least `matches` kick-offs k in t < k <= t + `within_s`. `kickoffs` are sorted.
    """
    start = after.astimezone(UTC) + _TICK
    while True:
        # What holds changes only where a kick-off comes into sight of a step or passes.
        passed = bisect_right(kickoffs, start)
        if passed == len(kickoffs):
            return None
        step = _holding(density, start, kickoffs, passed)
        ends = _next_change(density, start, kickoffs, passed)
        if step is not None:
            due = _multiple(timedelta(seconds=step.every_s), start)
            if due < ends:
                return due
        start = ends.astimezone(UTC)


def _holding(density: Density, at: datetime, kickoffs: Sequence[datetime], passed: int) -> DensityStep | None:
    """The step that holds at `at`, when `passed` of the kick-offs no longer count."""
    for step in density.steps:
        last = passed + step.matches - 1
        if last < len(kickoffs) and kickoffs[last] <= at + timedelta(seconds=step.within_s):
            return step
    return None


def _next_change(density: Density, at: datetime, kickoffs: Sequence[datetime], passed: int) -> datetime:
    """The first instant after `at` at which another kick-off counts for a step, or one no longer does."""
    first = kickoffs[passed]
    for step in density.steps:
        within, last = timedelta(seconds=step.within_s), passed + step.matches - 1
        if last < len(kickoffs) and (begins := kickoffs[last] - within) > at:
            first = min(first, begins)
    return first


def _multiple(every: timedelta, start: datetime) -> datetime:
    return _EPOCH + -((_EPOCH - start) // every) * every


def describe_density(density: Density) -> str:
    """Return the steps in words an operator reads."""
    return "; ".join(_words(step) for step in density.steps) + "; else never"


def _words(step: DensityStep) -> str:
    matches = "any match" if step.matches == 1 else f"{step.matches} matches"
    return f"every {_span(step.every_s)} with {matches} in {_span(step.within_s)}"


def _span(seconds: float) -> str:
    if seconds % 3600 == 0:
        return f"{seconds / 3600:g} h"
    return f"{seconds / 60:g} min" if seconds % 60 == 0 else f"{seconds:g} s"


def check_density(density: Density) -> str | None:
    """Return what is wrong with the steps, with an example; None where nothing is."""
    fault = None if density.steps else "needs at least one step"
    for number, step in enumerate(density.steps, start=1):
        if step.matches < 1:
            fault = f"step {number}: matches {step.matches} must be at least 1"
        elif not 0 < step.within_s <= 1e7:
            fault = f"step {number}: within_s {step.within_s:g} must be positive, at most 1e7"
        elif not 1 <= step.every_s <= 1e7:
            fault = f"step {number}: every_s {step.every_s:g} must be from 1 to 1e7"
        if fault is not None:
            break
    return fault and f"density {fault}, for example {{'matches': 20, 'within_s': 3600, 'every_s': 120}}"
