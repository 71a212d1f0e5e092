"""Tasks that are ended from outside: by their time limit, or by the death of their process."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import psycopg2
import pytest
from celery import Celery
from kombu.exceptions import OperationalError

from src.database import outcomes
from src.database.connection import Database
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.scheduling.dispatch import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import Worker, outcome, wanted

pytestmark = pytest.mark.integration

ENTRY = find("data-quality-check")
FIRE = Fire(id=fire_id(ENTRY.name, NOW), entry=ENTRY.name, due_at=NOW, parameters={})


@pytest.fixture
def carrier(app: Celery) -> CeleryCarrier:
    return CeleryCarrier(app.send_task, (OperationalError, OSError))


@contextmanager
def endless(url: str) -> Iterator[None]:
    """Keep every reader of the matches waiting."""
    link = psycopg2.connect(url)
    with link.cursor() as cursor:
        cursor.execute("lock table matches in access exclusive mode")
    try:
        yield
    finally:
        link.close()


def test_a_task_past_its_limit_is_killed_and_the_ledger_says_so(
    context: Context, database: Database, database_url: str, carrier: CeleryCarrier, worker: Worker
) -> None:
    carrier.send(wanted(database, FIRE), replace(ENTRY, limit=timedelta(seconds=2)))
    with endless(database_url), worker():
        row = outcome(context, FIRE)
    assert row.state == FireState.FAILED
    assert "imeLimitExceeded" in (row.reason or "") or "time limit" in (row.reason or "")


def test_a_task_whose_process_dies_is_failed_and_does_not_run_again(
    context: Context, database: Database, database_url: str, carrier: CeleryCarrier, worker: Worker
) -> None:
    carrier.send(wanted(database, FIRE), ENTRY)
    with endless(database_url), worker():
        os.kill(child_that_runs(context), signal.SIGKILL)
        row = outcome(context, FIRE)
    assert row.state == FireState.FAILED
    assert "WorkerLost" in (row.reason or "")
    assert row.attempts == 1


def child_that_runs(ctx: Context, within_s: float = 60) -> int:
    """Wait until a worker has begun the fire and return the process that runs it."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with ctx.database.session() as session:
            row = outcomes.find(session, FIRE.id)
        if row is not None and row.worker is not None:
            return int(row.worker.rsplit(":", 1)[1])
        time.sleep(0.05)
    raise AssertionError(f"nobody had begun the fire after {within_s} s")
