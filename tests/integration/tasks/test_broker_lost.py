"""A worker whose broker goes away in the middle of a task."""

import secrets
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import Popen

import pytest
import redis
from celery import Celery

from src.database.connection import Database
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.stack.valkey import ValkeyServer
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import (
    IMPATIENT,
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
from tests.ports import free_port, running

pytestmark = pytest.mark.integration

ENTRY = replace(find("data-quality-check"), target="probe.pass_gate")


def a_fire(name: str) -> Fire:
    return Fire(id=fire_id(name, NOW), entry=name, due_at=NOW, parameters={})


@dataclass
class Broker:
    """A Valkey that a test kills and starts again on the same data."""

    server: ValkeyServer
    stack: ExitStack = field(default_factory=ExitStack)
    process: Popen[bytes] | None = None

    @property
    def link(self) -> redis.Redis:
        return redis.Redis.from_url(self.server.url)

    def start(self) -> None:
        started: AbstractContextManager[Popen[bytes]] = running(self.server.argv(), self.link.ping)
        self.process = self.stack.enter_context(started)

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    made = Broker(ValkeyServer(folder=tmp_path / "valkey", port=free_port(), password=secrets.token_hex(8)))
    made.server.prepare()
    with made.stack:
        made.start()
        yield made


@pytest.fixture
def carrier(app: Celery, broker: Broker) -> CeleryCarrier:
    """Sends over the test's own broker, with the app's settings."""
    sender = Celery("sender", set_as_current=False)
    sender.conf.update(
        broker_url=broker.server.url,
        broker_transport_options=app.conf.broker_transport_options,
        task_default_priority=app.conf.task_default_priority,
        task_ignore_result=True,
    )
    return CeleryCarrier(sender)


# With a free child the worker listens for messages at the moment of the loss: that is what Celery dies of.
@pytest.mark.parametrize(
    ("children", "ends"),
    [(2, "while the broker is away"), (2, "when the broker is back"), (1, "while the broker is away")],
)
def test_a_worker_that_holds_a_task_when_the_broker_drops_lives_on(
    children: int, ends: str, context: Context, database: Database, database_url: str, gate: None,
    broker: Broker, carrier: CeleryCarrier, worker: Worker,
) -> None:  # fmt: skip
    held, after = wanted(database, a_fire("held")), wanted(database, a_fire("after"))
    hand_over(carrier, held, ENTRY)
    with worker(app=PROBE, broker=broker.server.url, concurrency=children) as its:
        with shut(database_url):
            until(lambda: effects(database, held.id), "the task to run")
            broker.kill()
            its.logged("Trying to re-establish the connection")
            if ends == "when the broker is back":
                broker.start()
                until(lambda: its.log.read_text().count("Connected to") > 1, "the worker to be back")
        assert outcome(context, held).state == FireState.SUCCEEDED
        if ends == "while the broker is away":
            broker.start()
        hand_over(carrier, after, ENTRY)
        assert outcome(context, after).state == FireState.SUCCEEDED
        assert its.process.poll() is None
    assert its.process.returncode == 0
    with worker(app=PROBE, broker=broker.server.url, transport=IMPATIENT):
        until(lambda: not broker.link.hlen("unacked"), "a second delivery to be refused")
    row = row_of(context, held)
    assert (row.state, row.attempts) == (FireState.SUCCEEDED, 1)
    assert effects(database, held.id) == 1


def test_a_retry_that_cannot_be_sent_because_the_broker_is_away_is_made_when_it_is_back(
    context: Context,
    database: Database,
    database_url: str,
    gate: None,
    broker: Broker,
    carrier: CeleryCarrier,
    worker: Worker,
) -> None:
    fire = wanted(database, a_fire("held"))
    hand_over(carrier, fire, replace(ENTRY, target="probe.wait_and_stay_away_once"))
    with worker(app=PROBE, broker=broker.server.url, transport=IMPATIENT) as its:
        with shut(database_url):
            until(lambda: effects(database, fire.id), "the task to run")
            broker.kill()
            its.logged("Trying to re-establish the connection")
        reason = until(lambda: row_of(context, fire).reason, "the retry to fail")
        assert row_of(context, fire).state == FireState.RETRIED
        assert reason.startswith("its retry could not be sent: ")
        broker.start()
        row = outcome(context, fire)
    assert (row.state, row.attempts, effects(database, fire.id)) == (FireState.SUCCEEDED, 2, 2)
