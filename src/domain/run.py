"""Runs: fires of the ledger as what they are to whoever watches over them, Celery tasks or flow runs."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from src.domain.edit import Refused
from src.domain.fire import FireId, FireState


class RunKind(StrEnum):
    """What runs: a Celery task, or a flow of Prefect's."""

    TASK = "task"
    FLOW = "flow"


class UnknownRun(Refused):
    """No run goes by that id, or several do."""


class WrongState(Refused):
    """What was asked of a run cannot be done in the state that it is in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """A fire with the entry that it is of; times are UTC.

    `target` is the task or the deployment, and `runs_on` where a flow runs: celery or pool. `duration_s` is
    from its beginning to its end, of one that has not ended to now.
    """

    fire: FireId
    entry: str
    kind: RunKind
    target: str
    runs_on: str
    state: FireState
    due_at: datetime
    by_hand: bool
    sent_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    duration_s: float | None
    attempts: int
    worker: str | None
    flow_run_id: str | None
    reason: str | None
    parameters: dict[str, Any]
    result: dict[str, Any] | None


@dataclass(frozen=True, kw_only=True, slots=True)
class StepProgress:
    """How many items of a step of a run are done, of those that have arrived; `at` is the last one's time."""

    step: str
    done: int
    arrived: int
    at: datetime
