"""What every flow shares: its context, its limit, when a task is tried again, how it reports."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.states import Completed
from prefect.tasks import exponential_backoff

from src.core.errors import BadData, Transient
from src.core.logging import use_structlog
from src.database.outcomes import record_result
from src.domain.fire import FireId
from src.orchestration.flows.fire_of_run import fire_of_run
from src.pipeline.context import Context, context
from src.scheduling.catalog import find

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun

#: Seconds before the first repetition; it doubles with each.
FIRST_DELAY_S = 2.0


def is_transient(_task: "Task[..., Any]", _run: "TaskRun", state: "State[Any]") -> bool:
    """Tell whether a failed task is worth another try: only what heals by waiting is."""
    return isinstance(state.data, Transient)


#: Options of a task that repeats what failed for now. Results are never cached: the same call a day later
#: must ask the source again.
RETRYING: dict[str, Any] = {
    "retries": 3,
    "retry_delay_seconds": exponential_backoff(FIRST_DELAY_S),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": is_transient,
    "cache_policy": NO_CACHE,
}

#: Options of a task that is done once.
ONCE: dict[str, Any] = {"cache_policy": NO_CACHE}


def limit_s(entry: str) -> float:
    """Return the seconds that the catalog allows a run of `entry`."""
    return find(entry).limit.total_seconds()


def seconds(*, minutes: float) -> float:
    """Return `minutes` in seconds."""
    return timedelta(minutes=minutes).total_seconds()


def working_context(fire_id: str | None) -> Context:
    """Return this process's context, working for the fire `fire_id`; raise BadData where that is no UUID.

    Without one, the fire is that which a tag of the flow run names, if any.
    """
    use_structlog()
    fire = _tagged() if fire_id is None else _fire(fire_id)
    if fire is None:
        return context()
    structlog.contextvars.bind_contextvars(fire=str(fire))
    return context().for_fire(fire)


def _tagged() -> FireId | None:
    run = FlowRunContext.get()
    return None if run is None or run.flow_run is None else fire_of_run(run.flow_run)


def _fire(text: str) -> FireId:
    try:
        return FireId(UUID(text))
    except ValueError:
        raise BadData(f"fire_id {text!r} is not a UUID: pass the id of a row of the fire ledger") from None


def pause_requested() -> bool:
    """Tell whether this flow run was asked to pause: Prefect, or who watches it here, has it as Suspended."""
    run = FlowRunContext.get()
    return run is not None and run.flow_run_suspension_request.is_requested()


def completed(ctx: Context, summary: Mapping[str, Any], message: str) -> "State[Any]":
    """Keep `summary` beside the fire, and return the end state of the run.

    Who called the flow gets `summary`; who lists runs in Prefect reads `message`.
    """
    if ctx.fire is not None:
        with ctx.database.session() as session:
            record_result(session, ctx.fire, summary)
    return Completed(data=dict(summary), message=message)
