"""How soon a running Beat follows what an operator changes."""

import time

from benchmarks.scheduler.broker import Broker
from benchmarks.scheduler.measures import ahead, beat, check_ready, place, sleep_until
from benchmarks.scheduler.servers import Servers
from src.core.clock import SystemClock
from src.core.settings import Settings
from src.database.connection import Database
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for

_ENTRIES = 1_000


def followed(servers: Servers, edits: int) -> list[float]:
    """Seconds from a commit that asks for a fire to its message in the broker, one at a time."""
    broker = Broker(servers.valkey.url)
    # Due in an hour: nothing but what is asked for is sent.
    work, until = ahead(servers, "ours", _ENTRIES, 3600.0, 120)
    database = Database(place(servers).database_url)
    settings = Settings(_env_file=None, database_url=place(servers).database_url)  # type: ignore[call-arg]
    work_on = Context(settings=settings, clock=SystemClock(), database=database)
    seconds: list[float] = []
    with beat(servers, "ours", work, until) as process:
        check_ready(process, work)
        sleep_until(work.first + 2)
        broker.take_all()
        for name in work.names()[1 : edits + 1]:
            ask_for(work_on, name)
            asked = time.time()
            broker.watch(lambda count: count > 0, every_s=0.0005)
            seconds.append(time.time() - asked)
    database.close()
    return seconds
