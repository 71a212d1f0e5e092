"""Messages that end without a run, and messages that a task sends."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from celery import Celery
from sqlalchemy import text, update

from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.fire import Fire, FireState, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find
from src.scheduling.dispatch import FIRE_HEADER
from src.tasks import signals
from src.tasks.publisher import CeleryCarrier
from tests.conftest import NOW
from tests.integration.tasks.conftest import (
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

pytestmark = pytest.mark.integration

ENTRY = replace(find("data-quality-check"), target="probe.pass_gate")


def a_fire(name: str) -> Fire:
    return Fire(id=fire_id(name, NOW), entry=name, due_at=NOW, parameters={})


def send(app: Celery, fire: Fire, **options: object) -> None:
    headers = {FIRE_HEADER: str(fire.id)}
    app.send_task(ENTRY.target, task_id=str(fire.id), queue=ENTRY.queue, headers=headers, **options)


def test_a_message_that_waited_past_its_expiry_ends_as_expired(
    context: Context, database: Database, gate: None, app: Celery, worker: Worker
) -> None:
    late = wanted(database, a_fire("late"))
    send(app, late, expires=0.001)
    with worker(app=PROBE):
        row = outcome(context, late)
    assert (row.state, row.reason) == (FireState.EXPIRED, "expired before a worker took it")
    assert (row.attempts, effects(database, late.id)) == (0, 0)


def test_a_fire_that_expired_runs_when_it_is_asked_for_again(
    context: Context, database: Database, gate: None, app: Celery, carrier: CeleryCarrier, worker: Worker
) -> None:
    late = wanted(database, a_fire("late"))
    send(app, late, expires=0.001)
    with worker(app=PROBE):
        assert outcome(context, late).state == FireState.EXPIRED
        with database.session() as session:
            row = session.get_one(FireRow, late.id)
            row.state, row.finished_at = FireState.CLAIMED, None
        hand_over(carrier, late, ENTRY)
        assert outcome(context, late).state == FireState.SUCCEEDED
    assert effects(database, late.id) == 1


def test_a_revoked_task_says_whether_it_ran(
    context: Context, database: Database, database_url: str, gate: None, app: Celery,
    carrier: CeleryCarrier, worker: Worker,
) -> None:  # fmt: skip
    stopped, waits = wanted(database, a_fire("stopped")), wanted(database, a_fire("waits"))
    hand_over(carrier, stopped, replace(ENTRY, target="probe.heed_limit"))
    with worker(app=PROBE):
        until(lambda: effects(database, stopped.id), "the first task to run")
        hand_over(carrier, waits, ENTRY)
        assert app.control.revoke(str(waits.id), reply=True, limit=1, timeout=30)
        assert app.control.revoke(
            str(stopped.id), terminate=True, signal="SIGKILL", reply=True, limit=1, timeout=30
        )
        rows = outcome(context, stopped), outcome(context, waits)
    assert [(row.state, row.reason) for row in rows] == [
        (FireState.REVOKED, "revoked while it ran"),
        (FireState.REVOKED, "revoked before a worker took it"),
    ]
    assert effects(database, waits.id) == 0


def test_a_fire_that_nobody_began_because_celery_failed_is_sent_again(
    context: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "context", lambda: context)
    fire = wanted(database, a_fire("unbegun"))
    with database.session() as session:
        session.execute(update(FireRow).values(state=FireState.SENT, sent_at=NOW))
    lost = ConnectionError("the result backend is away")
    signals.close_failed(task_id=str(fire.id), exception=lost)
    row = row_of(context, fire)
    assert (row.state, row.sent_at) == (FireState.CLAIMED, None)
    assert row.reason == "not begun: ConnectionError: the result backend is away"


def test_a_fire_that_celery_fails_again_and_again_waits_for_the_patrol(
    context: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "context", lambda: context)
    fire = wanted(database, a_fire("unbegun"))
    signals.close_failed(task_id=str(fire.id), exception=KeyError("broken"))
    with database.session() as session:
        session.execute(update(FireRow).values(state=FireState.SENT, sent_at=NOW))
    signals.close_failed(task_id=str(fire.id), exception=KeyError("broken"))
    assert row_of(context, fire).state == FireState.SENT


def test_an_expired_second_delivery_does_not_close_a_fire_that_runs(
    context: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "context", lambda: context)
    fire = wanted(database, a_fire("runs"))
    with database.session() as session:
        assert outcomes.begin(session, fire.id, "node/1", NOW, timedelta(hours=1))
    message = SimpleNamespace(id=str(fire.id))
    signals.close_revoked(request=message, expired=True)
    signals.close_revoked(request=message)
    assert row_of(context, fire).state == FireState.STARTED
    signals.close_revoked(request=message, terminated=True)
    assert row_of(context, fire).state == FireState.REVOKED


def test_a_second_delivery_that_expires_leaves_the_retry_of_a_fire_alone_and_a_revocation_ends_it(
    context: Context, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "context", lambda: context)
    fire = wanted(database, a_fire("retries"))
    with database.session() as session:
        assert outcomes.begin(session, fire.id, "node/1", NOW, timedelta(hours=1))
        outcomes.give_back(session, fire.id, "a part is away", NOW)
    message = SimpleNamespace(id=str(fire.id))
    signals.close_revoked(request=message, expired=True)
    assert row_of(context, fire).state == FireState.RETRIED
    signals.close_revoked(request=message)
    assert row_of(context, fire).state == FireState.REVOKED


def test_a_retry_shows_while_it_waits_and_does_not_expire(
    context: Context, database: Database, gate: None, app: Celery, worker: Worker
) -> None:
    fire = wanted(database, a_fire("retries"))
    with worker(app=PROBE):
        app.send_task("probe.pass_gate", queue="quality").get(timeout=60)
        headers = {FIRE_HEADER: str(fire.id)}
        app.send_task(
            "probe.stay_away_once", task_id=str(fire.id), queue="quality", headers=headers, expires=4
        )
        waits = until(lambda: told(row_of(context, fire)), "the first try to end")
        row = outcome(context, fire)
    assert waits.state == FireState.RETRIED
    assert waits.reason is not None
    assert "a part is away" in waits.reason
    assert waits.sent_at is not None
    assert row.started_at is not None
    assert row.started_at - waits.sent_at > timedelta(seconds=4)
    assert (row.state, row.attempts, row.result) == (FireState.SUCCEEDED, 2, {"tries": 2})


def told(row: FireRow) -> FireRow | None:
    return row if row.reason else None


def test_a_pickled_message_is_refused_unread_and_the_worker_lives(
    context: Context, database: Database, gate: None, app: Celery, worker: Worker, tmp_path: Path
) -> None:
    trap, read = wanted(database, a_fire("trap")), tmp_path / "read"
    send(app, trap, args=(Trap(read),), serializer="pickle")
    with worker(app=PROBE) as running:
        running.logged("ContentDisallowed")
        assert row_of(context, trap).attempts == 0
        send(app, trap)  # as Beat does with a fire that nobody begins
        row = outcome(context, trap)
        assert running.process.poll() is None
    assert (row.state, row.attempts, effects(database, trap.id)) == (FireState.SUCCEEDED, 1, 1)
    assert not read.exists()


class Trap:
    """Leaves a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.file,)


def test_what_a_task_sends_carries_no_fire_and_does_not_close_its_senders(
    context: Context, database: Database, database_url: str, gate: None, carrier: CeleryCarrier,
    worker: Worker,
) -> None:  # fmt: skip
    parent = wanted(database, a_fire("parent"))
    with worker(app=PROBE, concurrency=2) as running:
        with shut(database_url):
            hand_over(carrier, parent, replace(ENTRY, target="probe.have_children"))
            until(lambda: len(children(database)) == 2, "both children to run")
            running.logged("the child failed")
            assert row_of(context, parent).state == FireState.STARTED
        row = outcome(context, parent)
    assert (row.state, row.attempts, row.result) == (FireState.SUCCEEDED, 1, {"children": 2})
    assert children(database) == [None, None]


def children(database: Database) -> list[str | None]:
    """Return the fire each child ran under."""
    with database.session() as session:
        return list(session.scalars(text("select fire from effects where what = 'child'")))


def test_a_retry_of_a_task_without_a_fire_goes_to_its_own_queue_once(
    database: Database, gate: None, app: Celery, worker: Worker
) -> None:
    sent = app.send_task("probe.stay_away_once", queue="quality")
    with worker(app=PROBE):
        assert sent.get(timeout=60) == {"tries": 2}
        barrier = app.send_task("probe.pass_gate", queue="scheduler")
        assert barrier.get(timeout=60) == {"passed": True}
    assert effects(database, sent.id) == 2
