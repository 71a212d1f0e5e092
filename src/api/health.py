"""Health: is this process alive, and does each part it stands on answer."""

from typing import Any, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel
from starlette.requests import Request

from src.api.parts import PartState, examine_all, examine_within, looks
from src.api.wiring import Ctx, redis_client

router = APIRouter(tags=["health"])

Verdict = Literal["ok", "down"]


class Alive(BaseModel):
    """The process answers."""

    status: Literal["ok"] = "ok"


class PartHealth(BaseModel):
    """One part; `remedy` says what to do where it is down."""

    part: str
    status: Verdict
    latency_ms: float
    detail: str
    remedy: str | None = None


class Health(BaseModel):
    """All parts; `down` names those that do not answer."""

    status: Verdict
    down: list[str]
    parts: list[PartHealth]


_DOWN: dict[int | str, dict[str, Any]] = {503: {"model": PartHealth, "description": "The part is down"}}


@router.get("/health")
def alive() -> Alive:
    """Tell that this process is alive, whatever the state of the others."""
    return Alive()


@router.get("/health/detailed", responses={503: {"model": Health, "description": "Some part is down"}})
def detailed(request: Request, ctx: Ctx, response: Response) -> Health:
    """Tell of every part whether it answers, and how fast."""
    states = examine_all(ctx, lambda: redis_client(request))
    down = [state.name for state in states if not state.ok]
    if down:
        response.status_code = 503
    return Health(status="down" if down else "ok", down=down, parts=[_told(state) for state in states])


@router.get("/health/database", responses=_DOWN)
def database(request: Request, ctx: Ctx, response: Response) -> PartHealth:
    """Tell whether Postgres answers."""
    return _one("database", request, ctx, response)


@router.get("/health/redis", responses=_DOWN)
def redis(request: Request, ctx: Ctx, response: Response) -> PartHealth:
    """Tell whether Redis answers."""
    return _one("redis", request, ctx, response)


def _one(name: str, request: Request, ctx: Ctx, response: Response) -> PartHealth:
    (state,) = examine_within({name: looks(ctx, lambda: redis_client(request))[name]})
    if not state.ok:
        response.status_code = 503
    return _told(state)


def _told(state: PartState) -> PartHealth:
    return PartHealth(
        part=state.name,
        status="ok" if state.ok else "down",
        latency_ms=state.latency_ms,
        detail=state.detail,
        remedy=state.remedy,
    )
