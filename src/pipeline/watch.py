"""Watches the model and the data it lives on."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from src.core.logging import get_logger
from src.database.freshness import freshness
from src.database.learning import played_count
from src.database.predictions import scored_predictions
from src.database.signals import open_signals, raise_signal, resolve_signal
from src.domain.learning import Freshness
from src.domain.signal import Severity, Signal
from src.models.card import MODEL_NAME, ModelRegistry
from src.monitoring.degradation import LIMIT, Degradation, degradation
from src.monitoring.freshness import KIND, SUBJECTS, freshness_signals
from src.monitoring.retraining import Decision, Situation, decide, is_about_data
from src.pipeline.context import Context
from src.pipeline.model_registry import model_registry

log = get_logger(__name__)

_LOOK_BACK = timedelta(days=180)
_RECENT = timedelta(days=30)
DEGRADED = "model_degraded"


@dataclass(frozen=True, kw_only=True)
class PerformanceReport:
    """How the `champion` (a version, None where there is none) does, and what was signalled.

    `state` is over the last 180 days, `recent` over the last 30; `raised` has (kind, subject) of each signal
    that is open now, `resolved` is how many were closed.
    """

    champion: str | None
    state: Degradation
    recent: Degradation
    freshness: Freshness
    raised: frozenset[tuple[str, str]]
    resolved: int

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping; times are ISO 8601."""
        return {
            "champion": self.champion,
            "degraded": self.state.degraded,
            "cusum": self.state.value,
            "scored": self.state.matches,
            "last_30_days": {
                "scored": self.recent.matches,
                "log_loss": self.recent.model_log_loss,
                "market_log_loss": self.recent.market_log_loss,
            },
            "freshness": _jsonable(asdict(self.freshness)),
            "signals_raised": sorted(f"{kind}:{subject}" for kind, subject in self.raised),
            "signals_resolved": self.resolved,
        }


@dataclass(frozen=True, kw_only=True)
class RetrainingCheck:
    """A decision on training out of turn, and what it was based on."""

    decision: Decision
    situation: Situation
    cusum: float

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping; times are ISO 8601."""
        trained_at = self.situation.last_trained_at
        return {
            "retrain": self.decision.retrain,
            "reason": self.decision.reason,
            "champion": self.situation.champion_version,
            "last_trained_at": trained_at and trained_at.isoformat(),
            "degraded": self.situation.degraded,
            "cusum": self.cusum,
            "played": self.situation.played,
            "stale": sorted(self.situation.stale),
        }


def monitor_performance(ctx: Context, *, registry: ModelRegistry | None = None) -> PerformanceReport:
    """Score past predictions against the market, look at freshness, raise and resolve the signals.

    Raises Transient where Postgres or MLflow is away.
    """
    now = ctx.clock.now()
    serving = (registry or model_registry(ctx)).champion_version()
    with ctx.database.session() as session:
        scored = scored_predictions(session, MODEL_NAME, now - _LOOK_BACK)
        state = degradation(scored, serving_version=serving)
        recent = degradation([p for p in scored if p.kickoff_utc >= now - _RECENT], serving_version=serving)
        fresh = freshness(session, now)
        raised = freshness_signals(fresh) + _degraded_signal(state, serving)
        resolved = _settle(ctx, session, raised, now)
    report = PerformanceReport(
        champion=serving,
        state=state,
        recent=recent,
        freshness=fresh,
        raised=frozenset((signal.kind, signal.subject) for signal in raised),
        resolved=resolved,
    )
    log.info("performance_monitored", **report.as_dict())
    return report


def _settle(ctx: Context, session: Session, raised: Iterable[Signal], now: datetime) -> int:
    """Raise what is seen and resolve what is watched and no longer seen; return how many were resolved."""
    still = set()
    for signal in raised:
        raise_signal(session, signal, now, ctx.fire)
        still.add((signal.kind, signal.subject))
    watched = [(KIND, subject) for subject in SUBJECTS] + [(DEGRADED, MODEL_NAME)]
    return sum(resolve_signal(session, *key, now) for key in watched if key not in still)


def _jsonable(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()
    }


def _degraded_signal(state: Degradation, serving: str | None) -> list[Signal]:
    if not state.degraded:
        return []
    return [
        Signal(
            kind=DEGRADED,
            subject=MODEL_NAME,
            severity=Severity.CRITICAL,
            message=f"version {serving} has fallen behind the market: sum {state.value:.2f} over {LIMIT}",
            details={"version": serving, "sum": state.value, "matches": state.matches},
        )
    ]


def emergency_retrain_check(ctx: Context, *, registry: ModelRegistry | None = None) -> RetrainingCheck:
    """Decide whether a training out of turn is due; start nothing.

    Raises Transient where Postgres or MLflow is away.
    """
    now = ctx.clock.now()
    registry = registry or model_registry(ctx)
    serving, last_trained_at = registry.champion_version(), registry.last_trained_at()
    with ctx.database.session() as session:
        scored = scored_predictions(session, MODEL_NAME, now - _LOOK_BACK)
        state = degradation(scored, serving_version=serving)
        situation = Situation(
            champion_version=serving,
            last_trained_at=last_trained_at,
            played=played_count(session),
            degraded=state.degraded,
            stale=_stale(session),
        )
    check = RetrainingCheck(decision=decide(situation, now), situation=situation, cusum=state.value)
    log.info("retraining_considered", **check.as_dict())
    return check


def _stale(session: Session) -> set[str]:
    return {
        f"{row.kind}:{row.subject}"
        for row in open_signals(session, limit=1000)
        if is_about_data(row.kind, row.severity)
    }
