from dataclasses import replace
from datetime import timedelta

import pytest
from celery import Celery

from src.core.errors import Transient
from src.database.connection import Database
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import Worker, hand_over, outcome, wanted
from tests.ports import free_port

pytestmark = pytest.mark.integration


def a_fire(entry: str, minute: int = 0, **parameters: object) -> Fire:
    due = NOW + timedelta(minutes=minute)
    return Fire(id=fire_id(entry, due), entry=entry, due_at=due, parameters=parameters)


def test_a_fire_sent_twice_runs_once(
    context: Context, database: Database, carrier: CeleryCarrier, worker: Worker
) -> None:
    first, second = a_fire("cleanup-old-data"), a_fire("cleanup-old-data", minute=1)
    for fire in (first, first, second):
        hand_over(carrier, wanted(database, fire), find(fire.entry))
    with worker():
        row = outcome(context, first)
        assert outcome(context, second).state == FireState.SUCCEEDED
    assert (row.state, row.attempts) == (FireState.SUCCEEDED, 1)
    assert row.result is not None
    assert row.started_at is not None
    assert row.finished_at is not None


def test_a_task_that_fails_says_why_in_the_ledger(
    context: Context, database: Database, carrier: CeleryCarrier, worker: Worker
) -> None:
    fire = wanted(database, a_fire("cleanup-old-data", nonsense=1))
    hand_over(carrier, fire, find(fire.entry))
    with worker():
        row = outcome(context, fire)
    assert row.state == FireState.FAILED
    assert "nonsense" in (row.reason or "")


def test_the_most_urgent_fire_runs_first_and_an_unprioritised_task_does_not_jump_the_queue(
    context: Context, database: Database, carrier: CeleryCarrier, worker: Worker, app: Celery
) -> None:
    entry = find("cleanup-old-data")
    unprioritised = wanted(database, a_fire(entry.name, minute=0))
    app.send_task(
        entry.target,
        task_id=str(unprioritised.id),
        queue=entry.queue,
        headers={"matchbeat_fire": str(unprioritised.id)},
    )
    low, mid, high = (wanted(database, a_fire(entry.name, minute=n)) for n in (1, 2, 3))
    for fire, priority in ((low, 1), (mid, 6), (high, 9)):
        hand_over(carrier, fire, replace(entry, priority=priority))
    with worker():
        rows = {fire.id: outcome(context, fire) for fire in (unprioritised, low, mid, high)}
    order = sorted(rows, key=lambda id_: rows[id_].started_at or NOW)
    assert order[:2] == [high.id, mid.id]
    assert set(order[2:]) == {low.id, unprioritised.id}


def test_a_broker_that_is_away_is_transient(app: Celery) -> None:
    from celery import Celery as Fresh

    lonely = Fresh("lonely", broker=f"redis://127.0.0.1:{free_port()}/0")
    lonely.conf.broker_transport_options = app.conf.broker_transport_options
    carrier = CeleryCarrier(lonely)
    with pytest.raises(Transient, match="broker"):
        hand_over(carrier, a_fire("cleanup-old-data"), find("cleanup-old-data"))


def test_tasks_of_the_guides_exist_under_their_import_paths() -> None:
    from src.cache.redis_client import get_redis_client
    from src.database.connection import get_database
    from src.tasks.celery import app as same_app
    from src.tasks.celery_app import app
    from src.tasks.data_cleanup import cleanup_old_data
    from src.tasks.data_collection import collect_daily_matches
    from src.tasks.model_training import update_models

    assert same_app is app
    assert all(callable(it) for it in (get_redis_client, get_database))
    assert [task.name for task in (cleanup_old_data, collect_daily_matches, update_models)] == [
        "data_cleanup.cleanup_old_data",
        "data_collection.collect_daily_matches",
        "model_training.update_models",
    ]
