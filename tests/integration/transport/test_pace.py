"""One pace for all processes, on a real Valkey; and a slower one of one's own while that is away."""

import itertools
import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from src.cache.redis_client import quick_redis_client
from src.collectors.transport import Conduct, Expect, Transport
from src.collectors.transport.pace import LocalPace, RedisPace, SharedPace
from src.core.clock import SystemClock
from src.core.errors import Transient
from src.domain.match import Source
from src.stack.valkey import ValkeyServer
from tests.integration.transport.asker import NAME
from tests.integration.transport.server import Answer, ScriptedServer
from tests.ports import free_port, running
from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.integration

#: Redis' clock is read in whole milliseconds.
TICK_S = 0.002


@contextmanager
def processes_about_to_ask(
    source: ScriptedServer, redis_url: str, interval_s: float, *times: int
) -> Iterator[Callable[[], None]]:
    """Start processes that ask so many times each; give what lets them begin and waits for their end."""
    module = "tests.integration.transport.asker"
    told = [sys.executable, "-m", module, source.url, redis_url, str(interval_s)]
    starter = redis.Redis.from_url(redis_url, socket_timeout=90)
    processes = [subprocess.Popen([*told, str(count)]) for count in times]

    def go() -> None:
        starter.rpush("go", *times)
        assert [process.wait(60) for process in processes] == [0] * len(times)

    try:
        for _ in times:
            assert starter.blpop(["ready"], timeout=60)
        yield go
    finally:
        for process in processes:
            process.kill()
            process.wait()


def test_processes_keep_to_one_pace_together(source: ScriptedServer, redis_url: str) -> None:
    source.on("/a", Answer(body=b"[]"))
    interval_s = 0.05
    with processes_about_to_ask(source, redis_url, interval_s, 6, 6, 6, 6) as go:
        began = time.time()
        go()
    arrived = sorted(one.at for one in source.asked)
    assert len(arrived) == 24
    # The permits are an interval apart on Redis' clock, and nobody arrives before its own.
    assert all(at >= began + place * interval_s - TICK_S for place, at in enumerate(arrived))


def test_processes_leave_a_source_alone_that_asked_one_of_them_for_it(
    source: ScriptedServer, redis_url: str
) -> None:
    source.on("/a", Answer(429, headers={"Retry-After": "2"}), Answer(body=b"[]"))
    shared = RedisPace(quick_redis_client(redis_url), NAME, 0)
    with processes_about_to_ask(source, redis_url, 0.0, 2, 2) as go:
        with Transport(
            Source.TITAN007, base_urls=(source.url,), clock=SystemClock(), user_agent="t", max_retries=0,
            conduct=Conduct(pace=shared),
        ) as transport, pytest.raises(Transient, match="429"):  # fmt: skip
            transport.get(f"{source.url}/a", kind="day", expect=Expect.JSON)
        go()
    asked_first, *others = [one.at for one in source.asked]
    assert len(others) == 4
    assert min(others) >= asked_first + 2 - TICK_S


def test_longer_rest_stays_whichever_comes_first(redis_url: str) -> None:
    one, other = (RedisPace(quick_redis_client(redis_url), "a source", 0) for _ in range(2))
    one.rest(300)
    other.rest(5)
    assert 290 < one.resting_s() <= 300
    other.rest(600)
    assert 590 < one.resting_s() <= 600
    other.rest(0)
    assert one.resting_s() > 590


def test_permits_are_an_interval_apart_and_one_at_a_time(redis_url: str) -> None:
    one, other = (RedisPace(quick_redis_client(redis_url), "a source", 60) for _ in range(2))
    assert one.permit() == 0
    assert 55 < other.permit() <= 60
    assert 55 < one.permit() <= 60
    elsewhere = RedisPace(quick_redis_client(redis_url), "another source", 60)
    assert elsewhere.permit() == 0


def test_nothing_is_left_in_redis_of_a_source_that_nobody_asks(redis_url: str) -> None:
    pace = RedisPace(quick_redis_client(redis_url), "a source", 7)
    pace.permit()
    pace.rest(30)
    client = redis.Redis.from_url(redis_url)
    assert {0 < client.pttl(key) <= 30_000 for key in client.keys("matchbeat:upstream:*")} == {True}


def test_a_restarted_redis_is_used_again(redis_url: str) -> None:
    client = quick_redis_client(redis_url)
    pace = RedisPace(client, "a source", 60)
    assert pace.permit() == 0
    client.script_flush()
    assert pace.permit() > 0


def away_and_back(folder: Path) -> tuple[ValkeyServer, RedisPace]:
    server = ValkeyServer(folder=folder, port=free_port(), password=secrets.token_hex(8))
    server.prepare()
    return server, RedisPace(quick_redis_client(server.url), "a source", 1.0)


def test_without_redis_a_process_is_slower_by_itself_and_comes_back_to_the_common_pace(
    tmp_path: Path, watch: Stopwatch
) -> None:
    server, shared = away_and_back(tmp_path)
    pace = SharedPace(shared, LocalPace(4.0, watch.monotonic), 4.0, watch.monotonic)
    with running(server.argv(), redis.Redis.from_url(server.url).ping):
        assert pace.permit() == 0
    taken = []
    while watch.at < 1060:
        wait = pace.resting_s() or pace.permit()
        if wait:
            watch.sleep(wait)
        else:
            taken.append(watch.at)
    # The last permit of all may be a moment old: silence first.
    assert taken[0] == pytest.approx(1004, abs=0.1)
    assert all(later - earlier >= 4.0 for earlier, later in itertools.pairwise(taken))
    assert len(taken) >= 13
    watch.at += 100
    with running(server.argv(), redis.Redis.from_url(server.url).ping):
        assert pace.permit() <= 1.0
        assert 0 < pace.permit() <= 1.0


def test_rest_that_redis_could_not_hear_holds_for_this_process(tmp_path: Path, watch: Stopwatch) -> None:
    _, shared = away_and_back(tmp_path)
    pace = SharedPace(shared, LocalPace(0, watch.monotonic), 0, watch.monotonic)
    pace.rest(30)
    assert pace.resting_s() == 30


def test_threads_of_a_process_get_one_permit_each(redis_url: str) -> None:
    from concurrent.futures import ThreadPoolExecutor

    pace = RedisPace(quick_redis_client(redis_url), "a source", 60)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: pace.permit(), range(16)))
    assert waits.count(0) == 1
