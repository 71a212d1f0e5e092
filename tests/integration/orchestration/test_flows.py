"""Flows in this process, against a real Prefect server, a real Postgres and a small upstream."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from prefect.exceptions import ParameterTypeError

from src.core.clock import SystemClock
from src.core.errors import BadData, Transient
from src.core.memory import uncollected
from src.database import outcomes
from src.database.connection import Database
from src.domain.fire import Fire, fire_id
from src.orchestration.flows import collection_tasks
from src.orchestration.flows.daily_data_collection_flow import (
    daily_data_collection_flow,
    manual_data_collection_flow,
)
from src.orchestration.flows.titan_flows import titan_hybrid_flow, titan_live_flow, titan_regular_flow
from src.orchestration.flows.weekly_model_retraining_flow import (
    emergency_model_retraining_flow,
    weekly_model_retraining_flow,
)
from tests.integration.orchestration.upstream import Upstream

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("in_flow")]


def test_one_source_failing_does_not_stop_the_others(upstream: Upstream) -> None:
    upstream.breaks("/fbref")
    state = daily_data_collection_flow(days_back=1, days_ahead=1, return_state=True)
    assert state.is_completed()
    sources = state.result()["sources"]
    assert "503" in sources["fbref"]["error"] or sources["fbref"]["failed"]
    assert sources["fotmob-fixtures"]["error"] is None
    assert sources["fotmob-fixtures"]["fetched"] == 3
    assert "fbref failed" in state.message


def test_a_source_that_is_away_is_tried_three_times_more(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Here the tries follow at once, and would all fall into the rest after the first.
    monkeypatch.setattr("src.collectors.transport.conduct._AWAY_REST_S", 0.0)
    upstream.breaks("/fbref")
    daily_data_collection_flow(days_back=0, days_ahead=0)
    # Each try gives the source up after its first five pages.
    assert upstream.asked["fbref"] == 4 * 5


def test_a_run_fails_where_every_source_does(upstream: Upstream) -> None:
    upstream.breaks("/fotmob")
    upstream.breaks("/fbref")
    with pytest.raises(Transient, match=r"nothing was collected: fotmob-fixtures failed .*; fbref failed"):
        daily_data_collection_flow(days_back=3, days_ahead=3)


def test_a_source_that_outlasts_its_limit_is_given_up(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Prefect raises the limit in the thread of the task: in a collection of garbage it would be lost.
    import_module("src.pipeline.collect")
    upstream.delay_s = 0.05
    monkeypatch.setattr(collection_tasks.fixtures, "timeout_seconds", 0.5)
    limited = pytest.raises(Transient, match=r"fotmob-fixtures failed .TaskRunTimeoutError")
    with uncollected(), limited:
        daily_data_collection_flow(days_back=200, days_ahead=1)
    assert upstream.asked["fotmob"] < 150


def test_the_first_run_asks_for_odds_too(upstream: Upstream) -> None:
    result = daily_data_collection_flow(days_back=5, days_ahead=1, with_odds=True)
    assert set(result["sources"]) == {"fotmob-fixtures", "fotmob-details", "fbref", "titan007"}


def test_pages_of_played_matches_are_asked_for_where_they_are_chosen(upstream: Upstream) -> None:
    chosen = ["fotmob-fixtures", "fbref-reports"]
    result = manual_data_collection_flow(sources=chosen, days_back=3, days_ahead=0)
    assert set(result["sources"]) == set(chosen)
    told = result["sources"]["fbref-reports"]
    assert (told["requested"], told["error"], upstream.asked["fbref"]) == (0, None, 0)


def test_chosen_sources_alone_are_asked(upstream: Upstream) -> None:
    result = manual_data_collection_flow(sources=["fotmob-fixtures"], days_back=0, days_ahead=0)
    assert set(result["sources"]) == {"fotmob-fixtures"}
    assert upstream.asked["fbref"] == 0


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        ({"sources": ["fotmob-weather"]}, ParameterTypeError),
        ({"sources": []}, BadData),
        ({"days_back": -1}, BadData),
        ({"fire_id": "not-a-uuid"}, BadData),
    ],
)
def test_a_wrong_parameter_fails_the_run(parameters: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        manual_data_collection_flow(**parameters)


def test_the_result_is_kept_beside_the_fire(database: Database) -> None:
    now = SystemClock().now()
    fire = Fire(id=fire_id("titan-live", now), entry="titan-live", due_at=now, parameters={})
    with database.session() as session:
        outcomes.request(session, fire, now)
    result = titan_live_flow(hours_ahead=1, fire_id=str(fire.id))
    with database.session() as session:
        row = outcomes.find(session, fire.id)
    assert row is not None
    assert row.result == result


def test_a_window_without_matches_asks_for_nothing_and_completes(upstream: Upstream) -> None:
    result = titan_regular_flow(days_ahead=1)
    assert result["sources"]["titan007"]["requested"] == 0
    assert upstream.asked["titan"] == 0


def test_the_hybrid_flow_cleans_after_collecting() -> None:
    assert "cleaned" in titan_hybrid_flow(cleanup_days=7)


def test_a_window_of_no_length_is_refused() -> None:
    with pytest.raises(BadData, match="hours_ahead is 0"):
        titan_live_flow(hours_ahead=0)


def test_weekly_retraining_fails_where_there_is_nothing_to_validate() -> None:
    with pytest.raises(BadData, match=r"quality of matches is 0\.000 .* below 0\.85"):
        weekly_model_retraining_flow()


def test_emergency_retraining_needs_a_reason_and_matches() -> None:
    with pytest.raises(BadData, match="reason is empty"):
        emergency_model_retraining_flow(reason=" ")
    with pytest.raises(BadData, match="200"):
        emergency_model_retraining_flow(reason="drift", lookback_days=int(timedelta(days=30).days))
