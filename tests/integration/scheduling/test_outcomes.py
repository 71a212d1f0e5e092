from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from src.core.errors import Misconfigured
from src.database import outcomes
from src.database.connection import Database
from src.database.leadership import CHANNEL, Leadership, LeadershipLost
from src.database.ledger import PostgresLedger
from src.database.released import RELEASED
from src.database.vanished import close_lost
from src.domain.entry import Runner
from src.domain.fire import OPEN, Fire, FireId, FireState, fire_id
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.scheduling.catalog import CATALOG
from tests.integration.scheduling.rows import lead, put, row_of, store, wanted

pytestmark = pytest.mark.integration

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=10)
FIRE = Fire(id=fire_id("titan-hybrid", AT), entry="titan-hybrid", due_at=AT, parameters={})


@pytest.fixture
def fire(database: Database) -> FireId:
    with database.session() as session:
        outcomes.request(session, FIRE, AT)
    return FIRE.id


def at_minute(minute: int) -> Fire:
    due = AT + timedelta(minutes=minute)
    return replace(FIRE, id=fire_id(FIRE.entry, due), due_at=due)


def begin(database: Database, fire: FireId, at: datetime = AT) -> bool:
    with database.session() as session:
        return outcomes.begin(session, fire, "worker", at, LIMIT)


def finish(database: Database, fire: FireId, state: FireState) -> bool:
    with database.session() as session:
        return outcomes.finish(session, fire, state, AT, result={"rows": 3})


@contextmanager
def listening(database_url: str) -> Iterator[Callable[[], list[str]]]:
    """Listen as a leader does; the function returns what was said since its last call."""
    link = psycopg2.connect(database_url)
    link.autocommit = True
    with closing(link), link.cursor() as cursor:
        cursor.execute(f"listen {CHANNEL}")

        def heard() -> list[str]:
            cursor.execute("select 1")
            said = [note.payload for note in link.notifies]
            link.notifies.clear()
            return said

        yield heard


def test_a_message_delivered_twice_runs_once(database: Database, fire: FireId) -> None:
    assert begin(database, fire)
    assert not begin(database, fire)


def test_a_finished_fire_is_not_begun_again(database: Database, fire: FireId) -> None:
    begin(database, fire)
    assert finish(database, fire, FireState.SUCCEEDED)
    assert not begin(database, fire, AT + timedelta(days=1))


def test_the_first_outcome_stands(database: Database, fire: FireId) -> None:
    begin(database, fire)
    assert finish(database, fire, FireState.SUCCEEDED)
    assert not finish(database, fire, FireState.FAILED)
    with database.session() as session:
        row = outcomes.find(session, fire)
        assert row is not None
        assert (row.state, row.result) == (FireState.SUCCEEDED, {"rows": 3})


def test_a_fire_whose_worker_vanished_is_begun_again_three_times_at_most(
    database: Database, fire: FireId
) -> None:
    later = [AT + n * 2 * LIMIT for n in range(4)]
    assert [begin(database, fire, at) for at in later] == [True, True, True, False]


def test_a_fire_that_is_retried_can_be_begun_again(database: Database, fire: FireId) -> None:
    begin(database, fire)
    with database.session() as session:
        outcomes.give_back(session, fire, "a part is away", AT + LIMIT)
    row = row_of(database, fire)
    assert (row.state, row.reason, row.sent_at) == (FireState.RETRIED, "a part is away", AT + LIMIT)
    assert begin(database, fire)
    assert row_of(database, fire).attempts == 2


def test_a_fire_that_ended_is_not_given_back(database: Database, fire: FireId) -> None:
    begin(database, fire)
    finish(database, fire, FireState.REVOKED)
    with database.session() as session:
        outcomes.give_back(session, fire, "a part is away", AT)
    assert row_of(database, fire).state == FireState.REVOKED


@pytest.mark.parametrize("state", OPEN)
def test_a_fire_ends_from_every_open_state(database: Database, fire: FireId, state: FireState) -> None:
    put(database, fire, state, AT)
    assert finish(database, fire, FireState.REVOKED)
    assert not finish(database, fire, FireState.REVOKED)


@pytest.mark.parametrize("state", list(FireState))
def test_a_worker_begins_what_waits_for_one_and_nothing_else(
    database: Database, fire: FireId, state: FireState
) -> None:
    put(database, fire, state, AT)
    assert begin(database, fire) == (state in {FireState.CLAIMED, FireState.SENT, FireState.RETRIED})


@pytest.mark.parametrize("said", [FireState.SUCCEEDED, FireState.FAILED])
def test_a_worker_given_up_as_lost_knows_better_when_it_comes_back(
    database: Database, fire: FireId, said: FireState
) -> None:
    begin(database, fire)
    assert finish(database, fire, FireState.LOST)
    assert not finish(database, fire, FireState.REVOKED)
    assert finish(database, fire, said)
    assert not finish(database, fire, FireState.LOST)
    assert row_of(database, fire).state == said


def test_the_end_of_a_fire_tells_the_leader_where_another_one_is_buffered(
    database: Database, database_url: str, fire: FireId
) -> None:
    with listening(database_url) as heard:
        finish(database, fire, FireState.SUCCEEDED)
        assert heard() == []
    waits, runs, other = (at_minute(n) for n in (1, 2, 3))
    other = replace(other, id=fire_id("other", AT), entry="other")
    for one in (waits, runs, other):
        wanted(database, one, AT)
    put(database, waits.id, FireState.BUFFERED, AT)
    with listening(database_url) as heard:
        finish(database, other.id, FireState.SUCCEEDED)
        assert heard() == []
        finish(database, runs.id, FireState.FAILED)
        assert heard() == [RELEASED]
        finish(database, runs.id, FireState.FAILED)
        assert heard() == []


def test_due_times_that_passed_in_a_pause_are_written_down_once(database: Database, fire: FireId) -> None:
    store(database, FIRE.entry, LIMIT, AT, days=1)
    times = [AT, AT + LIMIT, AT + 2 * LIMIT]
    for written in (2, 0):
        with database.session() as session:
            reason = "paused: maintenance"
            assert outcomes.skip_passed(session, FIRE.entry, times, reason, AT + 3 * LIMIT) == written
    assert row_of(database, fire).state == FireState.CLAIMED
    row = row_of(database, fire_id(FIRE.entry, AT + LIMIT))
    assert (row.state, row.reason, row.due_at) == (FireState.SKIPPED, "paused: maintenance", AT + LIMIT)
    assert (row.parameters, row.finished_at, row.by_hand) == ({"days": 1}, AT + 3 * LIMIT, False)


def test_a_fire_that_outlived_its_limit_is_lost(database: Database, database_url: str, fire: FireId) -> None:
    store(database, FIRE.entry, LIMIT, AT)
    lead(database, AT)
    put(database, wanted(database, at_minute(1), AT).id, FireState.BUFFERED, AT)
    begin(database, fire)
    grace = timedelta(minutes=2)
    with listening(database_url) as heard:
        assert close_lost(database, 1, AT + LIMIT + grace, grace) == {}
        assert heard() == []
        assert close_lost(database, 1, AT + LIMIT + 2 * grace, grace) == {fire: FIRE.entry}
        assert heard() == [RELEASED]
    assert close_lost(database, 1, AT + LIMIT + 2 * grace, grace) == {}


def test_a_leader_of_the_past_closes_nothing(database: Database, fire: FireId) -> None:
    store(database, FIRE.entry, LIMIT, AT)
    lead(database, AT, epoch=2)
    begin(database, fire)
    with pytest.raises(LeadershipLost):
        close_lost(database, 1, AT + timedelta(days=1), timedelta(0))
    assert row_of(database, fire).state == FireState.STARTED


def test_a_fire_asked_for_by_hand_waits_to_be_sent(context: Context, database_url: str) -> None:
    leadership = Leadership(database_url, "test")
    leadership.campaign()
    ledger = PostgresLedger(context.database)
    ledger.declare(leadership.epoch or 0, [Scheduled(entry=entry, next_due=None) for entry in CATALOG], AT)
    asked = ask_for(context, "titan-hybrid", {"cleanup_days": 1})
    (item,) = ledger.unsent(Runner.PREFECT, 10, AT)
    assert item.fire == asked
    assert item.fire.by_hand
    assert item.fire.parameters["cleanup_days"] == 1
    assert item.fire.parameters["enable_live"] is True
    assert leadership.wait(30)
    leadership.resign()


def test_asking_for_an_unknown_entry_is_refused(context: Context) -> None:
    with pytest.raises(Misconfigured, match="titan-hybrid"):
        ask_for(context, "titan-hybird")
