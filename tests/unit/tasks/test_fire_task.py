"""A fire's begin and outcome, also while Postgres is away, and what a worker says of itself."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from celery import Celery, Task
from celery.exceptions import Ignore, Reject, Retry

from src.core.clock import FixedClock
from src.core.errors import Transient
from src.domain.fire import FireState
from src.pipeline.context import Context
from src.scheduling.dispatch import FIRE_HEADER
from src.tasks import fire_task, life, signals
from src.tasks.fire_task import FireTask

FIRE = UUID("3f0e9b0e-0000-4000-8000-000000000001")


class Flaky:
    """A database that is away for so many sessions."""

    def __init__(self, away: int) -> None:
        self.away = away

    @contextmanager
    def session(self) -> Iterator[None]:
        if self.away:
            self.away -= 1
            raise Transient("Postgres is not answering")
        yield


class World(SimpleNamespace):
    database: Flaky
    mine: bool
    written: list[Any]

    def run(self) -> Any:
        app = Celery("test", task_cls=FireTask, set_as_current=False)

        @app.task(name="a.task")
        def task() -> dict[str, int]:
            self.written.append("ran")
            return {"rows": 1}

        task.push_request(called_directly=False, headers={FIRE_HEADER: str(FIRE)}, timelimit=(60, 45))
        try:
            return task()
        finally:
            task.pop_request()


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(database=Flaky(0), mine=True, written=[])
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    ctx = Context(settings=cast("Any", None), clock=clock, database=cast("Any", made.database))
    monkeypatch.setattr(fire_task, "context", lambda: ctx)
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _s: None)
    monkeypatch.setattr(fire_task.outcomes, "begin", lambda *_: made.mine)
    monkeypatch.setattr(fire_task.outcomes, "find", lambda *_: None)
    monkeypatch.setattr(
        fire_task.outcomes, "give_back", lambda _s, _f, reason, _at, to: made.written.append((to, reason))
    )
    monkeypatch.setattr(
        fire_task.outcomes, "finish", lambda _s, _f, state, *_, **_k: made.written.append(state)
    )
    return made


def test_an_outcome_is_written_when_postgres_is_back(world: World) -> None:
    def ran_while_postgres_left() -> None:
        world.database.away = 3

    world.written = Leaving(ran_while_postgres_left)
    assert world.run() == {"rows": 1}
    assert list(world.written) == ["ran", FireState.SUCCEEDED]


class Leaving(list[Any]):
    """Lets Postgres leave at the first thing written, which is that the task ran."""

    def __init__(self, leave: Any) -> None:
        super().__init__()
        self._leave = leave

    def append(self, item: Any) -> None:
        if not self:
            self._leave()
        super().append(item)


def test_a_fire_that_cannot_be_begun_goes_back_to_its_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fire_task, "LEDGER_PATIENCE_S", 0)
    world.database.away = 100
    with pytest.raises(Reject) as back:
        world.run()
    assert back.value.requeue
    assert world.written == []


def test_a_second_delivery_neither_runs_nor_writes_over_the_first_ones_result(world: World) -> None:
    world.mine = False
    with pytest.raises(Ignore):
        world.run()
    assert world.written == []


def test_a_retry_that_cannot_be_sent_leaves_the_fire_to_be_sent_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise Reject(OSError("no broker"), requeue=False)

    monkeypatch.setattr(FireTask, "retry", away)
    world.written = Failing()
    with pytest.raises(Reject) as back:
        world.run()
    assert back.value.requeue
    assert list(world.written) == [(FireState.RETRIED, "its retry could not be sent: no broker")]


def test_a_retry_leaves_the_fire_retried_and_carries_no_expiry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def retry(_task: Task, **options: Any) -> None:
        asked.append(options)
        raise Retry(exc=options["exc"], when=options["countdown"])

    monkeypatch.setattr(Task, "retry", retry)
    world.written = Failing()
    with pytest.raises(Retry):
        world.run()
    assert asked[0]["expires"] is None
    assert list(world.written) == [(FireState.RETRIED, "Retry in 5s: Transient('a part is away')")]


def test_a_task_that_another_one_replaces_leaves_the_fire_sent(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced(*_: Any, **__: Any) -> None:
        raise Ignore("Replaced by new task")

    monkeypatch.setattr(FireTask, "retry", replaced)
    world.written = Failing()
    with pytest.raises(Ignore):
        world.run()
    assert list(world.written) == [(FireState.SENT, "Replaced by new task")]


def test_a_process_names_its_node_only_where_that_shows_life(monkeypatch: pytest.MonkeyPatch) -> None:
    pid = os.getpid()
    assert life.process_name("celery@here") == f"celery@here/{pid}"
    assert life.process_name(None) == f"{socket.gethostname()}:{pid}"
    monkeypatch.setattr(life.LIFE, "shown", False)
    assert life.process_name("celery@here") == f"{socket.gethostname()}:{pid}"


def test_a_worker_without_a_heart_shows_no_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(life, "LIFE", life.Life())
    signals.learn_of_heartbeat(options={"without_heartbeat": True})
    assert not life.LIFE.shown
    signals.learn_of_heartbeat(options={"without_heartbeat": False})
    assert life.LIFE.shown


def test_a_clock_that_is_set_moves_a_workers_begin_back_and_never_forward() -> None:
    its, hour = life.Life(), timedelta(hours=1)
    its.begin(shown=True)
    now = datetime(2026, 3, 1, tzinfo=UTC)
    began = its.since(now)
    assert now - hour < began <= now
    assert its.since(now + hour) == began
    assert its.since(now - hour) <= began - hour
    assert its.since(now) <= began - hour


class Failing(list[Any]):
    """Finds a part away when the task runs."""

    def append(self, item: Any) -> None:
        if item == "ran":
            raise Transient("a part is away")
        super().append(item)
