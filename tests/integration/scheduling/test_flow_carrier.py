"""Fires become flow runs in a real Prefect, and their ends come back; the broker is a fake."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast
from uuid import uuid4

import pytest
import redis

from src.core.errors import Transient
from src.database import schedule
from src.database.connection import Database
from src.database.leadership import LeadershipLost
from src.domain.entry import Entry, FlowRunner
from src.domain.fire import Fire, FireState, fire_id
from src.domain.ports import Scheduled, Sent, Unsent
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.catalog import find
from src.scheduling.feedback import Feedback
from src.scheduling.flow_carrier import FlowCarrier
from tests.fakes.carrier import MemoryCarrier
from tests.faulty_proxy import Fault, faulty_proxy
from tests.integration.scheduling.rows import lead, put, row_of, wanted
from tests.prefect_made import make_deployment

pytestmark = pytest.mark.integration

DEPLOYMENT = "carried-deployment"
ENTRY = replace(find("titan-live"), target=DEPLOYMENT, parameters={"day": "today"})
POOLED = replace(ENTRY, flow_runner=FlowRunner.POOL)
AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(prefect_url: str) -> PrefectClient:
    make_deployment(prefect_url, DEPLOYMENT)
    return PrefectClient(prefect_url)


@pytest.fixture
def celery() -> MemoryCarrier:
    return MemoryCarrier()


@pytest.fixture
def carrier(client: PrefectClient, celery: MemoryCarrier) -> FlowCarrier:
    return FlowCarrier(client, celery)


@pytest.fixture
def fire(client: PrefectClient) -> Iterator[Fire]:
    """A fire of ENTRY, whose flow run is gone from Prefect afterwards."""
    fire = Fire(id=fire_id(ENTRY.name, AT), entry=ENTRY.name, due_at=AT, parameters={"day": "1 March"})
    yield fire
    for run in client.flow_runs(keys=[str(fire.id)]):
        client.delete_flow_run(run.id)


def unsent(fire: Fire, entry: Entry = ENTRY) -> Unsent:
    return Unsent(fire=fire, entry=entry, since=fire.due_at)


def hand_over(carrier: FlowCarrier, fire: Fire, entry: Entry = ENTRY) -> str:
    taken: list[Sent] = []
    assert carrier.send([unsent(fire, entry)], taken.append) == []
    (sent,) = taken
    assert (sent.id, sent.flow_run_id is not None) == (fire.id, True)
    return str(sent.flow_run_id)


def cancel(carrier: FlowCarrier, fire: Fire) -> None:
    carrier.cancel([fire.id])
    carrier.end_cancelled()


def state(client: PrefectClient, run_id: str) -> str:
    run = client.flow_run(run_id)
    assert run is not None
    return run.state_type


def feedback_on(database: Database, client: PrefectClient) -> Feedback:
    with database.session() as session:
        schedule.declare(session, [Scheduled(entry=ENTRY, next_due=None)], AT)
    return Feedback(1, database, client, cast("redis.Redis", None))


def test_a_fire_becomes_one_flow_run_however_often_it_is_sent(
    carrier: FlowCarrier, celery: MemoryCarrier, client: PrefectClient, fire: Fire
) -> None:
    run_id, again = (hand_over(carrier, fire) for _ in range(2))
    assert run_id == again
    run = client.flow_run(run_id)
    assert run is not None
    assert run.parameters == {"day": "1 March", "fire_id": str(fire.id)}
    assert run.tags == (f"entry:{ENTRY.name}", f"fire:{fire.id}", "matchbeat")
    assert (run.state_type, celery.taken) == ("PENDING", [fire.id])


def test_a_run_that_its_worker_left_running_is_made_ready_again(
    carrier: FlowCarrier, celery: MemoryCarrier, client: PrefectClient, fire: Fire
) -> None:
    run_id = hand_over(carrier, fire)
    client.set_state(run_id, "RUNNING", force=True)
    run = client.flow_run(run_id)
    assert run is not None
    assert run.state_at is not None
    # The ledger said so early that nobody had begun it: a worker may have done so since.
    silent = replace(unsent(fire), flow_run_id=run_id, silent_since=run.state_at - timedelta(seconds=1))
    assert carrier.send([silent], lambda _: None) == []
    assert state(client, run_id) == "RUNNING"
    silent = replace(silent, silent_since=run.state_at + timedelta(seconds=1))
    assert carrier.send([silent], lambda _: None) == []
    assert state(client, run_id) == "PENDING"
    assert celery.handed == 3


def test_a_fire_for_a_work_pool_is_left_to_its_workers(
    carrier: FlowCarrier, celery: MemoryCarrier, client: PrefectClient, fire: Fire
) -> None:
    assert state(client, hand_over(carrier, fire, POOLED)) == "SCHEDULED"
    assert celery.handed == 0


def test_a_fire_that_prefect_refuses_is_missed_with_the_reason_and_the_others_go_on(
    carrier: FlowCarrier, fire: Fire
) -> None:
    wrong = unsent(replace(fire, id=fire_id("wrong", AT)), replace(ENTRY, target="carried-deploymint"))
    unfit = unsent(replace(fire, id=fire_id("unfit", AT), parameters={"count": "many"}))
    taken: list[Sent] = []
    unknown, refused = carrier.send([wrong, unfit, unsent(fire)], taken.append)
    assert [sent.id for sent in taken] == [fire.id]
    assert (unknown.id, unknown.state, refused.state) == (wrong.fire.id, FireState.MISSED, FireState.MISSED)
    assert unknown.reason.startswith(f"refused: entry {ENTRY.name!r}: Prefect has no deployment")
    assert "did you mean carried-deployment" in unknown.reason
    assert "count" in refused.reason


def test_what_was_taken_before_prefect_went_away_has_been_told(prefect_url: str, fire: Fire) -> None:
    taken: list[Sent] = []
    with faulty_proxy(prefect_url.removesuffix("/api")) as proxy:
        proxy.fail("/create_flow_run", None, *[Fault.REFUSED] * 3)
        carrier = FlowCarrier(PrefectClient(f"{proxy.url}/api"), MemoryCarrier())
        later = replace(fire, id=fire_id("later", AT), due_at=AT + timedelta(minutes=1))
        with pytest.raises(Transient, match="not answering"):
            carrier.send([unsent(fire), unsent(later)], taken.append)
    assert [sent.id for sent in taken] == [fire.id]


@pytest.mark.parametrize("entry", [ENTRY, POOLED])
def test_a_cancelled_run_that_nobody_has_begun_ends_at_once_and_is_revoked_in_the_ledger(
    carrier: FlowCarrier, client: PrefectClient, database: Database, fire: Fire, entry: Entry
) -> None:
    lead(database, AT)
    wanted(database, fire, AT)
    put(database, fire.id, FireState.SENT, AT, flow_run_id=hand_over(carrier, fire, entry))
    for _ in range(2):
        cancel(carrier, fire)
    feedback = feedback_on(database, client)
    assert [feedback.reconcile(AT), feedback.reconcile(AT)] == [1, 0]
    assert row_of(database, fire.id).state == FireState.REVOKED


def test_a_cancelled_run_that_has_begun_is_asked_to_end(
    carrier: FlowCarrier, client: PrefectClient, fire: Fire
) -> None:
    run_id = hand_over(carrier, fire)
    client.set_state(run_id, "RUNNING")
    cancel(carrier, fire)
    assert state(client, run_id) == "CANCELLING"


@pytest.mark.parametrize("ended", ["COMPLETED", "FAILED", "CRASHED"])
def test_a_run_that_has_ended_stays_as_it_is(
    carrier: FlowCarrier, client: PrefectClient, fire: Fire, ended: str
) -> None:
    run_id = hand_over(carrier, fire)
    client.set_state(run_id, ended, force=True)
    cancel(carrier, fire)
    assert state(client, run_id) == ended


def test_a_fire_that_prefect_never_got_is_cancelled_without_a_word(carrier: FlowCarrier, fire: Fire) -> None:
    carrier.cancel([])
    cancel(carrier, fire)


def test_a_run_that_prefect_has_deleted_is_lost_not_open_for_ever(
    client: PrefectClient, database: Database, fire: Fire
) -> None:
    wanted(database, fire, AT)
    put(database, fire.id, FireState.SENT, AT, flow_run_id=str(uuid4()))
    with pytest.raises(LeadershipLost):
        feedback_on(database, client).reconcile(AT)
    lead(database, AT)
    assert feedback_on(database, client).reconcile(AT) == 1
    row = row_of(database, fire.id)
    assert (row.state, row.reason) == (FireState.LOST, "Prefect has its run no more")
