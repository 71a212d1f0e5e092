"""A Beat, a Prefect server and a Celery worker: from the due time to the outcome, and what people change."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from src.core.clock import SystemClock
from src.database.tables.schedule import FireRow
from src.domain.edit import Author
from src.domain.entry import OneOff
from src.domain.fire import FireId, FireState, fire_id
from src.pipeline import schedule_edits as edits
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.pipeline.schedule_checks import Wanted
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from tests.integration.beats.flock import Flock
from tests.integration.flows.beat_entries import EDITED, TICKING, UNKNOWN
from tests.integration.flows.beats import (
    fire_that,
    fires,
    flow_beats,
    has_ended,
    runs_of,
    wait_for_declaration,
)
from tests.integration.flows.conftest import FlowWorker
from tests.integration.flows.probe_entries import LOOP, QUICK
from tests.integration.tasks.conftest import until
from tests.prefect_server import PREFECT

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("app")]

LENA = Author(who="lena", why="a test")
EARLIEST = timedelta(milliseconds=20)


@pytest.fixture
def beat(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    database_url: str,
    redis_url: str,
    probes: str,
    work: Context,
) -> Iterator[Flock]:
    """A Beat that leads, with the set of entries that the test names."""
    with work.database.session() as session:
        session.execute(text("create table effects (fire text, what text)"))
    with flow_beats(tmp_path, database_url, redis_url, probes, request.param) as beats:
        beats.start()
        wait_for_declaration(beats)
        yield beats


def effects(work: Context, fire: object) -> int:
    with work.database.session() as session:
        found = session.scalar(text("select count(*) from effects where fire = :fire"), {"fire": str(fire)})
    return int(found or 0)


def due_in(work: Context, seconds: float) -> datetime:
    """Let the entry be due then."""
    due = work.clock.now() + timedelta(seconds=seconds)
    edits.edit(work, EDITED.name, Wanted(cadence=OneOff(at=due)), LENA)
    return due


def made_ahead(client: PrefectClient, due: datetime) -> FlowRun:
    """Wait for the run that is made before the entry's due time."""
    run = until(lambda: runs_of(client, fire_id(EDITED.name, due)), "a run to be made ahead")[0]
    assert SystemClock().now() < due
    assert run.state_type == "PENDING"
    return run


def wait_until(work: Context, moment: datetime) -> None:
    until(lambda: work.clock.now() > moment, f"{moment}", 10)


def outcome(work: Context, due: datetime) -> FireRow:
    return fire_that(work.database, EDITED.name, lambda row: row.due_at == due and has_ended(row))


def is_punctual(row: FireRow) -> bool:
    return row.started_at is not None and row.started_at >= row.due_at - EARLIEST


def edited_shortly_before(work: Context, client: PrefectClient, before_s: float, answer: int) -> None:
    """What is edited while its run waits runs as edited, and in time."""
    due = due_in(work, 5)
    first = made_ahead(client, due)
    wait_until(work, due - timedelta(seconds=before_s))
    edits.edit(work, EDITED.name, Wanted(parameters={"answer": answer}), LENA)
    row = outcome(work, due)
    assert (row.state, row.parameters, row.result) == (
        FireState.SUCCEEDED, {"answer": answer}, {"answer": answer},
    )  # fmt: skip
    assert is_punctual(row)
    (run,) = runs_of(client, FireId(row.id))
    assert (run.id, run.parameters["answer"]) == (row.flow_run_id, answer)
    assert run.id != first.id


def paused_shortly_before(work: Context, client: PrefectClient, before_s: float) -> None:
    """What is paused while its run waits does not run, and Prefect has its run no more."""
    due = due_in(work, 5)
    made_ahead(client, due)
    wait_until(work, due - timedelta(seconds=before_s))
    edits.pause(work, EDITED.name, LENA)
    row = outcome(work, due)
    assert (row.state, row.reason) == (FireState.SKIPPED, "paused by lena: a test")
    until(lambda: not runs_of(client, FireId(row.id)), "the run to be withdrawn", 10)
    assert effects(work, row.id) == 0
    edits.resume(work, EDITED.name, LENA)


@pytest.mark.parametrize("beat", ["end to end"], indirect=True)
def test_each_due_time_is_one_flow_run_in_time_and_edits_reach_a_run_that_was_made_ahead(
    beat: Flock, work: Context, client: PrefectClient, flow_worker: FlowWorker
) -> None:
    with flow_worker(concurrency=2):
        for before_s, answer in ((2.0, 7), (0.15, 8)):
            edited_shortly_before(work, client, before_s, answer)
        for before_s in (2.0, 0.15):
            paused_shortly_before(work, client, before_s)
        due = due_in(work, 1)  # too near for a run to stand ready
        row = outcome(work, due)
        assert (row.state, is_punctual(row)) == (FireState.SUCCEEDED, True)
    ticks = [row for row in fires(work.database, TICKING.name) if row.state == FireState.SUCCEEDED]
    assert len(ticks) >= 5
    for row in ticks:
        (run,) = runs_of(client, FireId(row.id))
        assert (run.id, run.state_type, run.run_count) == (row.flow_run_id, "COMPLETED", 1)
        assert (effects(work, row.id), row.attempts) == (1, 1)
        assert is_punctual(row)


@pytest.mark.parametrize("beat", ["by hand"], indirect=True)
def test_what_people_do_in_prefect_needs_nobody_else(
    beat: Flock, work: Context, client: PrefectClient, flow_worker: FlowWorker, probes: str
) -> None:
    with flow_worker():
        url = f"{probes}/deployments/{client.deployment(QUICK.target).id}/create_flow_run"
        started = PREFECT.post(url, json={"parameters": {"answer": 3}}, timeout=10).json()["id"]
        entry = beat.query("select min(name) from schedule_entries where target = %s", QUICK.target)[0][0]
        row = fire_that(work.database, entry, has_ended)
        assert (row.by_hand, row.state, row.result) == (True, FireState.SUCCEEDED, {"answer": 3})
        assert row.flow_run_id == started

        fire = ask_for(work, LOOP.name, {"items": 6, "wait_s": 0.4})
        until(lambda: effects(work, fire.id) >= 2, "the loop to be under way")
        (run,) = runs_of(client, fire.id)
        client.suspend(run.id, 600)
        fire_that(work.database, LOOP.name, lambda row: row.state == FireState.PAUSED)
        client.resume(run.id)
        row = fire_that(work.database, LOOP.name, has_ended)
        assert (row.state, row.attempts, effects(work, fire.id)) == (FireState.SUCCEEDED, 2, 6)


@pytest.mark.parametrize("beat", ["by hand"], indirect=True)
def test_an_entry_whose_deployment_is_unknown_is_disabled_with_the_nearest_names(
    beat: Flock, work: Context
) -> None:
    asked = ask_for(work, UNKNOWN.name)
    row = fire_that(work.database, UNKNOWN.name, has_ended)
    assert (row.id, row.state) == (asked.id, FireState.MISSED)

    def disabled() -> str | None:
        ((why,),) = beat.query("select disabled_reason from schedule_entries where name = %s", UNKNOWN.name)
        return str(why) if why else None

    why = until(disabled, "the entry to be disabled")
    assert UNKNOWN.target in why
    assert "did you mean quick-deployment" in why
