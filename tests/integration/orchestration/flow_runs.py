"""Runs of a flow's deployment on a real Prefect server, run in this process as a worker would."""

import time
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID, uuid4

from prefect import Flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import Pause, PrefectHTTPStatusError
from prefect.flow_engine import run_flow
from prefect.states import Pending, Suspended

T = TypeVar("T")


def asked(call: Callable[[SyncPrefectClient], T]) -> T:
    """Ask Prefect, again where its SQLite was locked for a moment."""
    with get_client(sync_client=True) as client:
        for _ in range(20):
            try:
                return call(client)
            except PrefectHTTPStatusError as error:
                if error.response.status_code != 503:
                    raise
                time.sleep(0.1)
    raise AssertionError("Prefect answered 503 twenty times")


def create(flow: Flow[..., Any], tags: tuple[str, ...] = (), **parameters: Any) -> FlowRun:
    """Create a run of a deployment of `flow`, in state Pending."""
    flow_id = asked(lambda client: client.create_flow(flow))
    deployment = asked(lambda client: client.create_deployment(flow_id=flow_id, name=f"d-{uuid4().hex}"))
    return asked(
        lambda client: client.create_flow_run_from_deployment(
            deployment, parameters=parameters, state=Pending(), tags=list(tags)
        )
    )


def attempt(flow: Flow[..., Any], run: UUID) -> State[Any] | None:
    """Run the flow run once, as a worker does; return its state where it did not end in a pause."""
    try:
        state: Any = run_flow(flow, flow_run=read(run), return_type="state")
    except Pause:
        return None
    return state


def read(run: UUID) -> FlowRun:
    return asked(lambda client: client.read_flow_run(run))


def resume(run: UUID) -> None:
    asked(lambda client: client.resume_flow_run(run))


def suspend(run: UUID) -> None:
    """Suspend a running flow run from outside, as Prefect's UI does."""
    asked(lambda client: client.set_flow_run_state(run, Suspended(timeout_seconds=600)))
