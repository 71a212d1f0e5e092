"""A deploy: the old worker is asked to stop, a new one takes its place."""

from dataclasses import replace

import pytest

from src.database.connection import Database
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import (
    PROBE,
    Worker,
    effects,
    hand_over,
    outcome,
    row_of,
    shut,
    until,
    wanted,
)

pytestmark = pytest.mark.integration

ENTRY = replace(find("data-quality-check"), target="probe.pass_gate")


def a_fire(name: str) -> Fire:
    return Fire(id=fire_id(name, NOW), entry=name, due_at=NOW, parameters={})


def test_sigterm_lets_the_running_task_finish_and_leaves_the_waiting_ones_to_the_next_worker(
    context: Context, database: Database, database_url: str, gate: None, carrier: CeleryCarrier,
    worker: Worker,
) -> None:  # fmt: skip
    names = ("retries", "runs", "waits", "waits too")
    retries, runs, *waiting = fires = [wanted(database, a_fire(name)) for name in names]
    hand_over(carrier, retries, replace(ENTRY, target="probe.stay_away_once"))
    with worker(app=PROBE) as old, shut(database_url):
        until(lambda: row_of(context, retries).reason, "the first try to end")
        hand_over(carrier, runs, ENTRY)
        until(lambda: effects(database, runs.id), "the task to run")
        for fire in waiting:
            hand_over(carrier, fire, ENTRY)
        old.process.terminate()
        old.logged("Warm shutdown")
        assert [row_of(context, fire).attempts for fire in waiting] == [0, 0]
        assert old.process.poll() is None
    assert old.process.returncode == 0
    assert row_of(context, runs).state == FireState.SUCCEEDED
    with worker(app=PROBE):
        rows = [outcome(context, fire) for fire in fires]
    assert [row.state for row in rows] == [FireState.SUCCEEDED] * 4
    assert [row.attempts for row in rows] == [2, 1, 1, 1]
    assert [effects(database, fire.id) for fire in fires] == [2, 1, 1, 1]
