from datetime import UTC, datetime, timedelta

import pytest

from src.core.errors import Misconfigured
from src.database import outcomes
from src.database.connection import Database
from src.database.leadership import Leadership
from src.database.ledger import PostgresLedger
from src.domain.entry import Runner
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.scheduling.catalog import CATALOG

pytestmark = pytest.mark.integration

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=10)
FIRE = Fire(id=fire_id("titan-hybrid", AT), entry="titan-hybrid", due_at=AT, parameters={})


@pytest.fixture
def fire(database: Database) -> FireId:
    with database.session() as session:
        outcomes.request(session, FIRE, AT)
    return FIRE.id


def begin(database: Database, fire: FireId, at: datetime = AT) -> bool:
    with database.session() as session:
        return outcomes.begin(session, fire, "worker", at, LIMIT)


def finish(database: Database, fire: FireId, state: FireState) -> bool:
    with database.session() as session:
        return outcomes.finish(session, fire, state, AT, result={"rows": 3})


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


def test_a_released_fire_can_be_begun_again(database: Database, fire: FireId) -> None:
    begin(database, fire)
    with database.session() as session:
        outcomes.release(session, fire, "retry", AT)
    assert begin(database, fire)


def test_a_fire_that_outlived_its_limit_is_lost(database: Database, database_url: str) -> None:
    leadership = Leadership(database_url, "test")
    leadership.campaign(AT)
    ledger = PostgresLedger(database)
    planned = [Scheduled(entry=entry, next_due=None) for entry in CATALOG]
    ledger.declare(leadership.epoch or 0, planned, AT)
    with database.session() as session:
        outcomes.request(session, FIRE, AT)
    begin(database, FIRE.id)
    limit = next(entry.limit for entry in CATALOG if entry.name == FIRE.entry)
    grace = timedelta(minutes=2)
    assert ledger.close_lost(leadership.epoch or 0, AT + limit, grace) == {}
    assert ledger.close_lost(leadership.epoch or 0, AT + limit + 2 * grace, grace) == {FIRE.id: FIRE.entry}
    leadership.resign()


def test_a_fire_asked_for_by_hand_waits_to_be_sent(context: Context, database_url: str) -> None:
    leadership = Leadership(database_url, "test")
    leadership.campaign(AT)
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
