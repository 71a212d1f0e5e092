"""Whether to train now, out of turn."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from src.domain.signal import Severity

#: Two trainings out of turn are at least this far apart: the second would see the same data.
COOL_DOWN = timedelta(hours=24)
#: Retraining gains nothing measurable in a week or two; past this the model is from another part of a season.
OLDEST = timedelta(days=30)
#: Without this many results training would be refused.
LEAST_PLAYED = 200


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What the decision hangs on. `stale` names the open signals about the data."""

    champion_version: str | None
    last_trained_at: datetime | None
    played: int
    degraded: bool
    stale: Collection[str]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether to train, and the reason in words."""

    retrain: bool
    reason: str


def decide(situation: Situation, now: datetime) -> Decision:
    """Decide: never on stale data or within a day of the last training; else where a rule asks for it.

    Stale features cost a model far more than old parameters, and training on them would bake the fault in.
    """
    wanted = _wanted(situation, now)
    if wanted is None:
        return Decision(retrain=False, reason="the champion is current and keeps up with the market")
    if situation.played < LEAST_PLAYED:
        return Decision(
            retrain=False,
            reason=f"{wanted}, but only {situation.played} matches are played: {LEAST_PLAYED} are needed",
        )
    if situation.stale:
        return Decision(
            retrain=False, reason=f"{wanted}, but the data comes first: {', '.join(sorted(situation.stale))}"
        )
    if situation.last_trained_at is not None and now - situation.last_trained_at < COOL_DOWN:
        return Decision(
            retrain=False,
            reason=f"{wanted}, but the last training was at {situation.last_trained_at:%F %H:%M} UTC",
        )
    return Decision(retrain=True, reason=wanted)


def _wanted(situation: Situation, now: datetime) -> str | None:
    if situation.champion_version is None:
        return "there is no champion"
    if situation.degraded:
        return f"champion {situation.champion_version} has fallen behind the market"
    if situation.last_trained_at is not None and now - situation.last_trained_at > OLDEST:
        return f"no training for {(now - situation.last_trained_at).days} days"
    return None


def is_about_data(kind: str, severity: str) -> bool:
    """Return whether an open signal means that the data, not the model, needs somebody first."""
    return kind == "low_quality" or (
        kind in ("freshness", "source_changed") and severity == Severity.CRITICAL.value
    )
