"""Runs over HTTP, Celery tasks and flow runs alike: to be read, and controlled by whoever bears the token."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from src.api.access import require_token
from src.api.problems import Problem
from src.api.revoking import revoke
from src.api.wiring import Ctx
from src.domain.edit import Author
from src.domain.fire import FireState
from src.domain.run import Run, RunKind
from src.pipeline import run_control
from src.pipeline.run_control import PAUSE_S, Revoke, RunChange
from src.pipeline.runs import ClientOf, RunDetails, RunLog, list_runs, prefect_client, run_logs, show_run

_UNKNOWN: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "No run, or several, goes by that id"},
    503: {"model": Problem, "description": "Prefect or the broker is away"},
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The token is missing or wrong"},
    403: {"model": Problem, "description": "MATCHBEAT_API_TOKEN is not set"},
    409: {"model": Problem, "description": "The run is not in a state for that"},
    422: {"model": Problem, "description": "A field is wrong"},
    **_UNKNOWN,
}

router = APIRouter(tags=["runs"])
_control = APIRouter(tags=["runs"], dependencies=[Depends(require_token)], responses=_REFUSED)


class Runs(BaseModel):
    """Runs, newest first."""

    count: int
    runs: list[Run]


class Reason(BaseModel):
    """Who asks, and why."""

    model_config = ConfigDict(extra="forbid")

    who: str
    why: str


class Pause(BaseModel):
    """The run fails where it is not resumed within `timeout_s` seconds."""

    model_config = ConfigDict(extra="forbid")

    timeout_s: float = PAUSE_S


def _client_of(ctx: Ctx) -> ClientOf:
    return lambda: prefect_client(ctx)


def _revoke_of(request: Request) -> Revoke:
    given: Revoke | None = getattr(request.app.state, "revoke", None)
    return revoke if given is None else given


Client = Annotated[ClientOf, Depends(_client_of)]


@router.get("/runs")
def runs(
    ctx: Ctx,
    entry: str | None = None,
    state: Annotated[list[FireState] | None, Query()] = None,
    kind: RunKind | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 50,
) -> Runs:
    """Return the newest runs: those of one entry, in some states, or of one kind."""
    found = list_runs(ctx, entry=entry, states=state or (), kind=kind, limit=limit)
    return Runs(count=len(found), runs=found)


@router.get("/runs/{run}", responses=_UNKNOWN)
def one(ctx: Ctx, client: Client, run: str) -> RunDetails:
    """Return one run by its fire's or flow run's id, or the first four digits or more of it."""
    return show_run(ctx, client, run)


@router.get("/runs/{run}/logs", responses=_UNKNOWN)
def logs(
    ctx: Ctx,
    client: Client,
    run: str,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
) -> RunLog:
    """Return what a run logged, oldest first."""
    return run_logs(ctx, client, run, limit=limit, offset=offset)


@_control.post("/runs/{run}/cancel")
def cancel(
    ctx: Ctx, client: Client, revoke: Annotated[Revoke, Depends(_revoke_of)], run: str, reason: Reason
) -> RunChange:
    """End a task or a flow run."""
    return run_control.cancel_run(ctx, client, revoke, run, Author(who=reason.who, why=reason.why))


@_control.post("/runs/{run}/pause")
def pause(ctx: Ctx, client: Client, run: str, change: Pause | None = None) -> RunChange:
    """Pause a flow run at its next checkpoint."""
    return run_control.pause_run(ctx, client, run, (change or Pause()).timeout_s)


@_control.post("/runs/{run}/resume")
def resume(ctx: Ctx, client: Client, run: str) -> RunChange:
    """Let a paused flow run go on."""
    return run_control.resume_run(ctx, client, run)


router.include_router(_control)
