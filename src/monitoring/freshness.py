"""Signals about data that should be there and is not."""

from collections.abc import Iterator

from src.domain.learning import Freshness
from src.domain.signal import Severity, Signal

KIND = "freshness"
SUBJECTS = ("results", "odds", "predictions")


def freshness_signals(fresh: Freshness) -> list[Signal]:
    """Return a signal for each subject that is stale; the other subjects are fine."""
    return list(_signals(fresh))


def _signals(fresh: Freshness) -> Iterator[Signal]:
    if fresh.overdue:
        yield Signal(
            kind=KIND,
            subject="results",
            severity=Severity.CRITICAL if fresh.overdue >= 20 else Severity.WARNING,
            message=f"{fresh.overdue} matches kicked off over six hours ago and have no outcome: "
            "run the daily collection",
            details={"overdue": fresh.overdue},
        )
    if fresh.without_odds:
        yield Signal(
            kind=KIND,
            subject="odds",
            severity=Severity.WARNING,
            message=f"{fresh.without_odds} of {fresh.next_day} matches of the next day have no odds: "
            "run titan-regular",
            details={"without_odds": fresh.without_odds, "next_day": fresh.next_day},
        )
    if fresh.without_prediction:
        yield Signal(
            kind=KIND,
            subject="predictions",
            severity=Severity.WARNING,
            message=f"{fresh.without_prediction} of {fresh.next_two_days} matches of the next two days have "
            "no prediction",
            details={"without_prediction": fresh.without_prediction, "next_two_days": fresh.next_two_days},
        )
