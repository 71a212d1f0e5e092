"""Flow runs made before they are due, in a real Prefect, with their messages on a real Valkey."""

import json
from base64 import b64decode
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import redis
from celery import Celery

from src.core.clock import FixedClock
from src.core.errors import Transient
from src.database import flow_runs
from src.database.leadership import Leadership
from src.domain.entry import Entry, Interval, OneOff
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.ports import Carrier, Sent, Unsent
from src.pipeline.context import Context
from src.pipeline.schedule_checks import Wanted
from src.pipeline.schedule_edits import edit, pause
from src.scheduling.ahead import LEAD, Ahead, Coming, coming
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun
from src.scheduling.engine import Engine
from src.scheduling.flow_carrier import FlowCarrier
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.entries import NIGHTLY
from tests.fakes.carrier import MemoryCarrier
from tests.faulty_proxy import Fault, FaultyProxy, faulty_proxy
from tests.integration.scheduling.conftest import LENA, MINUTE, beat
from tests.integration.scheduling.rows import put, wanted
from tests.prefect_made import make_deployment, told

pytestmark = pytest.mark.integration

#: The flow runs that Prefect has, by name.
Runs = Callable[[], list[FlowRun]]
#: The fires of the messages on the queue `flows`, each with its parameters; first in, first.
Messages = Callable[[], list[tuple[str, dict[str, Any]]]]

SECOND = timedelta(seconds=1)
#: So long after its due time a run that nobody claimed is not wanted any more.
LATE = 10 * SECOND
DUE = NOW + MINUTE
DEPLOYMENT = "ahead-deployment"
ENTRY = replace(
    NIGHTLY, name="ahead", target=DEPLOYMENT, cadence=Interval(every_s=60), parameters={"day": "today"}
)
FIRE = fire_id(ENTRY.name, DUE)
#: Twelve entries, a tenth of a second apart.
MANY = tuple(replace(ENTRY, name=f"ahead-{n}", cadence=OneOff(at=DUE + n * SECOND / 10)) for n in range(12))


@pytest.fixture(scope="module")
def deployment(prefect_url: str) -> Iterator[str]:
    made = make_deployment(prefect_url, DEPLOYMENT)
    yield made
    told("DELETE", f"{prefect_url}/deployments/{made}")


@pytest.fixture
def client(prefect_url: str, deployment: str) -> Iterator[PrefectClient]:
    """Prefect, which has no run of the deployment before or after."""
    client = PrefectClient(prefect_url)
    yield client
    for run in client.flow_runs(deployment_ids=[deployment]):
        client.delete_flow_run(run.id)


@pytest.fixture
def runs(client: PrefectClient, deployment: str) -> Runs:
    def runs() -> list[FlowRun]:
        found = client.flow_runs(deployment_ids=[deployment])
        return sorted(found, key=lambda run: run.name)

    return runs


@pytest.fixture
def celery(redis_url: str) -> Iterator[CeleryCarrier]:
    changes = {"broker_url": redis_url, "task_send_sent_event": False}
    carrier = CeleryCarrier(Celery("beat", set_as_current=False, changes=changes))
    yield carrier
    carrier.close()


@pytest.fixture
def messages(redis_url: str) -> Messages:
    server = redis.Redis.from_url(redis_url, decode_responses=True)

    def messages() -> list[tuple[str, dict[str, Any]]]:
        keys = [key for key in server.scan_iter("flows*") if server.type(key) == "list"]
        texts = [json.loads(text) for key in keys for text in reversed(server.lrange(key, 0, -1))]
        return [(text["headers"]["id"], json.loads(b64decode(text["body"]))[1]) for text in texts]

    return messages


@pytest.fixture
def carrier(client: PrefectClient, celery: CeleryCarrier) -> FlowCarrier:
    return FlowCarrier(client, celery)


@pytest.fixture
def ahead(context: Context, client: PrefectClient, carrier: FlowCarrier) -> Ahead:
    return ahead_on(context, client, carrier)


def ahead_on(context: Context, client: PrefectClient, carrier: FlowCarrier | Carrier) -> Ahead:
    """Return what a leader makes runs ahead with; `carrier` may be the one of the messages."""
    flows = carrier if isinstance(carrier, FlowCarrier) else FlowCarrier(client, carrier)
    database = context.database
    return Ahead(client, flows, partial(flow_runs.entries, database), partial(flow_runs.states, database))


@pytest.fixture
def at(clock: FixedClock) -> datetime:
    """Two seconds before the due time."""
    return clock.advance(MINUTE - 2 * SECOND)


@pytest.fixture
def engine(context: Context, leadership: Leadership, at: datetime) -> Engine:
    """The engine of a leader that has declared ENTRY."""
    return beat(context, leadership, (ENTRY,))


def soon(engine: Engine, at: datetime) -> list[Coming]:
    """Return what the leader looks ahead to."""
    return coming(engine.coming(at + LEAD))


def unsent(fire: FireId = FIRE, **parameters: Any) -> Unsent:
    """Return the claimed fire, as the ledger gives it to the carrier."""
    claimed = Fire(id=fire, entry=ENTRY.name, due_at=DUE, parameters=parameters or ENTRY.parameters)
    return Unsent(fire=claimed, entry=ENTRY, since=DUE)


def send(carrier: FlowCarrier, item: Unsent) -> str | None:
    """Send a claimed fire; return its flow run."""
    taken: list[Sent] = []
    assert carrier.send([item], taken.append) == []
    return taken[0].flow_run_id


def test_a_coming_due_time_becomes_one_pending_run_and_one_message(
    ahead: Ahead, engine: Engine, at: datetime, runs: Runs, messages: Messages
) -> None:
    for _ in range(2):
        ahead.round(soon(engine, at), at)
    (run,) = runs()
    assert (run.state_type, run.key, run.name) == ("PENDING", str(FIRE), "ahead-20260301T120100")
    assert run.parameters == {"day": "today", "fire_id": str(FIRE)}
    assert run.tags == ("entry:ahead", f"fire:{FIRE}", "matchbeat")
    (message,) = messages()
    assert message == (
        str(FIRE),
        {
            "flow_run_id": run.id,
            "deployment": DEPLOYMENT,
            "due_at": DUE.isoformat(),
            "parameters": {"day": "today"},
        },
    )
    assert ahead.made == {run.id}


def test_the_run_knows_its_due_time(
    ahead: Ahead, engine: Engine, at: datetime, runs: Runs, prefect_url: str
) -> None:
    ahead.round(soon(engine, at), at)
    state = told("GET", f"{prefect_url}/flow_runs/{runs()[0].id}")["state"]
    assert datetime.fromisoformat(state["state_details"]["scheduled_time"]) == DUE


def test_ten_are_made_in_a_round_and_the_soonest_first(
    context: Context, leadership: Leadership, ahead: Ahead, at: datetime, runs: Runs, messages: Messages
) -> None:
    seen = soon(beat(context, leadership, MANY), at + SECOND)
    in_order = [str(fire_id(entry.name, DUE + n * SECOND / 10)) for n, entry in enumerate(MANY)]
    seen.sort(key=lambda one: one.when, reverse=True)
    for made in (10, 12, 12):
        ahead.round(seen, at)
        assert [fire for fire, _ in messages()] == in_order[:made]
        assert len(runs()) == len(ahead.made) == made


def test_what_is_due_by_now_is_not_made_ahead(ahead: Ahead, engine: Engine, at: datetime, runs: Runs) -> None:
    seen = soon(engine, at)
    ahead.round(seen, DUE)
    assert (runs(), ahead.made) == ([], frozenset())
    ahead.round(seen, DUE - timedelta(microseconds=1))
    assert len(runs()) == 1


def test_an_entry_edited_since_it_was_looked_at_is_left_to_the_next_look(
    context: Context, ahead: Ahead, engine: Engine, at: datetime, runs: Runs
) -> None:
    seen = soon(engine, at)
    edit(context, ENTRY.name, Wanted(parameters={"day": "tomorrow"}), LENA)
    ahead.round(seen, at)
    assert runs() == []
    engine.load(at)
    ahead.round(soon(engine, at), at)
    assert [run.parameters["day"] for run in runs()] == ["tomorrow"]


def test_an_edit_of_the_parameters_makes_the_run_anew(
    context: Context, ahead: Ahead, engine: Engine, at: datetime, runs: Runs, messages: Messages
) -> None:
    ahead.round(soon(engine, at), at)
    (old,) = runs()
    edit(context, ENTRY.name, Wanted(parameters={"day": "tomorrow"}), LENA)
    engine.load(at)
    ahead.round(soon(engine, at), at)
    (new,) = runs()
    assert (new.key, new.parameters["day"], ahead.made) == (old.key, "tomorrow", frozenset({new.id}))
    assert [parameters["flow_run_id"] for _, parameters in messages()] == [old.id, new.id]


def paused(context: Context, engine: Engine) -> None:
    pause(context, ENTRY.name, LENA)


def moved(context: Context, engine: Engine) -> None:
    edit(context, ENTRY.name, Wanted(cadence=Interval(every_s=3600)), LENA)


def removed(context: Context, engine: Engine) -> None:
    engine.declare([], context.clock.now())


@pytest.mark.parametrize("change", [paused, moved, removed])
def test_a_due_time_that_comes_no_more_has_its_run_withdrawn(
    context: Context,
    engine: Engine,
    ahead: Ahead,
    at: datetime,
    runs: Runs,
    change: Callable[[Context, Engine], None],
) -> None:
    ahead.round(soon(engine, at), at)
    change(context, engine)
    engine.load(at)
    assert soon(engine, at) == []
    ahead.round([], at)
    assert (runs(), ahead.made) == ([], frozenset())


def test_nobody_stands_by_for_a_run_that_was_withdrawn(
    ahead: Ahead, engine: Engine, carrier: FlowCarrier, at: datetime, runs: Runs, messages: Messages
) -> None:
    ahead.round(soon(engine, at), at)
    ahead.round([], at)
    run_id = send(carrier, unsent())
    assert [run.id for run in runs()] == [run_id]
    assert messages()[1:] == [(str(FIRE), {"deployment": DEPLOYMENT, "flow_run_id": run_id})]


def test_a_claimed_run_is_kept_and_its_worker_not_told_again(
    ahead: Ahead, engine: Engine, carrier: FlowCarrier, at: datetime, runs: Runs, messages: Messages
) -> None:
    ahead.round(soon(engine, at), at)
    assert engine.run(DUE) == 1
    ahead.round(soon(engine, DUE), DUE)
    (run,) = runs()
    assert (ahead.made, send(carrier, unsent())) == (frozenset(), run.id)
    assert len(messages()) == 1


@pytest.mark.parametrize(
    ("state", "kept"),
    [
        (FireState.CLAIMED, True),
        (FireState.SENT, True),
        (FireState.STARTED, True),
        (FireState.SUCCEEDED, True),
        (FireState.SKIPPED, False),
        (FireState.BUFFERED, False),
        (FireState.MISSED, False),
    ],
)
def test_a_run_is_withdrawn_where_its_due_time_does_not_run_now(
    context: Context, ahead: Ahead, engine: Engine, at: datetime, runs: Runs, state: FireState, kept: bool
) -> None:
    ahead.round(soon(engine, at), at)
    wanted(context.database, unsent().fire, DUE)
    put(context.database, FIRE, state, DUE)
    ahead.round([], DUE)
    assert [run.key for run in runs()] == [str(FIRE)] * kept
    assert ahead.made == frozenset()


def test_a_run_waits_ten_seconds_for_its_claim(
    ahead: Ahead, engine: Engine, at: datetime, runs: Runs
) -> None:
    ahead.round(soon(engine, at), at)
    for now in (DUE, DUE + SECOND, DUE + LATE):
        ahead.round([], now)
        assert len(runs()) == len(ahead.made) == 1
    ahead.round([], DUE + LATE + timedelta(microseconds=1))
    assert (runs(), ahead.made) == ([], frozenset())


@pytest.mark.parametrize("wrong", [{"parameters": {"count": "many"}}, {"target": "ahead-deploymint"}])
def test_an_entry_that_prefect_refuses_stops_no_other(
    context: Context, leadership: Leadership, ahead: Ahead, at: datetime, runs: Runs, wrong: dict[str, Any]
) -> None:
    entries: tuple[Entry, ...] = (replace(MANY[0], **wrong), *MANY[1:3])
    engine = beat(context, leadership, entries)
    for _ in range(2):
        ahead.round(soon(engine, at), at)
    assert [run.name.split("-2026")[0] for run in runs()] == ["ahead-1", "ahead-2"]
    assert len(ahead.made) == 2


def test_a_new_leader_takes_over_the_run_that_the_last_one_made(
    context: Context, client: PrefectClient, celery: CeleryCarrier, engine: Engine, at: datetime, runs: Runs
) -> None:
    first, second = (ahead_on(context, client, celery) for _ in range(2))
    for ahead in (first, second):
        ahead.round(soon(engine, at), at)
    (run,) = runs()
    assert first.made == second.made == {run.id}


def test_with_the_broker_away_the_run_is_made_and_its_message_goes_once_it_is_due(
    context: Context, client: PrefectClient, engine: Engine, at: datetime, runs: Runs
) -> None:
    broker = MemoryCarrier(away=True)
    carrier = FlowCarrier(client, broker)
    ahead = ahead_on(context, client, carrier)
    with pytest.raises(Transient):
        ahead.round(soon(engine, at), at)
    broker.away = False
    ahead.round(soon(engine, at), at)
    (run,) = runs()
    assert (ahead.made, broker.taken) == (frozenset({run.id}), [])
    assert (send(carrier, unsent()), broker.taken) == (run.id, [FIRE])


@pytest.fixture
def proxy(prefect_url: str) -> Iterator[FaultyProxy]:
    with faulty_proxy(prefect_url.removesuffix("/api")) as proxy:
        yield proxy


def test_what_prefect_could_not_make_is_made_in_the_next_round(
    context: Context, leadership: Leadership, proxy: FaultyProxy, at: datetime, runs: Runs
) -> None:
    engine, broker = beat(context, leadership, MANY[:3]), MemoryCarrier()
    ahead = ahead_on(context, PrefectClient(f"{proxy.url}/api"), broker)
    proxy.fail("/create_flow_run", *[Fault.CUT] * 3)
    with pytest.raises(Transient):
        ahead.round(soon(engine, at), at)
    ahead.round(soon(engine, at), at)
    assert {run.id for run in runs()} == ahead.made
    assert len(ahead.made) == len(broker.taken) == broker.handed == 3


def test_what_prefect_could_not_delete_is_deleted_in_the_next_round(
    context: Context, engine: Engine, proxy: FaultyProxy, at: datetime, runs: Runs
) -> None:
    ahead = ahead_on(context, PrefectClient(f"{proxy.url}/api"), MemoryCarrier())
    ahead.round(soon(engine, at), at)
    (run,) = runs()
    proxy.fail(run.id, Fault.BROKEN)
    with pytest.raises(Transient):
        ahead.round([], at)
    assert ahead.made == {run.id}
    ahead.round([], at)
    assert (runs(), ahead.made) == ([], frozenset())
