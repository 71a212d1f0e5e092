"""Our pages and read-only routes beside Prefect's UI and API, in one ASGI application.

`uvicorn src.api.beside_prefect:create_app --factory --port 4200` serves Prefect at `/` and `/api`, and the
dashboard, schedule, health and predictions below `/matchbeat`. Nothing can be changed below `/matchbeat`,
whatever token is sent: changes belong to the API of its own, which has its own address.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import redis
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.applications import Starlette
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from src.api import dashboard, documentation, health, metrics, predictions, problems, schedule, stats
from src.api.app import STATIC, HeadAsGet, with_headers
from src.api.problems import Problem, answer
from src.pipeline.context import Context

#: Where ours lies. Prefect's UI has no page of this name.
PREFIX = "/matchbeat"

_READS = ("GET", "HEAD")
#: Links of our pages that start at the root of the host.
_ROOTED = re.compile(rb'(\s(?:href|src)=")/(?!/)')


def create_app(ctx: Context | None = None, client: "redis.Redis | None" = None) -> Starlette:
    """Return Prefect's server, as its own settings say, with ours beside it below PREFIX.

    Without arguments ours works on this process's own context and Redis client, and connects at the first
    request. Prefect's database and services start and stop with the application.
    """
    from prefect.server.api.server import create_app as create_prefect

    prefect, ours = create_prefect(), read_only_app(ctx, client)

    @asynccontextmanager
    async def both(_app: Starlette) -> AsyncIterator[None]:
        # A mounted application is not told of start and end: its lifespan is run here.
        async with prefect.router.lifespan_context(prefect), ours.router.lifespan_context(ours):
            yield

    # Prefect's UI answers every path, so ours comes first.
    bare = Route(PREFIX, ReadOnly(RedirectResponse(f"{PREFIX}/")))
    return Starlette(routes=[bare, Mount(PREFIX, ReadOnly(ours)), Mount("/", prefect)], lifespan=both)


def read_only_app(ctx: Context | None = None, client: "redis.Redis | None" = None) -> FastAPI:
    """Return our routes that only read, made to be mounted."""
    app = FastAPI(
        title="Matchbeat beside Prefect",
        version="0.1.0",
        description="Schedule, predictions and health, to be read; changes belong to Matchbeat's own API.",
        docs_url=None,
        redoc_url=None,
    )
    app.state.ctx, app.state.redis = ctx, client
    for part in (health, metrics, stats, predictions, schedule, documentation, dashboard):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.middleware("http")(with_headers)
    app.middleware("http")(_below_the_prefix)
    app.add_middleware(HeadAsGet)
    return app


class ReadOnly:
    """Lets GET and HEAD through and answers 405 to every other method, before any route is looked up."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] == "http" and scope["method"] not in _READS:
            await _refusal(scope["method"])(scope, receive, send)
            return
        await self._app(scope, receive, send)


def _refusal(method: str) -> Response:
    problem = Problem(
        title="Method Not Allowed",
        status=405,
        detail=f"{PREFIX} can only be read, {method} is not taken here: make changes at Matchbeat's own API, "
        "or with `matchbeat schedule`",
    )
    return answer(problem, headers={"Allow": ", ".join(_READS)})


async def _below_the_prefix(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Let the links of our pages, which start at the root, point below where the application is mounted."""
    response = await call_next(request)
    if not response.headers.get("content-type", "").startswith("text/html"):
        return response
    chunks = [chunk async for chunk in response.body_iterator]  # type: ignore[attr-defined]
    root = str(request.scope.get("root_path", "")).encode()
    body = _ROOTED.sub(lambda found: found[1] + root + b"/", b"".join(chunks))
    headers = {name: value for name, value in response.headers.items() if name != "content-length"}
    return Response(body, status_code=response.status_code, headers=headers)
