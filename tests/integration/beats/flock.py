"""Beats under test: started, killed, frozen; and what they left in the ledger and in the broker."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import UUID

import redis
from sqlalchemy import select

from src.database import outcomes
from src.database.connection import Database
from src.database.locks import AdvisoryLock
from src.database.tables.schedule import FireRow
from src.domain.fire import FireId, FireState
from tests.integration.beats.nursery import DIES_BEFORE_SEND

PATIENCE_S = 60.0


@dataclass
class Flock:
    """Beats on one Postgres and one broker; no worker runs, so messages stay where they are put."""

    nursery: "subprocess.Popen[str]"
    database: Database
    database_url: str
    broker: redis.Redis
    every: timedelta
    log: Path

    def start(self, faults: str = "") -> int:
        """Start a Beat and return its process id."""
        assert self.nursery.stdin is not None
        assert self.nursery.stdout is not None
        self.nursery.stdin.write(f"{faults}\n")
        self.nursery.stdin.flush()
        return int(self.nursery.stdout.readline())

    def leader(self, *, after_epoch: int = 0) -> tuple[int, int]:
        """Wait for a leader of a later epoch that has claimed something; return its process id and epoch."""

        def look() -> tuple[int, int] | None:
            rows = self.query(
                "select holder, epoch from leadership where epoch > %s"
                " and exists (select from fires f where f.epoch = leadership.epoch)",
                after_epoch,
            )
            return (int(rows[0][0].rpartition(":")[2]), int(rows[0][1])) if rows else None

        return self.wait_for(look, "a leader that fires")

    def wait_for_a_standby(self) -> None:
        """Wait until a Beat stands in line for the lock."""
        in_line = "select 1 from pg_locks where locktype = 'advisory' and objid = %s and not granted"
        self.wait_for(lambda: self.query(in_line, AdvisoryLock.LEADERSHIP.value), "Beat that stands by")

    def wait_for(self, look: Callable[[], Any], what: str) -> Any:
        until = time.monotonic() + PATIENCE_S
        while not (found := look()):
            if time.monotonic() > until:
                raise AssertionError(f"no {what} within {PATIENCE_S:g} s:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.005)
        return found

    def wait_for_fires_after(self, moment: datetime) -> None:
        """Wait until the leader fires what is due after `moment`."""
        self.wait_for(
            lambda: self.query("select 1 from fires where due_at > %s and state = 'sent' limit 1", moment),
            f"fire after {moment}",
        )

    def query(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.engine.connect() as link:
            return [tuple(row) for row in link.exec_driver_sql(statement, values or None)]

    def now(self) -> datetime:
        return datetime.now(UTC)  # noqa: TID251 - real Beats fire by real time

    def messages(self) -> list[FireId]:
        """The fires in the broker, in the order in which a worker would take them."""
        lists = [key for key in self.broker.keys("quality*") if self.broker.type(key) == b"list"]
        texts = [text for key in sorted(lists) for text in reversed(self.broker.lrange(key, 0, -1))]
        return [FireId(UUID(json.loads(text)["headers"]["id"])) for text in texts]

    def check_each_due_time_took_effect_once(self, until: datetime) -> dict[str, int]:
        """Hold ledger and broker against the due times; run every message as a worker would.

        Returns what there is to tell: fires, messages, and messages that were sent again under the same id.
        """
        with self.database.session() as session:
            rows = session.scalars(select(FireRow).where(FireRow.due_at <= until)).all()
        by_entry: dict[str, list[datetime]] = {}
        for row in sorted(rows, key=lambda row: row.due_at):
            by_entry.setdefault(row.entry, []).append(row.due_at)
        for entry, times in by_entry.items():
            steps = Counter(later - earlier for earlier, later in pairwise(times))
            assert set(steps) <= {self.every}, f"{entry} has gaps: {steps}"
            assert until - times[-1] < self.every, f"{entry} ends at {times[-1]}, not at {until}"
        states = Counter(row.state for row in rows)
        assert set(states) <= {FireState.SENT, FireState.CLAIMED}, f"some did not run: {states}"
        messages = self.messages()
        effects = Counter(self._begun(messages))
        assert set(effects) >= {row.id for row in rows}, "some have no message"
        assert set(effects.values()) <= {1}
        return {
            "fires": len(rows),
            "messages": len(messages),
            "sent_again": len(messages) - len(set(messages)),
        }

    def _begun(self, messages: list[FireId]) -> Iterator[FireId]:
        """The fires that a worker would run, message by message."""
        with self.database.session() as session:
            for fire in messages:
                if outcomes.begin(session, fire, "one@test/1", self.now(), timedelta(minutes=5)):
                    yield fire

    def entries(self) -> int:
        return int(self.query("select count(*) from schedule_entries")[0][0])


@contextmanager
def flock(
    folder: Path, database_url: str, redis_url: str, *, entries: int = 20, every_s: float = 0.2,
    lease_s: float = 10.0, window_s: float = 3600.0,
) -> Iterator[Flock]:  # fmt: skip
    """Open a nursery of Beats; everything it started has ended when this returns."""
    settings = {"entries": entries, "every_s": every_s, "lease_s": lease_s, "window_s": window_s}
    nowhere = "http://127.0.0.1:9/api"
    with hatched("tests.integration.beats.nursery", settings, folder, database_url, redis_url, nowhere) as it:
        yield it


@contextmanager
def hatched(
    nursery_module: str, settings: Mapping[str, Any], folder: Path, database_url: str, redis_url: str,
    prefect_url: str,
) -> Iterator[Flock]:  # fmt: skip
    """Open the nursery `nursery_module`; everything it started has ended when this returns."""
    log = folder / "beats.log"
    log.touch()
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PREFECT_API_URL": prefect_url,
        "BEAT_LOG": str(log),
    }
    nursery = subprocess.Popen(
        [sys.executable, "-m", nursery_module, json.dumps(settings)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment,
    )  # fmt: skip
    database = Database(database_url)
    broker = redis.Redis.from_url(redis_url)
    every = timedelta(seconds=settings.get("every_s", 0))
    try:
        yield Flock(nursery, database, database_url, broker, every, log)
    finally:
        nursery.communicate(timeout=30)
        database.close()
        broker.close()


def freeze(pid: int) -> None:
    os.kill(pid, signal.SIGSTOP)


def thaw(pid: int) -> None:
    os.kill(pid, signal.SIGCONT)


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


__all__ = ["DIES_BEFORE_SEND", "Flock", "flock", "freeze", "kill", "thaw"]
