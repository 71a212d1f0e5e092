"""The end of a flow run in the fire ledger, written by the run's own process."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any
from uuid import uuid4

import psycopg2
import pytest
from prefect import flow
from prefect.states import Cancelling, Completed, Crashed

from src.core.clock import SystemClock
from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import Fire, FireId, FireState
from src.orchestration.flows import outcome_hooks
from src.orchestration.flows.outcome_hooks import REPORTED, note_crashed, record_cancelled
from tests.integration.orchestration.flow_runs import attempt, create, read
from tests.ports import free_port
from tests.process_caches import forget

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("in_flow")]


@flow(name="told", **REPORTED)
def told(fire_id: str | None = None, fails: bool = False) -> None:
    """Do nothing, or fail."""
    if fails:
        raise ValueError("no such league")


@pytest.fixture
def fire(database: Database) -> FireId:
    """A fire that a worker has begun."""
    now, fire = SystemClock().now(), FireId(uuid4())
    with database.session() as session:
        outcomes.request(session, Fire(id=fire, entry=f"told-{fire}", due_at=now, parameters={}), now)
        outcomes.mark_started(session, fire, now)
    return fire


def row(database: Database, fire: FireId) -> FireRow:
    with database.session() as session:
        found = outcomes.find(session, fire)
    assert found is not None
    return found


def test_a_completed_run_has_succeeded_at_the_time_that_prefect_says(
    database: Database, fire: FireId
) -> None:
    run = create(told, fire_id=str(fire)).id
    attempt(told, run)
    found, state = row(database, fire), read(run).state
    assert state is not None
    assert (found.state, found.finished_at, found.reason) == (FireState.SUCCEEDED, state.timestamp, None)


def test_a_failed_run_has_failed_for_the_reason_that_prefect_says(database: Database, fire: FireId) -> None:
    attempt(told, create(told, fire_id=str(fire), fails=True).id)
    found = row(database, fire)
    assert found.state == FireState.FAILED
    assert "no such league" in (found.reason or "")


def test_a_run_that_was_made_by_hand_is_found_by_its_tag(database: Database, fire: FireId) -> None:
    attempt(told, create(told, tags=(f"fire:{fire}",)).id)
    assert row(database, fire).state == FireState.SUCCEEDED


def test_a_run_that_ended_before_anybody_noted_its_start_has_one(database: Database) -> None:
    now, fire = SystemClock().now(), FireId(uuid4())
    with database.session() as session:
        outcomes.request(session, Fire(id=fire, entry="told", due_at=now, parameters={}), now)
    run = create(told, fire_id=str(fire)).id
    attempt(told, run)
    assert (row(database, fire).started_at, row(database, fire).state) == (
        read(run).start_time,
        FireState.SUCCEEDED,
    )


def test_a_run_without_a_fire_is_nobodys_business(database: Database, fire: FireId) -> None:
    told()
    assert row(database, fire).state == FireState.STARTED


def test_a_cancelled_run_is_revoked_and_a_crashed_one_left_to_its_policy(
    database: Database, fire: FireId
) -> None:
    run = create(told, fire_id=str(fire))
    note_crashed(told, run, Crashed(message="the worker died"))
    assert row(database, fire).state == FireState.STARTED
    record_cancelled(told, run, Cancelling(message="by hand"))
    assert (row(database, fire).state, row(database, fire).reason) == (FireState.REVOKED, "by hand")


def test_a_hook_waits_for_a_postgres_that_is_away_for_a_moment(
    database: Database, database_url: str, fire: FireId
) -> None:
    run: Any = create(told, fire_id=str(fire))
    with away(database_url, 1.0):
        outcome_hooks.record_completed(told, run, Completed())
    assert row(database, fire).state == FireState.SUCCEEDED


@contextmanager
def away(database_url: str, for_s: float) -> Iterator[None]:
    """Let the database refuse connections for so long."""
    server, _, name = database_url.rpartition("/")
    admin = psycopg2.connect(f"{server}/postgres")
    admin.autocommit = True

    def allow(allowed: bool) -> None:
        with admin.cursor() as cursor:
            cursor.execute(f"alter database {name} with allow_connections {allowed}")

    allow(False)
    with admin.cursor() as cursor:
        cursor.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", (name,))
    back = Timer(for_s, allow, (True,))
    back.start()
    try:
        yield
    finally:
        back.join()
        admin.close()


def test_a_hook_that_cannot_write_breaks_no_run(
    database: Database, fire: FireId, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create(told, fire_id=str(fire)).id
    monkeypatch.setattr(outcome_hooks, "PATIENCE_S", 0.3)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port()}/none")
    forget()
    state = attempt(told, run)
    assert state is not None
    assert state.is_completed()
    assert row(database, fire).state == FireState.STARTED
