"""The one Redis client of a process."""

from functools import cache

import redis

from src.core.settings import settings


@cache
def get_redis_client() -> redis.Redis:
    """Return this process's client, connected at its first command; answers are text."""
    return redis.Redis.from_url(
        settings().require_redis_url(),
        decode_responses=True,
        socket_connect_timeout=5,
        health_check_interval=30,
    )
