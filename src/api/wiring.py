"""What a request works on."""

from typing import Annotated

import redis
from fastapi import Depends
from starlette.requests import Request

from src.cache.redis_client import get_redis_client
from src.pipeline.context import Context, context


def request_context(request: Request) -> Context:
    """Return the application's context."""
    given: Context | None = request.app.state.ctx
    return given or context()


def redis_client(request: Request) -> "redis.Redis":
    """Return the application's Redis client; raise Misconfigured without an address."""
    given: redis.Redis | None = request.app.state.redis
    return get_redis_client() if given is None else given


Ctx = Annotated[Context, Depends(request_context)]
