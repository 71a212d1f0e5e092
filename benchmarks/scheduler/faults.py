"""What a scheduler does when the broker goes away, the clock jumps, or the leader is killed."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack

from benchmarks.scheduler.broker import Arrival, Broker, doubled
from benchmarks.scheduler.contender import Place
from benchmarks.scheduler.measures import ahead, beat, check_ready, place, sleep_until
from benchmarks.scheduler.servers import Servers
from benchmarks.scheduler.workload import Workload
from src.domain.fire import fire_id

_PER_S = 10
_BEFORE_S = 5.0
#: A fire counts as on time within so many seconds of its due time, on either side.
_ON_TIME_S = 1.0
#: A killed Beat's successor has so long to start and stand by.
_BETWEEN_KILLS_S = 4.0


def broker_outage(servers: Servers, contender: str, away_s: float) -> dict[str, float]:
    """Ten fires a second; the broker is stopped for `away_s`. How many fires are lost and doubled."""
    after_s = 15.0
    seconds = _BEFORE_S + away_s + after_s
    work, until = ahead(servers, contender, int(_PER_S * seconds), 1 / _PER_S, seconds + 10)
    broker = Broker(servers.valkey.url)
    with beat(servers, contender, work, until) as process:
        check_ready(process, work)
        sleep_until(work.first + _BEFORE_S)
        servers.valkey_process.stop()
        time.sleep(away_s)
        servers.valkey_process.start()
        back = time.time()
        while broker.depth() < work.entries and time.time() < until:
            time.sleep(0.01)
        recovered_s = time.time() - back
    arrivals = broker.take_all()
    return {**_sums(work, arrivals), "due_while_away": away_s * _PER_S, "recovered_s": recovered_s}


def clock_jump(servers: Servers, contender: str, jump_s: float) -> dict[str, float]:
    """Two fires a second; after five seconds the clock of Beat's host jumps. How many are then on time."""
    seconds, spacing_s = 25.0, 0.5
    work, until = ahead(servers, contender, int(seconds / spacing_s), spacing_s, seconds + 2)
    broker = Broker(servers.valkey.url)
    with beat(servers, contender, work, until, jump=(jump_s, work.first + _BEFORE_S)) as process:
        check_ready(process, work)
        arrivals = broker.watch(lambda _count: time.time() > until, every_s=0.01)
    jumped = work.first + _BEFORE_S
    due_after = {name for number, name in enumerate(work.names()) if work.due_s(number) > jumped + _ON_TIME_S}
    late = {
        item.entry: item.at - work.due_s(int(item.entry[-6:])) for item in arrivals if item.entry in due_after
    }
    return {
        "due": float(len(due_after)),
        "on_time": float(sum(abs(value) <= _ON_TIME_S for value in late.values())),
        "early": float(sum(value < -_ON_TIME_S for value in late.values())),
        "not_sent": float(len(due_after) - len(late)),
        "doubled": float(doubled(arrivals)),
    }


def takeovers(
    servers: Servers, contender: str, kills: int, leader: Callable[[Place], int]
) -> dict[str, list[float] | float]:
    """A hundred entries, 1,000 fires a second and a standby; the leader is killed -9 again and again.

    `leader` tells the process id of the leader. `gaps_s` are the times from the kill to the next leader's
    first message. A fire whose message comes twice under the same id still takes effect once.
    """
    work, until = ahead(servers, contender, 100, 1e-3, 600, every_s=0.1)
    broker, where = Broker(servers.valkey.url), place(servers)
    gaps: list[float] = []
    arrivals: list[Arrival] = []
    with ExitStack() as stack:
        for _ in range(2):
            stack.enter_context(beat(servers, contender, work, until))
        for number in range(kills):
            arrivals += _watch_until(broker, work.first + 1 + number * _BETWEEN_KILLS_S)
            victim = leader(where)
            os.kill(victim, signal.SIGKILL)
            killed = time.time()
            arrivals += broker.take_all()
            arrivals += broker.watch(lambda count, killed=killed: count > 0 or time.time() > killed + 60)
            gaps.append(time.time() - killed)
            stack.enter_context(beat(servers, contender, work, until))
        ended = work.first + 1 + kills * _BETWEEN_KILLS_S
        arrivals += _watch_until(broker, ended)
    ids = [arrival.id for arrival in arrivals]
    due = _fire_ids(work, ended - _ON_TIME_S)
    return {
        "gaps_s": gaps,
        "due": float(len(due)),
        "lost": float(len(due - set(ids))),
        "sent_again": float(len(ids) - len(set(ids))),
    }


def _watch_until(broker: Broker, moment: float) -> list[Arrival]:
    return broker.watch(lambda _count: time.time() > moment)


def _fire_ids(work: Workload, until: float) -> set[str]:
    """The ids of all fires that are due before `until` (Unix seconds)."""
    ids: set[str] = set()
    for number, name in enumerate(work.names()):
        due = work.due(number)
        while due.timestamp() < until:
            ids.add(str(fire_id(name, due)))
            due += work.period
    return ids


def _sums(work: Workload, arrivals: list[Arrival]) -> dict[str, float]:
    return {
        "due": float(work.entries),
        "lost": float(work.entries - len({arrival.entry for arrival in arrivals})),
        "doubled": float(doubled(arrivals)),
    }
