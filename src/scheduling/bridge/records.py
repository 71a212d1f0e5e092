"""What Prefect's REST API answers, as records; times are aware."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from src.core.errors import Misconfigured
from src.domain.fire import FireState

#: Prefect's state types (its REST API, `StateType`) in the words of the ledger; the rest is still under way.
_STATES = {
    "RUNNING": FireState.STARTED,
    "PAUSED": FireState.STARTED,
    "CANCELLING": FireState.STARTED,
    "COMPLETED": FireState.SUCCEEDED,
    "FAILED": FireState.FAILED,
    "CRASHED": FireState.FAILED,
    "CANCELLED": FireState.REVOKED,
}

#: The state types that a flow run does not leave by itself.
ENDED = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


class UnknownDeployment(Misconfigured):
    """Prefect has no deployment of that name."""


class UnknownRun(Misconfigured):
    """Prefect has no flow run of that id, or has it no more."""


class Refused(Misconfigured):
    """Prefect's rules do not allow the step from the state that the run is in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A deployment as Prefect holds it; `parameter_schema` is the JSON schema of its flow's parameters."""

    id: str
    name: str
    flow_id: str
    work_pool: str | None
    paused: bool
    parameters: Mapping[str, Any]
    parameter_schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowRun:
    """A flow run as Prefect tells it; `key` is its idempotency key, and `run_count` how often it began.

    `state_at` is since when it is in its state, by Prefect's clock; `scheduled_at` when that state wants it
    to start, and `expected_start` when its first one did. `message` is what its state says; `tags` are in the
    order of the alphabet. A run without a deployment or a work pool has None there. `has_process` where a
    worker has told of the process that runs it.
    """

    id: str
    name: str
    key: str | None
    deployment_id: str | None
    state_type: str
    state_name: str
    state_at: datetime | None = None
    scheduled_at: datetime | None = None
    message: str | None
    parameters: Mapping[str, Any]
    tags: Sequence[str]
    expected_start: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    work_pool: str | None
    run_count: int
    pause_until: datetime | None = None
    has_process: bool

    @property
    def ended(self) -> bool:
        """Whether it has come to its end."""
        return self.state_type in ENDED

    @property
    def ledger_state(self) -> FireState:
        """Its state in the ledger's words; one that has not begun is sent."""
        return _STATES.get(self.state_type, FireState.SENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of a flow run's log; `level` is a name such as INFO."""

    at: datetime
    level: str
    message: str


def deployment(told: Mapping[str, Any]) -> Deployment:
    """Read a deployment."""
    return Deployment(
        id=str(told["id"]),
        name=str(told["name"]),
        flow_id=str(told["flow_id"]),
        work_pool=told.get("work_pool_name"),
        paused=bool(told.get("paused")),
        parameters=dict(told.get("parameters") or {}),
        parameter_schema=dict(told.get("parameter_openapi_schema") or {}),
    )


def flow_run(told: Mapping[str, Any]) -> FlowRun:
    """Read a flow run."""
    state = told.get("state") or {}
    details = state.get("state_details") or {}
    type_ = str(state.get("type") or told.get("state_type") or "PENDING")
    finished = told.get("end_time") or (state.get("timestamp") if type_ in ENDED else None)
    return FlowRun(
        id=str(told["id"]),
        name=str(told["name"]),
        key=told.get("idempotency_key"),
        deployment_id=told.get("deployment_id"),
        state_type=type_,
        state_name=str(state.get("name") or told.get("state_name") or type_.capitalize()),
        state_at=_time(state.get("timestamp")),
        scheduled_at=_time(details.get("scheduled_time")),
        message=state.get("message"),
        parameters=dict(told.get("parameters") or {}),
        tags=tuple(sorted(told.get("tags") or ())),
        expected_start=_time(told.get("expected_start_time")),
        started_at=_time(told.get("start_time")),
        finished_at=_time(finished),
        work_pool=told.get("work_pool_name"),
        run_count=int(told.get("run_count") or 0),
        has_process=bool(told.get("infrastructure_pid")),
        pause_until=_time(details.get("pause_timeout")),
    )


def log_line(told: Mapping[str, Any]) -> LogLine:
    """Read a line of a log."""
    return LogLine(
        at=datetime.fromisoformat(told["timestamp"]),
        level=logging.getLevelName(int(told["level"])),
        message=str(told["message"]),
    )


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None
