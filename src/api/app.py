"""The FastAPI application."""

from pathlib import Path

import redis
from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.middleware.base import RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from src.api import (
    dashboard,
    documentation,
    health,
    metrics,
    predictions,
    problems,
    runs,
    schedule,
    schedule_edits,
    stats,
)
from src.pipeline.context import Context

STATIC = Path(__file__).parent / "static"

#: Every page and file comes from this server, so a page may load nothing else.
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}

_DESCRIPTION = (
    "Predictions of coming football matches, and the state of the schedule, data and model behind them."
)


def create_app(ctx: Context | None = None, client: "redis.Redis | None" = None) -> FastAPI:
    """Return the application; without arguments it works on this process's own context and Redis client.

    Nothing is connected before the first request, so the process starts while its servers are away.
    """
    app = FastAPI(
        title="Matchbeat",
        version="0.1.0",
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    app.state.ctx, app.state.redis = ctx, client
    for part in (
        health,
        metrics,
        stats,
        predictions,
        schedule,
        schedule_edits,
        runs,
        documentation,
        dashboard,
    ):
        app.include_router(part.router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    problems.install(app)
    app.middleware("http")(with_headers)
    app.add_middleware(HeadAsGet)
    return app


class HeadAsGet:
    """Answers HEAD as GET without the body: FastAPI's routes refuse what load balancers ask with."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def bodiless(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self._app({**scope, "method": "GET"}, receive, bodiless)


async def with_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
    """Answer with the headers that every page of ours has."""
    response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
