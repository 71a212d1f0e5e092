"""A run that somebody resumes or starts again in Prefect goes on under its fire, or under a new one."""

import pytest
import redis
from sqlalchemy import func, update

from src.database.connection import Database
from src.database.ledger import PostgresLedger
from src.database.tables.schedule import FireRow
from src.domain.entry import Runner
from src.domain.fire import FireId, FireState
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.feedback import Feedback
from src.scheduling.flow_carrier import FlowCarrier
from src.scheduling.pickup import PickUp
from tests.fakes.carrier import MemoryCarrier
from tests.faulty_proxy import Fault, faulty_proxy
from tests.integration.pickup.runs import (
    AT,
    FIRE,
    SECOND,
    Start,
    ends,
    fires,
    old,
    pauses,
    started_again,
    starts_again,
    state,
)
from tests.integration.scheduling.rows import put, row_of

pytestmark = pytest.mark.integration


def test_a_run_that_a_person_started_can_be_paused_and_resumed(
    pick_up: PickUp, ledger: Database, client: PrefectClient, start: Start
) -> None:
    run_id = start()
    pick_up.pick_up(AT)
    (row,) = fires(ledger)
    pauses(ledger, client, run_id, FireId(row.id))
    client.resume(run_id)
    assert pick_up.pick_up(AT) == 1
    (row,) = fires(ledger)
    assert (row.state, row.reason) == (FireState.CLAIMED, "resumed in Prefect")


def test_a_run_can_be_started_again_time_after_time(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    for n in range(1, 4):
        row = next(row for row in fires(ledger) if row.finished_at is None)
        ends(ledger, client, sent.id, FireId(row.id))
        starts_again(client, sent.id)
        assert [pick_up.pick_up(AT + n * SECOND), pick_up.pick_up(AT + n * SECOND)] == [1, 0]
    assert [row.flow_run_id for row in fires(ledger)] == [sent.id] * 4


def test_a_run_that_was_started_again_can_be_paused_and_resumed(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    again = started_again(pick_up, ledger, client, sent)
    pauses(ledger, client, sent.id, again)
    client.resume(sent.id)
    assert pick_up.pick_up(AT + SECOND) == 1
    assert row_of(ledger, again).state == FireState.CLAIMED


def test_a_resumed_run_is_sent_again_under_its_fire(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    pauses(ledger, client, sent.id, FIRE.id)
    assert pick_up.pick_up(AT) == 0
    client.resume(sent.id)
    assert [pick_up.pick_up(AT), pick_up.pick_up(AT)] == [1, 0]
    (row,) = fires(ledger)
    assert (row.id, row.state, row.reason) == (FIRE.id, FireState.CLAIMED, "resumed in Prefect")
    (item,) = PostgresLedger(ledger).unsent(Runner.PREFECT, 10, AT)
    assert (item.flow_run_id, item.again) == (sent.id, False)


def test_a_run_that_was_resumed_before_it_had_stopped_is_sent_once_it_has(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    pauses(ledger, client, sent.id, FIRE.id)
    put(ledger, FIRE.id, FireState.STARTED, AT)
    client.resume(sent.id)
    assert pick_up.pick_up(AT) == 0
    assert row_of(ledger, FIRE.id).state == FireState.STARTED
    put(ledger, FIRE.id, FireState.PAUSED, AT)
    assert pick_up.pick_up(AT) == 1


def test_a_run_that_is_started_again_after_its_end_becomes_a_fire_by_hand(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    ends(ledger, client, sent.id, FIRE.id)
    starts_again(client, sent.id)
    assert [pick_up.pick_up(AT), pick_up.pick_up(AT)] == [1, 0]
    (new,) = [row for row in fires(ledger) if row.id != FIRE.id]
    assert (new.state, new.by_hand, new.flow_run_id) == (FireState.CLAIMED, True, sent.id)
    assert new.parameters["day"] == "1 March"
    assert row_of(ledger, FIRE.id).state == FireState.FAILED


def test_a_run_that_was_started_again_and_waits_for_a_worker_is_left(
    pick_up: PickUp, ledger: Database, client: PrefectClient, sent: FlowRun
) -> None:
    started_again(pick_up, ledger, client, sent)
    (item,) = PostgresLedger(ledger).unsent(Runner.PREFECT, 10)
    FlowCarrier(client, MemoryCarrier()).send([item], lambda _: None)
    assert pick_up.tidy(old(sent), ()) == 0
    assert state(client, sent.id) == "PENDING"


def test_a_run_that_was_started_again_is_not_ended_with_its_first_fire(
    pick_up: PickUp, ledger: Database, client: PrefectClient, redis_url: str, sent: FlowRun
) -> None:
    feedback = Feedback(1, ledger, client, redis.Redis.from_url(redis_url))
    ends(ledger, client, sent.id, FIRE.id)
    with ledger.session() as session:  # Prefect's clock is the real one
        session.execute(update(FireRow).values(finished_at=func.now()))
    starts_again(client, sent.id)
    assert feedback.settle(AT) == 0
    assert state(client, sent.id) == "SCHEDULED"
    assert pick_up.pick_up(AT) == 1
    client.set_state(sent.id, "RUNNING", force=True)
    assert Feedback(1, ledger, client, redis.Redis.from_url(redis_url)).settle(AT) == 0
    client.set_state(sent.id, "COMPLETED", force=True)
    assert feedback.settle(AT) == 0
    assert row_of(ledger, FIRE.id).state == FireState.FAILED


def test_a_run_that_was_not_started_again_is_ended_with_its_fire(
    ledger: Database, client: PrefectClient, redis_url: str, start: Start, pick_up: PickUp
) -> None:
    run_id = start()
    pick_up.pick_up(AT)
    (row,) = fires(ledger)
    put(ledger, FireId(row.id), FireState.REVOKED, AT)
    feedback = Feedback(1, ledger, client, redis.Redis.from_url(redis_url))
    assert [feedback.settle(AT), feedback.settle(AT)] == [1, 0]
    assert state(client, run_id) == "CANCELLED"


def test_a_run_that_prefect_fails_to_end_keeps_no_other_from_it_and_is_ended_by_the_next_look(
    ledger: Database, client: PrefectClient, prefect_url: str, redis_url: str, start: Start, pick_up: PickUp
) -> None:
    runs = {start(), start()}
    pick_up.pick_up(AT)
    for row in fires(ledger):
        put(ledger, FireId(row.id), FireState.REVOKED, AT)
    with faulty_proxy(prefect_url.removesuffix("/api")) as proxy:
        through = PrefectClient(f"{proxy.url}/api")
        feedback = Feedback(1, ledger, through, redis.Redis.from_url(redis_url))
        proxy.fail("/set_state", Fault.BROKEN)
        assert [feedback.settle(AT) for _ in range(3)] == [1, 1, 0]
    assert {state(client, run) for run in runs} == {"CANCELLED"}
