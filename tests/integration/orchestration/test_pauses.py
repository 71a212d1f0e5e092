"""Flows that pause and go on: real Prefect, real Postgres, attempts as workers make them."""

import os
import subprocess
import sys
from contextvars import copy_context
from datetime import timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from prefect import Flow
from prefect.context import FlowRunContext

from src.core.clock import SystemClock
from src.core.errors import BadData
from src.database import checkpoints
from src.database.connection import Database
from src.database.matches import NewLink, store_links
from src.domain.match import Source
from src.orchestration.flows import collection_tasks
from src.orchestration.flows.daily_data_collection_flow import (
    daily_data_collection_flow,
    manual_data_collection_flow,
)
from src.orchestration.flows.titan_flows import titan_regular_flow
from tests.integration.database.matches import one_match
from tests.integration.orchestration.flow_runs import attempt, create, read, resume, suspend
from tests.integration.orchestration.upstream import Upstream
from tests.unit.collectors.payloads import euro_item, euro_script, fbref_page, fbref_row, line_row, lines_page

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("in_flow")]

#: A process that makes one attempt at a flow run.
WORKER = """
import sys
from uuid import UUID
from prefect.engine import handle_engine_signals
from prefect.flow_engine import load_flow_run, run_flow
from src.orchestration.flows.daily_data_collection_flow import manual_data_collection_flow

run = UUID(sys.argv[1])
with handle_engine_signals(run):
    run_flow(manual_data_collection_flow, flow_run=load_flow_run(run))
"""

DAYS = {"sources": ["fotmob-fixtures"], "days_back": 4, "days_ahead": 4}


def days_asked(upstream: Upstream) -> list[str]:
    return [path.rpartition("=")[2] for path in upstream.paths if path.startswith("/fotmob")]


def completed(flow: Flow[..., Any], run: UUID) -> None:
    """Make an attempt that completes the run."""
    state = attempt(flow, run)
    assert state is not None
    assert state.is_completed(), state.message


def assert_each_asked_once(asked: list[str], count: int) -> None:
    assert (len(asked), len(set(asked))) == (count, count)


def test_a_flow_paused_after_n_items_goes_on_with_the_next(upstream: Upstream, database: Database) -> None:
    fire = uuid4()
    run = create(manual_data_collection_flow, **DAYS, fire_id=str(fire), pause_after=4).id
    assert attempt(manual_data_collection_flow, run) is None
    paused = read(run)
    assert paused.state is not None
    assert (paused.state.name, len(days_asked(upstream))) == ("Suspended", 4)
    timeout = paused.state.state_details.pause_timeout
    assert timeout is not None
    assert timedelta(hours=23) < timeout - SystemClock().now() <= timedelta(days=1)
    with database.session() as session:
        assert len(checkpoints.done(session, fire, "fotmob-fixtures")) == 4

    resume(run)
    assert attempt(manual_data_collection_flow, run) is None
    resume(run)
    completed(manual_data_collection_flow, run)
    asked = days_asked(upstream)
    assert_each_asked_once(asked, 9)
    assert sorted(asked[:4]) < sorted(asked[4:8]) < asked[8:]


def test_a_pause_set_in_prefect_stops_the_run_before_its_next_items(upstream: Upstream) -> None:
    upstream.delay_s = 0.05
    run = create(manual_data_collection_flow, **DAYS | {"days_back": 200}, fire_id=str(uuid4())).id
    first = Event()
    upstream.after = lambda count: first.set() if count >= 5 else None

    def pause() -> None:
        first.wait(60)
        suspend(run)

    # Which server is meant, Prefect's settings here say in a context variable.
    operator = Thread(target=copy_context().run, args=(pause,))
    operator.start()
    assert attempt(manual_data_collection_flow, run) is None
    operator.join()
    state = read(run).state
    assert state is not None
    assert state.name == "Suspended"
    before = days_asked(upstream)
    assert 5 <= len(before) < 150

    upstream.delay_s = 0
    resume(run)
    completed(manual_data_collection_flow, run)
    assert_each_asked_once(days_asked(upstream), 205)


def test_a_pause_ends_the_process_and_another_goes_on(upstream: Upstream, prefect_url: str) -> None:
    run = create(manual_data_collection_flow, **DAYS, pause_after=5).id
    worker = subprocess.run(
        [sys.executable, "-c", WORKER, str(run)],
        env=os.environ | {"PREFECT_API_URL": prefect_url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert worker.returncode == 0, worker.stderr
    assert (read(run).state_name, len(days_asked(upstream))) == ("Suspended", 5)
    resume(run)
    completed(manual_data_collection_flow, run)
    assert_each_asked_once(days_asked(upstream), 9)


def test_the_window_stays_that_of_the_first_attempt(upstream: Upstream, database: Database) -> None:
    fire, now = uuid4(), SystemClock().now()
    with database.session() as session:
        checkpoints.begin(session, fire, now - timedelta(days=30))
    manual_data_collection_flow(sources=["fotmob-fixtures"], days_back=0, days_ahead=0, fire_id=str(fire))
    assert days_asked(upstream) == [f"{now - timedelta(days=30):%Y%m%d}"]


def test_sources_that_are_asked_side_by_side_share_the_count(upstream: Upstream) -> None:
    upstream.answers["/fbref/"] = (200, "text/html", fbref_page(fbref_row()))
    run = create(daily_data_collection_flow, days_back=1, days_ahead=1, pause_after=3).id
    asked = []
    while attempt(daily_data_collection_flow, run) is None:
        asked.append(len(upstream.paths))
        resume(run)
    assert asked == [3, 6]
    assert_each_asked_once([path for path in upstream.paths if not path.startswith("/mlflow")], 8)


def test_odds_are_gone_on_with_in_the_same_window(upstream: Upstream, database: Database) -> None:
    now = SystemClock().now()
    linked(database, [one_match(database, now + timedelta(hours=n), str(n)) for n in range(1, 5)])
    upstream.answers |= {
        "/titan/euro/": (200, "text/javascript", euro_script(euro_item())),
        "/titan/pages/": (200, "text/html", lines_page(line_row())),
    }
    run = create(titan_regular_flow, days_ahead=1, pause_after=5).id
    for _ in range(2):
        assert attempt(titan_regular_flow, run) is None
        resume(run)
    completed(titan_regular_flow, run)
    assert_each_asked_once([path for path in upstream.paths if path.startswith("/titan")], 12)


def linked(database: Database, matches: list[int]) -> None:
    links = [
        NewLink(source=Source.TITAN007, source_match_id=str(n), match_id=match, confidence=1.0)
        for n, match in enumerate(matches, 11)
    ]
    with database.session() as session:
        store_links(session, links, SystemClock().now())


def test_a_task_sees_the_request_that_its_flow_run_got(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[FlowRunContext | None] = []
    monkeypatch.setattr(
        collection_tasks, "arrived", lambda summary: (seen.append(FlowRunContext.get()), summary)[1]
    )
    run = create(manual_data_collection_flow, **DAYS).id
    attempt(manual_data_collection_flow, run)
    assert seen[0] is not None
    assert seen[0].flow_run is not None
    assert seen[0].flow_run.id == run
    assert not seen[0].flow_run_suspension_request.is_requested()


def test_a_run_without_a_deployment_is_not_paused_after_n_items() -> None:
    with pytest.raises(BadData, match="pause_after is 3, but this run has no deployment"):
        manual_data_collection_flow(**DAYS, pause_after=3)


@pytest.mark.parametrize("wrong", [{"pause_after": 0}, {"pause_timeout_s": 0}])
def test_a_pause_that_makes_no_sense_is_refused(wrong: dict[str, int]) -> None:
    run = create(manual_data_collection_flow, **DAYS, **wrong).id
    state = attempt(manual_data_collection_flow, run)
    assert state is not None
    assert state.is_failed()
    assert next(iter(wrong)) in (state.message or "")


def test_two_runs_made_by_hand_have_progress_of_their_own(upstream: Upstream) -> None:
    for _ in range(2):
        completed(manual_data_collection_flow, create(manual_data_collection_flow, **DAYS).id)
    assert len(days_asked(upstream)) == 18
