"""The client against a real Prefect server: each test makes runs of its own."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from src.core.clock import FixedClock, SystemClock
from src.core.errors import Misconfigured, Transient
from src.domain.fire import FireState
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun, Refused, UnknownDeployment, UnknownRun
from tests.ports import free_port
from tests.prefect_made import POOL, SCHEMA, call, make_deployment, make_pool, put_state, told, write_logs

pytestmark = pytest.mark.integration

NAME = "client-deployment"
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def client(prefect_url: str) -> PrefectClient:
    make_deployment(prefect_url, NAME, parameters={"day": "today"})
    return PrefectClient(prefect_url)


@pytest.fixture
def run(client: PrefectClient) -> FlowRun:
    """A run that waits for somebody to begin it."""
    return create(client)


@pytest.fixture
def running(client: PrefectClient, prefect_url: str) -> FlowRun:
    return begun(client, prefect_url)


def begun(client: PrefectClient, url: str) -> FlowRun:
    run = create(client)
    assert client.set_state(run.id, "RUNNING") == "ACCEPT"
    return run


def create(client: PrefectClient, key: str | None = None, **more: Any) -> FlowRun:
    options: dict[str, Any] = {
        "key": key or str(uuid4()),
        "name": "made",
        "parameters": {"fire_id": "7"},
        "tags": ["matchbeat"],
        "state": "PENDING",
    }
    return client.create_flow_run(client.deployment(NAME), **(options | more))


def state(client: PrefectClient, run: FlowRun) -> tuple[str, str]:
    found = client.flow_run(run.id)
    assert found is not None
    return found.state_type, found.state_name


def test_the_server_is_alive_and_new_enough(client: PrefectClient) -> None:
    client.ping()
    assert client.check_server() == client.server_version()
    assert client.server_version().startswith("3.")


@pytest.mark.parametrize(("version", "complaint"), [("2.20.1", "needs 3.0"), ("hello", "is it a Prefect")])
def test_a_server_of_another_kind_is_refused(
    client: PrefectClient, monkeypatch: pytest.MonkeyPatch, version: str, complaint: str
) -> None:
    monkeypatch.setattr(client, "server_version", lambda: version)
    with pytest.raises(Misconfigured, match=complaint):
        client.check_server()


def test_an_address_without_api_is_named(prefect_url: str) -> None:
    with pytest.raises(Misconfigured, match="ends in /api"):
        PrefectClient(prefect_url.removesuffix("/api")).check_server()


def test_deployments_come_with_what_their_runs_need(client: PrefectClient) -> None:
    found = client.deployments()[NAME]
    assert (found.work_pool, found.paused, dict(found.parameters)) == (POOL, False, {"day": "today"})
    assert found.parameter_schema["properties"] == SCHEMA["properties"]


def test_a_deployment_made_later_is_found(client: PrefectClient, prefect_url: str) -> None:
    client.deployment(NAME)
    made = make_deployment(prefect_url, "client-later")
    assert client.deployment("client-later").id == made


def test_an_unknown_deployment_is_named_with_the_nearest(client: PrefectClient) -> None:
    with pytest.raises(
        UnknownDeployment, match=r"entry 'live'.*'client-deploymnt'.*client-deployment.*register"
    ):
        client.deployment("client-deploymnt", entry="live")


def test_a_deployment_made_anew_under_its_name_gets_the_run(client: PrefectClient, prefect_url: str) -> None:
    old = make_deployment(prefect_url, "client-renewed")
    held = client.deployment("client-renewed")
    call("DELETE", f"{prefect_url}/deployments/{old}").raise_for_status()
    new = make_deployment(prefect_url, "client-renewed")
    run = client.create_flow_run(held, key="renewed", name="made", parameters={}, tags=[], state="PENDING")
    assert run.deployment_id == new


def test_a_run_carries_what_it_was_created_with(client: PrefectClient) -> None:
    run = create(client, key="key-of-fire", tags=["matchbeat", "entry:live"])
    assert (run.key, run.name, run.tags) == ("key-of-fire", "made", ("entry:live", "matchbeat"))
    assert (run.state_type, run.state_name, run.work_pool) == ("PENDING", "Pending", POOL)
    assert run.parameters == {"day": "today", "fire_id": "7"}
    assert (run.run_count, run.started_at, run.finished_at, run.ended) == (0, None, None, False)
    assert client.flow_run(run.id) == run


def test_the_same_key_is_one_run_and_the_first_parameters_hold(client: PrefectClient) -> None:
    first = create(client, key="once", parameters={"fire_id": "1"})
    second = create(client, key="once", parameters={"fire_id": "2"})
    assert (second.id, second.parameters) == (first.id, first.parameters)


def test_a_scheduled_run_is_due_at_its_time(client: PrefectClient) -> None:
    run = create(client, state="SCHEDULED", scheduled_at=AT + timedelta(milliseconds=250))
    assert (run.state_type, run.expected_start) == ("SCHEDULED", AT + timedelta(milliseconds=250))


def test_parameters_that_do_not_fit_are_refused_with_the_field(client: PrefectClient) -> None:
    with pytest.raises(Misconfigured, match="count"):
        create(client, parameters={"count": "many"})
    with pytest.raises(Misconfigured, match="no JSON"):
        create(client, parameters={"count": float("nan")})


def test_many_threads_create_one_at_a_time(client: PrefectClient) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: create(client, key=f"thread-{n % 8}"), range(16)))
    assert len({run.id for run in made}) == 8


def test_runs_are_found_by_ids_and_keys_of_any_number(client: PrefectClient) -> None:
    made = [create(client, key=f"many-{n}") for n in range(3)]
    padding = [str(uuid4()) for _ in range(450)]
    ids = [made[0].id, *padding, made[1].id]
    assert {run.id for run in client.flow_runs(ids=ids)} == {made[0].id, made[1].id}
    assert {run.id for run in client.flow_runs(keys=[*padding, "many-2"])} == {made[2].id}
    assert client.flow_runs(ids=ids, keys=["many-0"]) == [client.flow_run(made[0].id)]
    assert client.flow_runs(ids=[]) == client.flow_runs(keys=[]) == []


def test_runs_are_found_by_what_they_are(client: PrefectClient, prefect_url: str) -> None:
    early, late = (
        create(client, tags=["found", at.isoformat()], state="SCHEDULED", scheduled_at=at)
        for at in (AT, AT + timedelta(hours=1))
    )
    deployment = client.deployment(NAME).id

    def found(**fits: Any) -> list[str]:
        return [run.id for run in client.flow_runs(tags=["found"], **fits)]

    assert found() == found(deployment_ids=[deployment]) == [late.id, early.id]
    assert found(limit=1) == found(since=AT + timedelta(minutes=1)) == [late.id]
    put_state(prefect_url, early.id, "COMPLETED")
    assert found(state_types=["SCHEDULED"]) == [late.id]
    assert found(deployment_ids=[str(uuid4())]) == []


@pytest.mark.parametrize(
    ("type_", "state"),
    [("COMPLETED", FireState.SUCCEEDED), ("CRASHED", FireState.FAILED), ("CANCELLED", FireState.REVOKED)],
)
def test_an_end_is_told_in_the_ledgers_words(
    client: PrefectClient, running: FlowRun, type_: str, state: FireState
) -> None:
    assert client.set_state(running.id, type_, message="so it was") == "ACCEPT"
    (run,) = client.flow_runs(ids=[running.id])
    assert (run.ended, run.ledger_state, run.message) == (True, state, "so it was")
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.started_at <= run.finished_at
    assert run.run_count == 1


def test_a_step_that_prefect_does_not_allow_is_told(
    client: PrefectClient, prefect_url: str, run: FlowRun
) -> None:
    put_state(prefect_url, run.id, "COMPLETED")
    assert client.set_state(run.id, "CRASHED") == "ABORT"
    assert client.set_state(run.id, "CRASHED", force=True) == "ACCEPT"
    later = create(client, state="PENDING", scheduled_at=SystemClock().now() + timedelta(minutes=5))
    assert client.set_state(later.id, "RUNNING") == "WAIT"


def test_a_run_that_prefect_does_not_have_is_named(client: PrefectClient) -> None:
    nobody = str(uuid4())
    assert client.flow_run(nobody) is None
    client.cancel(nobody)
    client.delete_flow_run(nobody)
    with pytest.raises(UnknownRun, match=nobody):
        client.set_state(nobody, "RUNNING")
    with pytest.raises(UnknownRun, match=nobody):
        client.resume(nobody)


@pytest.mark.parametrize("created", ["PENDING", "SCHEDULED"])
def test_a_cancelled_run_that_nobody_began_ends_at_once(client: PrefectClient, created: str) -> None:
    run = create(client, state=created)
    for _ in range(2):
        client.cancel(run.id)
    assert state(client, run)[0] == "CANCELLED"


def test_a_run_that_waits_to_begin_once_more_is_cancelled_at_once(
    client: PrefectClient, prefect_url: str, running: FlowRun
) -> None:
    put_state(prefect_url, running.id, "PENDING", name="AwaitingRetry")
    client.cancel(running.id, "by lena")
    found = client.flow_run(running.id)
    assert found is not None
    assert (found.state_type, found.message) == ("CANCELLED", "by lena")


def test_prefect_lets_a_cancelled_run_begin_so_whoever_runs_it_must_look(
    client: PrefectClient, run: FlowRun
) -> None:
    client.cancel(run.id)
    assert client.set_state(run.id, "RUNNING") == "ACCEPT"


def test_a_cancelled_run_that_runs_is_asked_to_end(client: PrefectClient, running: FlowRun) -> None:
    for _ in range(2):
        client.cancel(running.id)
    assert state(client, running) == ("CANCELLING", "Cancelling")


def test_a_suspended_run_is_resumed_as_a_scheduled_one(client: PrefectClient, running: FlowRun) -> None:
    for _ in range(2):  # as often as somebody likes
        assert client.suspend(running.id, 60) == "Suspended"
        assert state(client, running) == ("PAUSED", "Suspended")
        assert [client.resume(running.id), client.resume(running.id)] == ["Resuming", "Resuming"]
        assert state(client, running) == ("SCHEDULED", "Resuming")
        assert client.set_state(running.id, "PENDING") == client.set_state(running.id, "RUNNING") == "ACCEPT"


def test_a_suspended_run_is_cancelled_at_once(client: PrefectClient, running: FlowRun) -> None:
    client.suspend(running.id, 60)
    client.cancel(running.id)
    assert state(client, running)[0] == "CANCELLED"


def test_what_does_not_run_cannot_be_suspended_and_what_is_not_paused_not_resumed(
    client: PrefectClient, run: FlowRun
) -> None:
    with pytest.raises(Refused, match="not currently running"):
        client.suspend(run.id, 60)
    with pytest.raises(Refused, match="not paused"):
        client.resume(run.id)


def test_a_suspension_times_out_and_then_fails_the_run(prefect_url: str, client: PrefectClient) -> None:
    then = FixedClock(SystemClock().now() - timedelta(minutes=2))
    run = begun(client, prefect_url)
    PrefectClient(prefect_url, clock=then).suspend(run.id, 60)
    with pytest.raises(Refused, match="timed out"):
        client.resume(run.id)
    assert state(client, run)[0] == "FAILED"


def test_a_deleted_run_frees_its_key(client: PrefectClient) -> None:
    run = create(client, key="freed")
    client.delete_flow_run(run.id)
    assert client.flow_run(run.id) is None
    assert create(client, key="freed").id != run.id


def test_logs_come_in_order_and_in_pages(client: PrefectClient, prefect_url: str, run: FlowRun) -> None:
    write_logs(prefect_url, run.id, [f"line {n}" for n in range(450)])
    lines = client.logs(run.id)
    assert [line.message for line in lines] == [f"line {n}" for n in range(450)]
    assert (lines[0].level, lines[0].at) == ("INFO", AT)
    assert client.logs(run.id, limit=2, offset=203) == lines[203:205]
    assert client.logs(str(uuid4())) == []


@pytest.fixture
def pool(prefect_url: str) -> Iterator[str]:
    name = f"pool-{uuid4()}"
    make_pool(prefect_url, name)
    yield name
    call("DELETE", f"{prefect_url}/work_pools/{name}")


def test_the_due_runs_of_a_pool_are_those_a_worker_would_take(
    client: PrefectClient, prefect_url: str, pool: str
) -> None:
    make_deployment(prefect_url, "client-pooled", pool)
    held = client.deployments()["client-pooled"]
    options: dict[str, Any] = {"name": "made", "parameters": {}, "tags": []}
    due, _later, _pending = (
        client.create_flow_run(held, key=str(uuid4()), state=state, scheduled_at=at, **options)
        for state, at in (("SCHEDULED", AT), ("SCHEDULED", AT + timedelta(days=2)), ("PENDING", AT))
    )
    (found,) = client.scheduled_runs(pool, AT + timedelta(days=1))
    assert (found.id, found.work_pool, found.state_type) == (due.id, pool, "SCHEDULED")
    assert client.scheduled_runs(pool, AT - timedelta(days=1)) == []


def test_a_heartbeat_puts_a_worker_online(client: PrefectClient, prefect_url: str, pool: str) -> None:
    for _ in range(2):
        client.worker_heartbeat(pool, "beat-one", 2)
    (worker,) = told("POST", f"{prefect_url}/work_pools/{pool}/workers/filter", {})
    assert (worker["name"], worker["status"], worker["heartbeat_interval_seconds"]) == (
        "beat-one",
        "ONLINE",
        2,
    )


def test_an_unknown_pool_is_refused(client: PrefectClient) -> None:
    with pytest.raises(Misconfigured, match="no-such-pool"):
        client.scheduled_runs("no-such-pool", AT)


def test_prefect_away_is_transient() -> None:
    with pytest.raises(Transient, match="not answering"):
        PrefectClient(f"http://127.0.0.1:{free_port()}/api").ping()
