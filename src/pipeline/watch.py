"""Watches the model and the data it lives on."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from src.core.logging import get_logger
from src.database.freshness import freshness
from src.database.learning import played_count
from src.database.predictions import scored_predictions
from src.database.signals import open_signals, raise_signal, resolve_signal
from src.domain.signal import Severity, Signal
from src.models.card import MODEL_NAME, ModelRegistry
from src.monitoring.degradation import LIMIT, Degradation, degradation
from src.monitoring.freshness import KIND, SUBJECTS, freshness_signals
from src.monitoring.retraining import Situation, decide, is_about_data
from src.pipeline.context import Context
from src.pipeline.model_registry import model_registry

log = get_logger(__name__)

_LOOK_BACK = timedelta(days=180)
_RECENT = timedelta(days=30)
DEGRADED = "model_degraded"


def monitor_performance(ctx: Context, *, registry: ModelRegistry | None = None) -> dict[str, Any]:
    """Score past predictions against the market, look at freshness, raise and resolve the signals.

    Returns a JSON-able report. Raises Transient where Postgres or MLflow is away.
    """
    now = ctx.clock.now()
    serving = (registry or model_registry(ctx)).champion_version()
    with ctx.database.session() as session:
        scored = scored_predictions(session, MODEL_NAME, now - _LOOK_BACK)
        state = degradation(scored, serving_version=serving)
        recent = degradation([p for p in scored if p.kickoff_utc >= now - _RECENT], serving_version=serving)
        fresh = freshness(session, now)
        raised = freshness_signals(fresh) + _degraded_signal(state, serving)
        for signal in raised:
            raise_signal(session, signal, now, ctx.fire)
        still = {(signal.kind, signal.subject) for signal in raised}
        watched = [(KIND, subject) for subject in SUBJECTS] + [(DEGRADED, MODEL_NAME)]
        resolved = sum(resolve_signal(session, *key, now) for key in watched if key not in still)
    report = {
        "champion": serving,
        "degraded": state.degraded,
        "cusum": state.value,
        "scored": state.matches,
        "last_30_days": {
            "scored": recent.matches,
            "log_loss": recent.model_log_loss,
            "market_log_loss": recent.market_log_loss,
        },
        "freshness": {
            name: value.isoformat() if hasattr(value, "isoformat") else value
            for name, value in asdict(fresh).items()
        },
        "signals_raised": sorted(f"{kind}:{subject}" for kind, subject in still),
        "signals_resolved": resolved,
    }
    log.info("performance_monitored", **report)
    return report


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


def emergency_retrain_check(ctx: Context, *, registry: ModelRegistry | None = None) -> dict[str, Any]:
    """Decide whether a training out of turn is due; start nothing.

    Returns `retrain` and `reason`, and what the decision was based on.
    """
    now = ctx.clock.now()
    registry = registry or model_registry(ctx)
    serving, last_trained_at = registry.champion_version(), registry.last_trained_at()
    with ctx.database.session() as session:
        state = degradation(
            scored_predictions(session, MODEL_NAME, now - _LOOK_BACK), serving_version=serving
        )
        stale = {
            f"{row.kind}:{row.subject}"
            for row in open_signals(session, limit=1000)
            if is_about_data(row.kind, row.severity)
        }
        situation = Situation(
            champion_version=serving,
            last_trained_at=last_trained_at,
            played=played_count(session),
            degraded=state.degraded,
            stale=stale,
        )
    decision = decide(situation, now)
    report = {
        "retrain": decision.retrain,
        "reason": decision.reason,
        "champion": serving,
        "last_trained_at": last_trained_at and last_trained_at.isoformat(),
        "degraded": state.degraded,
        "cusum": state.value,
        "played": situation.played,
        "stale": sorted(stale),
    }
    log.info("retraining_considered", **report)
    return report
