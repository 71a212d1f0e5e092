"""The measurements: each starts the scheduler in a fresh process on emptied servers."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scheduler.broker import Broker, doubled
from benchmarks.scheduler.contender import Place
from benchmarks.scheduler.servers import Servers, environment
from benchmarks.scheduler.workload import Workload

ROOT = Path(__file__).parents[2]
#: Writing the entries and starting the scheduler has so long before the first entry is due.
START_S = 10.0
_FAR_S = 80_000.0


def rest(servers: Servers, contender: str, entries: int, seconds: float) -> dict[str, float]:
    """Start to first fire (s), memory (MB), CPU of an idle wake (µs) and at rest (share of a core)."""
    servers.empty()
    work = Workload(entries=entries, first=time.time() + _FAR_S, now=time.time())
    drive(servers, contender, "prepare", work)
    return drive(servers, contender, "rest", work, seconds)


def always(servers: Servers, contender: str, entries: int, seconds: float) -> dict[str, float]:
    """Fires a second and CPU seconds a fire, every entry due all the time."""
    servers.empty()
    work = Workload(entries=entries, first=time.time() - 5, always=True)
    drive(servers, contender, "prepare", work)
    return drive(servers, contender, "always", work, seconds)


def drain(servers: Servers, contender: str, entries: int, limit_s: float) -> dict[str, float]:
    """Seconds from the due time of all entries to the last message, or what arrived within `limit_s`."""
    broker = Broker(servers.valkey.url)
    work, until = ahead(servers, contender, entries, 0.0, limit_s)
    with beat(servers, contender, work, until) as process:
        check_ready(process, work)
        sleep_until(work.first)
        while (arrived := broker.depth()) < entries and time.time() < until:
            time.sleep(0.002)
        took = time.time() - work.first
    arrivals = broker.take_all()
    return {"took_s": took, "arrived": arrived, "doubled": doubled(arrivals), "entries": entries}


def offered(servers: Servers, contender: str, entries: int, rate: int, seconds: float) -> dict[str, float]:
    """What share of `rate` fires a second is sent over `seconds`, each entry due again and again."""
    broker, every_s = Broker(servers.valkey.url), entries / rate
    work, until = ahead(servers, contender, entries, every_s / entries, seconds + 3, every_s)
    with beat(servers, contender, work, until) as process:
        check_ready(process, work)
        sleep_until(work.first + 2)
        before, began = broker.depth(), time.time()
        sleep_until(began + seconds)
        fired, took = broker.depth() - before, time.time() - began
    return {"fires_per_s": fired / took, "share": fired / took / rate}


def sustained(servers: Servers, contender: str, entries: int, start: int, seconds: float) -> dict[str, float]:
    """The highest offered rate, in steps of a fifth, of which at least 98 % goes out in time."""
    rate, best, failed = start, 0.0, False
    for _ in range(8):
        measured = offered(servers, contender, entries, rate, seconds)
        if measured["share"] >= 0.98:
            best = max(best, measured["fires_per_s"])
            if failed:
                break
            rate = int(rate * 1.2)
        elif best:
            break
        else:
            rate, failed = int(rate / 1.2), True
    return {"fires_per_s": best}


def lag(servers: Servers, contender: str, rate: int, seconds: float) -> dict[str, float]:
    """Percentiles of arrival after due time (ms), `rate` entries a second due one after another."""
    broker, entries = Broker(servers.valkey.url), int(rate * seconds)
    work, until = ahead(servers, contender, entries, 1 / rate, seconds + 5)
    with beat(servers, contender, work, until) as process:
        check_ready(process, work)
        arrivals = broker.watch(lambda count: count >= entries or time.time() > until)
    late = sorted(arrival.at - work.due_s(int(arrival.entry[-6:])) for arrival in arrivals)
    if len(late) < 2:
        raise RuntimeError(f"{contender} sent {len(late)} of {entries} fires")
    cuts = statistics.quantiles(late, n=1000, method="inclusive")
    marks = {
        "p50_ms": cuts[499],
        "p95_ms": cuts[949],
        "p99_ms": cuts[989],
        "p999_ms": cuts[998],
        "max_ms": late[-1],
    }
    return {name: value * 1000 for name, value in marks.items()} | {
        "unsent": float(entries - len({arrival.entry for arrival in arrivals})),
        "doubled": float(doubled(arrivals)),
    }


def place(servers: Servers) -> Place:
    return Place(broker_url=servers.valkey.url, database_url=servers.postgres.url, folder=str(servers.folder))


def argv(servers: Servers, contender: str, mode: str, work: Workload, seconds: float) -> list[str]:
    module = [sys.executable, "-m", "benchmarks.scheduler.driver", contender, mode]
    return [*module, work.dumps(), place(servers).dumps(), str(seconds)]


def drive(
    servers: Servers, contender: str, mode: str, work: Workload, seconds: float = 0.0
) -> dict[str, float]:
    """Run a mode of the driver to its end and return what it measured."""
    done = subprocess.run(
        argv(servers, contender, mode, work, seconds),
        cwd=ROOT, env=environment(), capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{contender} {mode} failed:\n{done.stderr[-3000:]}")
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


@contextmanager
def beat(
    servers: Servers, contender: str, work: Workload, until: float, jump: Sequence[float] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A running Beat, ended by its id at the end; `jump` is by how much its clock is set wrong, and when."""
    errors = (servers.folder / f"{contender}.log").open("w")
    process = subprocess.Popen(
        [*argv(servers, contender, "run", work, until), *map(str, jump)],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, stderr=errors, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
        errors.close()


def ahead(
    servers: Servers,
    contender: str,
    entries: int,
    spacing_s: float,
    seconds: float,
    every_s: float | None = None,
) -> tuple[Workload, float]:
    """A prepared workload whose first entry is due when the scheduler has started, and when to stop."""
    servers.empty()
    first = time.time() + START_S
    work = Workload(entries=entries, first=first, spacing_s=spacing_s, every_s=every_s)
    drive(servers, contender, "prepare", work)
    return work, work.first + seconds


def check_ready(process: subprocess.Popen[str], work: Workload) -> None:
    line = process.stdout.readline() if process.stdout else ""
    if not line or json.loads(line)["ready_at"] > work.first:
        raise RuntimeError(f"the scheduler was not ready when its first entry was due: {line!r}")


def sleep_until(moment: float) -> None:
    time.sleep(max(moment - time.time(), 0))
