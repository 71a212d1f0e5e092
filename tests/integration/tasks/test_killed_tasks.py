"""Tasks that are ended from outside: by their time limit, or by the death of their process."""

import os
import signal
from dataclasses import replace
from datetime import timedelta

import pytest
import redis
from sqlalchemy import text

from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import (
    IMPATIENT,
    PROBE,
    Worker,
    begun,
    effects,
    hand_over,
    outcome,
    row_of,
    shut,
    until,
    wanted,
)

pytestmark = pytest.mark.integration

ENTRY = find("data-quality-check")
FIRE = Fire(id=fire_id(ENTRY.name, NOW), entry=ENTRY.name, due_at=NOW, parameters={})


def test_a_task_past_its_limit_is_killed_and_the_ledger_says_so(
    context: Context, database: Database, database_url: str, carrier: CeleryCarrier, worker: Worker
) -> None:
    hand_over(carrier, wanted(database, FIRE), replace(ENTRY, limit=timedelta(seconds=2)))
    with shut(database_url, "matches"), worker():
        row = outcome(context, FIRE)
    assert row.state == FireState.FAILED
    assert "imeLimitExceeded" in (row.reason or "") or "time limit" in (row.reason or "")


def test_a_task_whose_process_dies_is_failed_and_does_not_run_again(
    context: Context, database: Database, database_url: str, carrier: CeleryCarrier, worker: Worker
) -> None:
    hand_over(carrier, wanted(database, FIRE), ENTRY)
    with shut(database_url, "matches"), worker():
        os.kill(process_of(begun(context, FIRE)), signal.SIGKILL)
        row = outcome(context, FIRE)
    assert row.state == FireState.FAILED
    assert "WorkerLost" in (row.reason or "")
    assert row.attempts == 1


def test_a_soft_limit_that_a_task_heeds_is_the_reason_in_the_ledger(
    context: Context, database: Database, gate: None, carrier: CeleryCarrier, worker: Worker
) -> None:
    hand_over(
        carrier, wanted(database, FIRE), replace(ENTRY, target="probe.heed_limit", limit=timedelta(seconds=2))
    )
    with worker(app=PROBE):
        row = outcome(context, FIRE)
    assert (row.state, row.reason) == (FireState.FAILED, "the time limit was reached")
    assert (effects(database, FIRE.id), effects(database, FIRE.id, "tidied")) == (1, 1)


def test_a_task_that_kills_its_process_ends_at_once_and_its_worker_takes_the_next(
    context: Context, database: Database, gate: None, carrier: CeleryCarrier, worker: Worker
) -> None:
    following = replace(FIRE, id=fire_id("next", NOW), entry="next")
    hand_over(carrier, wanted(database, FIRE), replace(ENTRY, target="probe.kill_itself"))
    with worker(app=PROBE, transport=IMPATIENT) as running:
        row = outcome(context, FIRE)
        hand_over(carrier, FIRE, replace(ENTRY, target="probe.kill_itself"))
        hand_over(carrier, wanted(database, following), replace(ENTRY, target="probe.pass_gate"))
        assert outcome(context, following).state == FireState.SUCCEEDED
        assert running.process.poll() is None
    assert (row.state, row.attempts) == (FireState.FAILED, 1)
    assert "WorkerLost" in (row.reason or "")
    assert effects(database, FIRE.id) == 1


def test_a_task_that_kills_its_worker_is_given_up_after_its_attempts(
    context: Context, database: Database, gate: None, carrier: CeleryCarrier, worker: Worker
) -> None:
    hand_over(carrier, wanted(database, FIRE), replace(ENTRY, target="probe.kill_worker"))
    for attempt in range(1, outcomes.MAX_ATTEMPTS + 1):
        with worker(app=PROBE, transport=IMPATIENT) as running:
            assert running.process.wait(60) == -signal.SIGKILL
        assert row_of(context, FIRE).attempts == attempt
        age(database)
    with worker(app=PROBE, transport=IMPATIENT):
        row = outcome(context, FIRE)
    assert (row.state, row.attempts) == (FireState.LOST, outcomes.MAX_ATTEMPTS)
    assert row.reason == "given up: its worker ended without a word at each of 3 attempts"
    assert effects(database, FIRE.id) == outcomes.MAX_ATTEMPTS


def test_a_worker_killed_in_mid_task_has_its_fire_begun_again_only_past_its_limit(
    context: Context,
    database: Database,
    database_url: str,
    redis_url: str,
    gate: None,
    carrier: CeleryCarrier,
    worker: Worker,
) -> None:
    passes = replace(ENTRY, target="probe.pass_gate")
    hand_over(carrier, wanted(database, FIRE), passes)
    with shut(database_url), worker(app=PROBE) as running:
        begun(context, FIRE)
        until(lambda: effects(database, FIRE.id), "the effect")
        running.kill()
    with worker(app=PROBE, transport=IMPATIENT) as following:
        following.logged("fire_ran_already")
        until(lambda: nothing_waits(redis_url), "the message to be gone")
        row = row_of(context, FIRE)
        assert (row.state, row.attempts, effects(database, FIRE.id)) == (FireState.STARTED, 1, 1)
        age(database)
        hand_over(carrier, FIRE, passes)
        row = outcome(context, FIRE)
    assert (row.state, row.attempts, effects(database, FIRE.id)) == (FireState.SUCCEEDED, 2, 2)


def process_of(row: FireRow) -> int:
    """Return the process that runs a begun fire."""
    return int(str(row.worker).rsplit("/", 1)[1])


def age(database: Database) -> None:
    """Let the fire's limit pass."""
    with database.session() as session:
        session.execute(text("update fires set started_at = started_at - interval '3 hours'"))


def nothing_waits(redis_url: str) -> bool:
    """Say whether no message is on the fire's queue or unacknowledged."""
    broker = redis.Redis.from_url(redis_url)
    return not broker.hlen("unacked") and not any(broker.scan_iter(f"{ENTRY.queue}*", _type="list"))
