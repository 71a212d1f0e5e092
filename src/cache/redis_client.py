"""The Redis clients of a process."""

from functools import cache

import redis

from src.core.settings import settings

#: How long a command may take where its caller has another way.
_QUICK_S = 1.0


@cache
def quick_redis_client(url: str) -> redis.Redis:
    """Return this process's client of `url` that gives up at once, for callers that have another way."""
    return redis.Redis.from_url(
        url, decode_responses=True, socket_connect_timeout=_QUICK_S, socket_timeout=_QUICK_S, retry=None
    )


@cache
def get_redis_client() -> redis.Redis:
    """Return this process's client, connected at its first command; answers are text."""
    return redis.Redis.from_url(
        settings().require_redis_url(),
        decode_responses=True,
        socket_connect_timeout=5,
        health_check_interval=30,
    )
