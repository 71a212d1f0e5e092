"""Writes begin and end of a flow run into the fire ledger, from the flow's own process, as Prefect has them.

Prefect calls each hook by the names `flow`, `flow_run` and `state`. A hook never breaks a run: what it could
not write, the leader's sweep finds in Prefect.
"""

from typing import TYPE_CHECKING, Any

from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

from src.core.errors import MatchbeatError, Transient
from src.core.logging import get_logger
from src.database import outcomes
from src.domain.fire import FireId, FireState
from src.orchestration.flows.fire_of_run import fire_of_run
from src.pipeline.context import context

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import FlowRun, State

log = get_logger(__name__)

#: How long a hook waits for a Postgres that is away, in seconds; the run's process is held meanwhile.
PATIENCE_S = 15.0

_LONGEST_REASON = 500


def record_running(flow: "Flow[..., Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Note that the run's fire has begun, where a work pool runs it; its connection serves the end too."""
    fire = fire_of_run(flow_run)
    if fire is None:
        return
    try:
        with context().database.session() as session:
            outcomes.mark_started(session, fire, state.timestamp)
    except MatchbeatError as error:  # the run's end, or the leader's sweep, tells of it too
        log.warning("fire_begin_not_written", fire=str(fire), reason=str(error))


def record_completed(flow: "Flow[..., Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Close the run's fire as succeeded."""
    _record(flow_run, state, FireState.SUCCEEDED)


def record_failed(flow: "Flow[..., Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Close the run's fire as failed, with the state's message as its reason."""
    _record(flow_run, state, FireState.FAILED)


def record_cancelled(flow: "Flow[..., Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Close the run's fire as revoked."""
    _record(flow_run, state, FireState.REVOKED)


def note_crashed(flow: "Flow[..., Any]", flow_run: "FlowRun", state: "State[Any]") -> None:
    """Say in the log that the run crashed; whether its fire is run again is its entry's policy."""
    log.warning(
        "flow_run_crashed",
        flow=flow.name,
        flow_run=str(flow_run.id),
        fire=_told(flow_run),
        reason=state.message,
    )


def _record(flow_run: "FlowRun", state: "State[Any]", end: FireState) -> None:
    fire = fire_of_run(flow_run)
    if fire is None:
        return
    patient = Retrying(
        stop=stop_after_delay(PATIENCE_S),
        wait=wait_exponential(multiplier=0.1, max=1),
        retry=retry_if_exception_type(Transient),
        reraise=True,
    )
    try:
        written = patient(_finish, fire, flow_run, state, end)
    except MatchbeatError as error:
        log.warning("fire_end_not_written", fire=str(fire), state=end.value, reason=str(error))
    else:
        log.info("flow_run_ended", fire=str(fire), state=end.value, first=written)


def _finish(fire: FireId, flow_run: "FlowRun", state: "State[Any]", end: FireState) -> bool:
    reason = None if end is FireState.SUCCEEDED else (state.message or "")[:_LONGEST_REASON] or None
    with context().database.session() as session:
        return outcomes.finish(
            session, fire, end, state.timestamp, reason=reason, started_at=flow_run.start_time
        )


def _told(flow_run: "FlowRun") -> str | None:
    fire = fire_of_run(flow_run)
    return None if fire is None else str(fire)


#: Options of every flow: its begin and each end reach the ledger.
REPORTED: dict[str, Any] = {
    "on_running": [record_running],
    "on_completion": [record_completed],
    "on_failure": [record_failed],
    "on_cancellation": [record_cancelled],
    "on_crashed": [note_crashed],
}
