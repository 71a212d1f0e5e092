from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
import redis

from src.database import outcomes
from src.database.connection import Database
from src.database.leadership import LeadershipLost
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.feedback import Feedback
from src.scheduling.sweep import LIFE_KEY
from tests.integration.scheduling.rows import lead, put, row_of, wanted
from tests.ports import free_port

pytestmark = pytest.mark.integration

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LOOK = timedelta(seconds=5)
NODE = "celery@one"
FIRE = Fire(id=fire_id("minutely", AT), entry="minutely", due_at=AT, parameters={})


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url, decode_responses=True) as made:
        yield made


@pytest.fixture
def fire(database: Database) -> FireId:
    """A fire that a process of NODE has begun."""
    lead(database, AT)
    wanted(database, FIRE, AT)
    begin(database)
    return FIRE.id


def begin(database: Database, worker: str = f"{NODE}/7", at: datetime = AT) -> None:
    put(database, FIRE.id, FireState.STARTED, at, worker=worker, attempts=1)


def live(client: redis.Redis, since: datetime = AT - LOOK, node: str = NODE) -> None:
    client.set(LIFE_KEY + node, since.isoformat())


def feedback_on(database: Database, client: redis.Redis) -> Feedback:
    return Feedback(1, database, cast("PrefectClient", None), client)


def looks(feedback: Feedback, count: int, begun: datetime = AT) -> list[dict[FireId, str]]:
    return [feedback.sweep_vanished(begun + n * LOOK) for n in range(count)]


def test_a_fire_whose_worker_has_been_missing_for_half_a_minute_is_lost(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    feedback = feedback_on(database, client)
    assert looks(feedback, 8) == [{}] * 6 + [{fire: FIRE.entry}, {}]
    row = row_of(database, fire)
    assert (row.state, row.reason) == (FireState.LOST, f"its worker {NODE} vanished")
    assert row.finished_at == AT + 6 * LOOK


def test_a_fire_whose_worker_shows_life_goes_on(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    live(client)
    assert looks(feedback_on(database, client), 20) == [{}] * 20
    assert row_of(database, fire).state == FireState.STARTED


def test_one_sign_of_life_ends_the_span(database: Database, client: redis.Redis, fire: FireId) -> None:
    feedback = feedback_on(database, client)
    looks(feedback, 6)
    live(client)
    feedback.sweep_vanished(AT + 6 * LOOK)
    client.delete(LIFE_KEY + NODE)
    assert looks(feedback, 6, AT + 7 * LOOK) == [{}] * 6
    assert feedback.sweep_vanished(AT + 13 * LOOK) == {fire: FIRE.entry}


def test_a_fire_begun_by_an_earlier_worker_of_the_same_name_is_lost(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    live(client, since=AT + timedelta(seconds=1))
    later = wanted(database, replace(FIRE, id=fire_id("nightly", AT), entry="nightly"), AT)
    put(database, later.id, FireState.STARTED, AT + LOOK, worker=f"{NODE}/7")
    assert looks(feedback_on(database, client), 7)[-1] == {fire: FIRE.entry}
    assert row_of(database, later.id).state == FireState.STARTED


def test_a_worker_of_which_no_life_is_expected_is_left_to_its_limit(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    begin(database, worker="host:7")
    assert looks(feedback_on(database, client), 20) == [{}] * 20


def test_nothing_is_concluded_while_redis_is_away(database: Database, fire: FireId) -> None:
    client = redis.Redis(port=free_port(), retry=None)
    assert looks(feedback_on(database, client), 20) == [{}] * 20
    assert row_of(database, fire).state == FireState.STARTED


def test_nothing_is_concluded_from_a_redis_that_takes_no_writes(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    feedback = feedback_on(database, client)
    looks(feedback, 6)
    client.config_set("min-replicas-to-write", 1)
    try:
        assert looks(feedback, 10, AT + 6 * LOOK) == [{}] * 10
    finally:
        client.config_set("min-replicas-to-write", 0)
    assert looks(feedback, 6, AT + 16 * LOOK) == [{}] * 6
    assert feedback.sweep_vanished(AT + 22 * LOOK) == {fire: FIRE.entry}


def test_a_clock_that_jumps_makes_nobody_vanish(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    feedback = feedback_on(database, client)
    for at in (AT, AT + timedelta(hours=1), AT - timedelta(hours=1), AT + timedelta(days=1)):
        assert feedback.sweep_vanished(at) == {}
    assert row_of(database, fire).state == FireState.STARTED


def test_looks_are_five_seconds_apart(database: Database, client: redis.Redis, fire: FireId) -> None:
    feedback = feedback_on(database, client)
    half = [feedback.sweep_vanished(AT + n * LOOK / 2) for n in range(12)]
    assert half == [{}] * 12
    assert feedback.sweep_vanished(AT + 6 * LOOK) == {fire: FIRE.entry}


def test_a_fire_begun_anew_meanwhile_is_another_one(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    feedback = feedback_on(database, client)
    looks(feedback, 6)
    begin(database, worker="celery@two/7", at=AT + LOOK)
    assert looks(feedback, 6, AT + 6 * LOOK) == [{}] * 6
    assert row_of(database, fire).state == FireState.STARTED


def test_a_worker_that_was_only_cut_off_has_its_word_taken(
    database: Database, client: redis.Redis, fire: FireId
) -> None:
    assert looks(feedback_on(database, client), 7)[-1] == {fire: FIRE.entry}
    with database.session() as session:
        assert not outcomes.begin(session, fire, "celery@two/7", AT + LOOK, LOOK)
        assert outcomes.finish(session, fire, FireState.SUCCEEDED, AT + 9 * LOOK, result={"rows": 3})
    row = row_of(database, fire)
    assert (row.state, row.reason, row.result) == (FireState.SUCCEEDED, None, {"rows": 3})


def test_a_deposed_leader_sweeps_nothing_away(database: Database, client: redis.Redis, fire: FireId) -> None:
    feedback = feedback_on(database, client)
    looks(feedback, 6)
    lead(database, AT, epoch=2)
    with pytest.raises(LeadershipLost):
        feedback.sweep_vanished(AT + 6 * LOOK)
    assert row_of(database, fire).state == FireState.STARTED
