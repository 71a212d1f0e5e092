"""Reads what became of flow runs: their marks, Prefect's times, the ledger."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import psycopg2

from benchmarks.bridge.samples import Run
from benchmarks.bridge.stage import Stage, until
from src.domain.fire import OPEN
from src.scheduling.bridge.records import FlowRun

#: The ledger is looked at so often while an end is awaited.
_LOOK_S = 0.002
_LONGEST_S = 120.0

_OF_FIRE = "select finished_at is not null, state, reason from fires where id = %s"
_ALL = "select id, due_at, state, reason from fires order by due_at, entry"


@dataclass(frozen=True)
class Mark:
    """Where and when a flow's own code began."""

    at: float
    process: int


@dataclass(frozen=True)
class FireSeen:
    """A row of the ledger."""

    id: str
    due: float
    state: str
    reason: str | None


class Ledger:
    """The ledger, read from outside, each statement by itself."""

    def __init__(self, stage: Stage) -> None:
        self._link = psycopg2.connect(stage.servers.postgres.url)
        self._link.autocommit = True

    def close(self) -> None:
        self._link.close()

    def seen_ended(self, fire: object) -> float:
        """Wait for a fire to have ended; return when that was seen (Unix seconds)."""
        deadline = time.monotonic() + _LONGEST_S
        while True:
            ((ended, state, reason),) = self._rows(_OF_FIRE, (str(fire),))
            if ended:
                seen = time.time()
                if state != "succeeded":
                    raise RuntimeError(f"a fire ended as {state}: {reason}")
                return seen
            if time.monotonic() > deadline:
                raise RuntimeError(f"a fire did not end: {state} {reason or ''}")
            time.sleep(_LOOK_S)

    def fires(self) -> list[FireSeen]:
        """All fires, by due time."""
        return [
            FireSeen(str(fire), due.timestamp(), state, reason)
            for fire, due, state, reason in self._rows(_ALL, ())
        ]

    def _rows(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self._link.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()


def is_open(fire: FireSeen) -> bool:
    """Whether the fire has still to end."""
    return fire.state in {state.value for state in OPEN}


def marks(stage: Stage) -> dict[str, list[Mark]]:
    """All marks, by flow run."""
    found: dict[str, list[Mark]] = defaultdict(list)
    for line in stage.marks.read_text().splitlines() if stage.marks.exists() else ():
        run_id, at, process = line.split()
        found[run_id].append(Mark(float(at), int(process)))
    return found


def runs_of(stage: Stage, fires: Iterable[object]) -> dict[str, list[FlowRun]]:
    """The flow runs of fires: their keys are the fires' ids, and their tags name them."""
    found = defaultdict(list)
    for run in stage.client.flow_runs(keys=[str(fire) for fire in fires]):
        found[str(run.key)].append(run)
    return found


def begun(stage: Stage, run_id: str) -> Mark:
    """Wait, without asking Prefect, until the flow's own code has begun."""
    until(lambda: run_id in marks(stage), f"flow run {run_id} to begin", _LONGEST_S, 0.02)
    return marks(stage)[run_id][0]


def measured(stage: Stage, run_id: str, due: float, mark: Mark, seen: float | None = None) -> Run:
    """The times of a flow run that has begun its own code; waits for its end in Prefect."""
    client = stage.client

    def look() -> FlowRun | None:
        run = client.flow_run(run_id)
        return run if run is not None and run.ended else None

    return as_run(until(look, f"flow run {run_id} to end", _LONGEST_S, 0.2), due, mark, seen)


def as_run(run: FlowRun, due: float, mark: Mark, seen: float | None = None) -> Run:
    """The times of a flow run that has ended; raise RuntimeError where it ended badly."""
    if run.state_type != "COMPLETED" or run.started_at is None or run.finished_at is None:
        raise RuntimeError(f"a flow run ended as {run.state_name}: {run.message}")
    return Run(
        due=due,
        running=run.started_at.timestamp(),
        first_line=mark.at,
        ended=run.finished_at.timestamp(),
        seen=seen,
        process=mark.process,
    )
