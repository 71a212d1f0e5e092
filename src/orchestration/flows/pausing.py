"""How a flow pauses between two items and goes on later: its process is freed, its progress is kept.

A pause ends the attempt in Prefect's state Suspended. Resumed, the flow runs from the top, on any worker; the
steps leave out what is done, and the window stays that of the first attempt.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NoReturn
from uuid import UUID, uuid4

from prefect.context import FlowRunContext
from prefect.exceptions import Pause
from prefect.flow_runs import suspend_flow_run

from src.core.errors import BadData, Transient
from src.core.logging import get_logger
from src.database import checkpoints
from src.domain.summary import SourceSummary
from src.orchestration.flows.envelope import pause_requested
from src.pipeline.context import Context
from src.pipeline.progress import PauseRequested, PauseSwitch, Progress

log = get_logger(__name__)

#: How long a paused run may be resumed, in seconds, unless its flow is told otherwise.
PAUSE_TIMEOUT_S = int(timedelta(days=1).total_seconds())

_SWITCH: ContextVar[PauseSwitch | None] = ContextVar("pause_switch", default=None)


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a task returns that stopped for a pause: it has neither failed nor come to its end."""

    summary: SourceSummary | None


@contextmanager
def pausable(after: int | None, timeout_s: int) -> Iterator[None]:
    """Let a flow's body pause where Prefect asks for it, or once `after` items were begun in this attempt.

    A pause that the body comes to suspends the flow run, for `timeout_s` seconds at most, by raising
    Prefect's Pause, which must reach the engine. Raises BadData where the numbers make no sense, or where
    `after` is asked of a run without a deployment: Prefect could not start it again.
    """
    _check(after, timeout_s)
    token = _SWITCH.set(PauseSwitch(pause_requested, after))
    try:
        yield
    except PauseRequested as pause:
        _suspend(pause, timeout_s)
    finally:
        _SWITCH.reset(token)


def _check(after: int | None, timeout_s: int) -> None:
    if timeout_s < 1:
        raise BadData(f"pause_timeout_s is {timeout_s}: it must be at least 1 second, as 86400 for a day")
    run = FlowRunContext.get()
    if after is not None and (run is None or run.flow_run is None or run.flow_run.deployment_id is None):
        raise BadData(
            f"pause_after is {after}, but this run has no deployment, so that Prefect cannot resume it: "
            "start it from its deployment, as `matchbeat flows trigger titan-regular-deployment`"
        )


def _suspend(pause: PauseRequested, timeout_s: int) -> NoReturn:
    run = FlowRunContext.get()
    if run is None:
        raise pause
    log.info("flow_run_pauses", reason=str(pause))
    # Asked for from outside, the run is Suspended already and only has to stop.
    if (state := run.flow_run_suspension_request.get_state()) is not None:
        raise Pause(state=state)
    # Prefect lets a key pause a run once, and its own keys count from 1 in each attempt.
    suspend_flow_run(timeout=timeout_s, key=str(uuid4()))
    raise Transient(f"Prefect let the run go on where it should pause: {pause}")


def until_paused(collect: Callable[[], SourceSummary]) -> SourceSummary | Stopped:
    """Return what `collect` did, or that it stopped for a pause."""
    try:
        return collect()
    except PauseRequested as pause:
        return Stopped(pause.summary)


def progress(ctx: Context, step: str) -> Progress:
    """Return how far this run has come in `step`, pausing when its flow does."""
    return Progress(ctx.database, _run(ctx), step, _SWITCH.get())


def begun_at(ctx: Context) -> datetime:
    """Return when the run's first attempt began (aware), so that each attempt works on the same window."""
    now, run = ctx.clock.now(), _run(ctx)
    if run is None:
        return now
    with ctx.database.session() as session:
        return checkpoints.begin(session, run, now)


def _run(ctx: Context) -> UUID | None:
    """Return what the run's progress goes by; None where it can have no second attempt."""
    if ctx.fire is not None:
        return ctx.fire
    run: Any = FlowRunContext.get()
    return run.flow_run.id if run and run.flow_run and run.flow_run.deployment_id else None
