from datetime import timedelta

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.database.signals import open_signals, raise_signal
from src.domain.signal import Severity, Signal
from src.models.card import ModelRegistry
from src.pipeline.context import Context
from src.pipeline.predict import predict_upcoming
from src.pipeline.train import retrain
from src.pipeline.watch import emergency_retrain_check, monitor_performance
from tests.integration.learning.world import fill

pytestmark = pytest.mark.integration


def run(context: Context, statement: str) -> None:
    with context.database.session() as session:
        session.execute(text(statement))


def kinds(context: Context) -> set[tuple[str, str]]:
    with context.database.session() as session:
        return {(row.kind, row.subject) for row in open_signals(session)}


@pytest.fixture
def serving(context: Context, memory_registry: ModelRegistry) -> ModelRegistry:
    """A champion that has predicted twelve matches."""
    fill(context.database, context.clock.now(), finished=300, coming=12)
    assert retrain(context, reason="first", registry=memory_registry).promoted
    assert predict_upcoming(context, registry=memory_registry)["predicted"] == 12
    return memory_registry


def finish(context: Context, clock: FixedClock) -> None:
    clock.advance(timedelta(days=4))
    run(context, "update matches set status = 'finished', home_goals = 3, away_goals = 0 where id > 300")


def test_a_healthy_model_on_fresh_data_raises_nothing(context: Context, serving: ModelRegistry) -> None:
    report = monitor_performance(context, registry=serving).as_dict()
    assert report["signals_raised"] == []
    assert report["champion"] == "1"
    assert not emergency_retrain_check(context, registry=serving).decision.retrain


def test_finished_matches_are_scored_beside_the_market(
    context: Context, serving: ModelRegistry, clock: FixedClock
) -> None:
    finish(context, clock)
    report = monitor_performance(context, registry=serving).as_dict()
    assert report["scored"] == 12
    recent = report["last_30_days"]
    assert recent["log_loss"] == pytest.approx(recent["market_log_loss"], abs=0.15)


def test_a_model_that_swaps_the_sides_is_found_and_asks_for_training(
    context: Context, serving: ModelRegistry, clock: FixedClock
) -> None:
    run(context, "update predictions set p_home = .05, p_draw = .15, p_away = .8")
    finish(context, clock)
    report = monitor_performance(context, registry=serving).as_dict()
    assert report["degraded"]
    assert ("model_degraded", "matchbeat-1x2") in kinds(context)
    decision = emergency_retrain_check(context, registry=serving).decision
    assert decision.retrain
    assert "fallen behind the market" in decision.reason


def test_stale_data_raises_signals_that_resolve_and_holds_training_back(
    context: Context, serving: ModelRegistry, clock: FixedClock
) -> None:
    run(context, "delete from odds_latest where match_id > 300")
    run(context, "delete from predictions")
    clock.advance(timedelta(hours=12))
    monitor_performance(context, registry=serving)
    monitor_performance(context, registry=serving)
    assert kinds(context) == {("freshness", "odds"), ("freshness", "predictions")}
    clock.advance(timedelta(days=4))
    monitor_performance(context, registry=serving)
    assert kinds(context) == {("freshness", "results")}
    finish(context, clock)
    assert monitor_performance(context, registry=serving).resolved == 1
    assert kinds(context) == set()


def test_low_quality_comes_before_training(context: Context, memory_registry: ModelRegistry) -> None:
    fill(context.database, context.clock.now(), finished=300)
    assert emergency_retrain_check(context, registry=memory_registry).decision.retrain
    with context.database.session() as session:
        bad = Signal(kind="low_quality", subject="matches", severity=Severity.WARNING, message="bad")
        raise_signal(session, bad, context.clock.now())
    decision = emergency_retrain_check(context, registry=memory_registry).decision
    assert not decision.retrain
    assert "low_quality:matches" in decision.reason


def test_a_champion_grows_old(context: Context, serving: ModelRegistry, clock: FixedClock) -> None:
    finish(context, clock)
    clock.advance(timedelta(days=31))
    decision = emergency_retrain_check(context, registry=serving).decision
    assert decision.retrain
    assert "no training for 35 days" in decision.reason
