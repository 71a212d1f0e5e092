"""What a real worker shows of its life, and what the leader concludes when that ends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import pytest
import redis

from src.database.connection import Database
from src.database.tables.schedule import FireRow, LeadershipRow
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.catalog import find
from src.scheduling.feedback import Feedback
from src.scheduling.sweep import LIFE_KEY
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import (
    PROBE,
    Worker,
    begun,
    hand_over,
    outcome,
    row_of,
    shut,
    until,
    wanted,
)

pytestmark = pytest.mark.integration

ENTRY = replace(find("data-quality-check"), target="probe.pass_gate")
FIRE = Fire(id=fire_id(ENTRY.name, NOW), entry=ENTRY.name, due_at=NOW, parameters={})


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, decode_responses=True) as made:
        yield made


def test_a_worker_shows_since_when_it_lives_also_while_it_stops(
    context: Context, database: Database, database_url: str, client: redis.Redis, gate: None,
    carrier: CeleryCarrier, worker: Worker,
) -> None:  # fmt: skip
    hand_over(carrier, wanted(database, FIRE), ENTRY)
    with worker(app=PROBE) as running:
        with shut(database_url):
            row = begun(context, FIRE)
            assert row.started_at is not None
            assert since(client, row) < row.started_at
            running.process.terminate()
            running.logged("Warm shutdown")
            for _ in range(3):  # the heart may beat once more, and tells of its end
                client.delete(key_of(row))
                assert since(client, row) < row.started_at
            assert row_of(context, FIRE).state == FireState.STARTED
        assert outcome(context, FIRE).state == FireState.SUCCEEDED
    assert running.process.returncode == 0


def test_the_fire_of_a_worker_that_was_killed_and_started_anew_is_lost(
    context: Context, database: Database, database_url: str, client: redis.Redis, gate: None,
    carrier: CeleryCarrier, worker: Worker,
) -> None:  # fmt: skip
    with database.session() as session:
        session.add(LeadershipRow(id=1, epoch=1, holder="test", since=NOW))
    hand_over(carrier, wanted(database, FIRE), ENTRY)
    with shut(database_url):
        with worker(app=PROBE) as running:
            row = begun(context, FIRE)
            assert row.started_at is not None
            started = row.started_at
            running.kill()
        with worker(app=PROBE):
            until(lambda: since(client, row) > started, "the new worker's sign of life")
            feedback = Feedback(1, database, cast("PrefectClient", None), client)
            swept = [feedback.sweep_vanished(NOW + n * timedelta(seconds=5)) for n in range(7)]
    assert swept == [{}] * 6 + [{FIRE.id: ENTRY.name}]
    row = row_of(context, FIRE)
    assert (row.state, row.attempts) == (FireState.LOST, 1)
    assert "vanished" in (row.reason or "")


def key_of(row: FireRow) -> str:
    """Return the key of the node that began the fire."""
    return LIFE_KEY + str(row.worker).rpartition("/")[0]


def since(client: redis.Redis, row: FireRow) -> datetime:
    """Return since when the worker of that node lives."""
    return datetime.fromisoformat(until(lambda: client.get(key_of(row)), "a sign of life"))
