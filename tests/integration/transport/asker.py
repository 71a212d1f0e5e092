"""One of several processes that ask the same source: `python -m … URL REDIS_URL INTERVAL_S TIMES`.

It says that it is `ready` and begins at the word `go`, both in Redis.
"""

import sys

import redis

from src.cache.redis_client import quick_redis_client
from src.collectors.transport import Conduct, Expect, Transport
from src.collectors.transport.pace import LocalPace, RedisPace, SharedPace
from src.core.clock import SystemClock
from src.domain.match import Source

NAME = "titan007@test"


def main(url: str, redis_url: str, interval_s: float, times: int) -> None:
    shared = RedisPace(quick_redis_client(redis_url), NAME, interval_s)
    pace = SharedPace(shared, LocalPace(10 * interval_s), 10 * interval_s)
    with Transport(
        Source.TITAN007, base_urls=(url,), clock=SystemClock(), user_agent="t", conduct=Conduct(pace=pace)
    ) as transport:
        starter = redis.Redis.from_url(redis_url, socket_timeout=90)
        starter.rpush("ready", "one more")
        assert starter.blpop(["go"], timeout=60)
        for _ in range(times):
            transport.get(f"{url}/a", kind="day", expect=Expect.JSON)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
