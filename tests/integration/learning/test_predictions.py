from datetime import timedelta

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.database.predictions import latest_predictions
from src.models.card import MODEL_NAME, ModelRegistry
from src.pipeline.context import Context
from src.pipeline.predict import MARKET_PRIOR, predict_upcoming
from src.pipeline.refresh import refresh_features
from src.pipeline.train import retrain
from tests.integration.learning.world import fill

pytestmark = pytest.mark.integration


def run(context: Context, statement: str) -> None:
    with context.database.session() as session:
        session.execute(text(statement))


@pytest.fixture
def trained(context: Context, memory_registry: ModelRegistry) -> ModelRegistry:
    fill(context.database, context.clock.now(), finished=300, coming=12)
    assert retrain(context, reason="first", registry=memory_registry).promoted
    return memory_registry


def test_coming_fixtures_get_probabilities_that_sum_to_one(context: Context, trained: ModelRegistry) -> None:
    assert predict_upcoming(context, registry=trained) == {
        "fixtures": 12, "predicted": 12, "without_odds": 0, "fallback": 0, "skipped": 0, "stored": 12,
    }  # fmt: skip
    with context.database.session() as session:
        found = latest_predictions(session, context.clock.now())
    assert len(found) == 12
    assert [p.kickoff_utc for p in found] == sorted(p.kickoff_utc for p in found)
    for prediction in found:
        model = prediction.model
        assert model.home + model.draw + model.away == pytest.approx(1, abs=1e-6)
        assert prediction.market is not None
        assert (prediction.competition, prediction.model_name) == ("Made League", MODEL_NAME)
        assert prediction.home_team.startswith("Team ")


def test_predicting_twice_stores_once(context: Context, trained: ModelRegistry) -> None:
    predict_upcoming(context, registry=trained)
    assert predict_upcoming(context, registry=trained)["stored"] == 0


def test_only_the_asked_days_are_predicted(context: Context, trained: ModelRegistry) -> None:
    assert predict_upcoming(context, days_ahead=2, registry=trained)["fixtures"] == 6


def test_inputs_that_go_back_make_the_old_prediction_the_newest_again(
    context: Context, trained: ModelRegistry, clock: FixedClock
) -> None:
    def shown() -> float:
        clock.advance(timedelta(minutes=10))
        refresh_features(context)
        predict_upcoming(context, registry=trained)
        with context.database.session() as session:
            return latest_predictions(session, clock.now())[0].model.home

    first = shown()
    run(context, "update odds_history set prices = '{1.1,9,15}' where match_id > 300")
    assert shown() > first
    run(context, "update odds_history set prices = '{9,9,1.1}' where match_id > 300")
    low = shown()
    run(context, "update odds_history set prices = '{1.1,9,15}' where match_id > 300")
    assert shown() > low


def test_a_fixture_without_odds_is_predicted_from_its_ratings(
    context: Context, trained: ModelRegistry
) -> None:
    run(context, "delete from odds_history where match_id > 300")
    run(context, "delete from odds_latest where match_id > 300")
    refresh_features(context)
    summary = predict_upcoming(context, registry=trained)
    assert (summary["predicted"], summary["without_odds"], summary["fallback"]) == (12, 12, 0)
    with context.database.session() as session:
        found = latest_predictions(session, context.clock.now())
    assert {p.market for p in found} == {None}
    assert len({round(p.model.home, 3) for p in found}) > 6


def test_a_missing_feature_group_falls_back_to_the_market(context: Context, trained: ModelRegistry) -> None:
    run(context, "update features set values = values - '{elo_home,elo_away,elo_diff,pi_home,pi_away,"
        "pi_goal_difference}'::text[] where match_id = 301")  # fmt: skip
    run(context, "delete from features where match_id in (302, 303)")
    run(context, "delete from odds_latest where match_id = 303")
    summary = predict_upcoming(context, registry=trained)
    assert (summary["predicted"], summary["fallback"], summary["skipped"]) == (9, 2, 1)
    with context.database.session() as session:
        names = {p.match_id: p.model_name for p in latest_predictions(session, context.clock.now())}
    assert (names[301], names[302], 303 in names) == (MARKET_PRIOR, MARKET_PRIOR, False)


def test_without_a_champion_the_market_speaks(context: Context, memory_registry: ModelRegistry) -> None:
    fill(context.database, context.clock.now(), finished=12, coming=6)
    refresh_features(context)
    summary = predict_upcoming(context, registry=memory_registry)
    assert (summary["predicted"], summary["fallback"], summary["stored"]) == (0, 6, 6)
    assert predict_upcoming(context, registry=memory_registry)["stored"] == 0
    with context.database.session() as session:
        found = latest_predictions(session, context.clock.now())
    assert {p.model_name for p in found} == {MARKET_PRIOR}
    assert all(p.model == p.market for p in found)


def test_odds_that_moved_make_a_new_prediction_and_the_newest_is_shown(
    context: Context, trained: ModelRegistry, clock: FixedClock
) -> None:
    predict_upcoming(context, registry=trained)
    clock.advance(timedelta(minutes=10))
    run(context, "update odds_latest set prices = '{1.5,4.2,7}' where match_id = 301")
    assert predict_upcoming(context, registry=trained)["stored"] == 1
    with context.database.session() as session:
        found = latest_predictions(session, clock.now())
    assert len(found) == len({p.match_id for p in found}) == 12
    (moved,) = [p for p in found if p.match_id == 301]
    assert moved.predicted_at == clock.now()
    assert moved.market is not None
    assert moved.market.home == pytest.approx(0.636, abs=0.001)
    assert moved.model_name == MODEL_NAME


def test_a_match_put_off_has_no_coming_prediction(context: Context, trained: ModelRegistry) -> None:
    predict_upcoming(context, registry=trained)
    run(context, "update matches set status = 'postponed' where id = 301")
    run(context, "update matches set status = 'cancelled' where id = 302")
    with context.database.session() as session:
        found = {p.match_id for p in latest_predictions(session, context.clock.now())}
    assert found == set(range(303, 313))
