"""A real worker process on a real Valkey and the test's Postgres."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import psycopg2
import pytest
from celery import Celery
from sqlalchemy import text

from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.entry import Entry
from src.domain.fire import OPEN, Fire
from src.domain.ports import Sent, Unsent
from src.pipeline.context import Context
from src.tasks.publisher import CeleryCarrier
from tests.integration.scheduling import rows

PROBE = "tests.integration.tasks.probe_app"
QUEUES = "scheduler,data_collection,quality,monitoring,maintenance"

#: A message whose worker vanished comes back after a second, instead of after hours.
IMPATIENT = {"visibility_timeout": 1, "unacked_restore_interval": 0.2, "unacked_restore_throttle": 1}

T = TypeVar("T")


@dataclass(frozen=True)
class Running:
    """A worker process; it leads a process group of its own."""

    process: subprocess.Popen[bytes]
    log: Path

    def logged(self, words: str) -> None:
        """Wait until the worker has said `words`."""
        until(lambda: words in self.log.read_text(), f"the worker to say {words!r}")

    def kill(self) -> None:
        """Kill the worker and its children, as the loss of a machine does."""
        with_group(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


class Worker(Protocol):
    """Starts a prefork worker; it is asked to stop and awaited at the end."""

    def __call__(
        self,
        *,
        broker: str | None = None,
        app: str = "src.tasks.celery_app",
        concurrency: int = 1,
        transport: Mapping[str, float] | None = None,
    ) -> AbstractContextManager[Running]:
        """`broker` stands for the session's Valkey, `transport` overrides options of probe_app's broker."""


@pytest.fixture
def carrier(app: Celery) -> Iterator[CeleryCarrier]:
    """What Beat sends with."""
    made = CeleryCarrier(app)
    yield made
    made.close()


@pytest.fixture
def worker(redis_url: str, database_url: str, server_folder: Path, tmp_path: Path) -> Worker:
    """Start prefork workers, one child each unless more are asked for."""

    @contextmanager
    def start(
        *,
        broker: str | None = None,
        app: str = "src.tasks.celery_app",
        concurrency: int = 1,
        transport: Mapping[str, float] | None = None,
    ) -> Iterator[Running]:
        environment = os.environ | {
            "REDIS_URL": broker or redis_url,
            "DATABASE_URL": database_url,
            "PROBE_TRANSPORT": json.dumps(transport or {}),
        }
        log = tmp_path / f"worker-{len(list(tmp_path.glob('worker-*')))}.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", app, "worker", f"--concurrency={concurrency}",
                 f"--queues={QUEUES}", "--without-mingle"],
                env=environment, stdout=out, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            yield Running(process, log)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            with_group(process.pid, signal.SIGKILL)
            process.wait()
            sys.stdout.write(log.read_text())

    return start


@pytest.fixture
def gate(database: Database) -> None:
    """The tables that probe_app's tasks write and wait on."""
    with database.session() as session:
        session.execute(text("create table effects (task_id text, what text, fire text)"))
        session.execute(text("create table gate (open boolean)"))


def hand_over(carrier: CeleryCarrier, fire: Fire, entry: Entry) -> None:
    """Send one fire as its entry says."""
    taken: list[Sent] = []
    item = Unsent(fire=fire, entry=entry, since=fire.due_at)
    assert carrier.send([item], taken.append) == []
    assert [sent.id for sent in taken] == [fire.id]


@contextmanager
def shut(url: str, table: str = "gate") -> Iterator[None]:
    """Keep every reader of `table` waiting."""
    link = psycopg2.connect(url)
    with link.cursor() as cursor:
        cursor.execute(f"lock table {table} in access exclusive mode")
    try:
        yield
    finally:
        link.close()


def effects(database: Database, task_id: object, what: str = "ran") -> int:
    """Return how often a body left `what` under this task id."""
    with database.session() as session:
        found = session.scalar(
            text("select count(*) from effects where task_id = :id and what = :what"),
            {"id": str(task_id), "what": what},
        )
    return int(found or 0)


def with_group(leader: int, number: signal.Signals) -> None:
    """Send a signal to a process group, where any of it is left."""
    with suppress(ProcessLookupError):
        os.killpg(leader, number)


def until(found: Callable[[], T], what: str, within_s: float = 60) -> T:
    """Ask again until the answer is true; return it."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        time.sleep(0.02)
    raise AssertionError(f"waited {within_s} s for {what}")


def row_of(ctx: Context, fire: Fire) -> FireRow:
    """Return the fire's row as it stands."""
    return rows.row_of(ctx.database, fire.id)


def row_that(
    database: Database, fire: Fire, fits: Callable[[FireRow], bool], what: str, within_s: float = 60
) -> FireRow:
    """Wait until the fire's row fits and return it."""

    def look() -> FireRow | None:
        row = rows.row_of(database, fire.id)
        return row if fits(row) else None

    return until(look, f"{fire.entry} {what}", within_s)


def begun(ctx: Context, fire: Fire, attempts: int = 1) -> FireRow:
    """Wait until a worker has begun the fire for that time."""
    return row_that(
        ctx.database,
        fire,
        lambda row: row.attempts >= attempts and row.worker is not None,
        f"to be begun {attempts} times",
    )


def outcome(ctx: Context, fire: Fire, within_s: float = 60) -> FireRow:
    """Wait until the fire has ended and return its row."""
    return row_that(ctx.database, fire, lambda row: row.state not in OPEN, "to end", within_s)


def wanted(database: Database, fire: Fire) -> Fire:
    """Write the row of a fire as Beat's claim does."""
    return rows.wanted(database, fire, fire.due_at)
