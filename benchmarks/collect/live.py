"""Live cycles: all odds of matches about to start, asked of a sandbox as fast as the machine goes."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psutil
import requests
from sqlalchemy import text

from benchmarks.collect.made import empty
from benchmarks.collect.results import Figure
from benchmarks.scheduler.servers import Servers, environment
from src.core.clock import FixedClock
from src.core.settings import Settings
from src.database.connection import Database
from src.domain.fire import FireId
from src.domain.summary import SourceSummary
from src.pipeline.collect import collect_fixtures, collect_odds
from src.pipeline.context import Context
from src.stack.ports import free_port

MATCHES = 300
KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)

#: As `titan_live_flow` collects: its batches, its threads, its window.
_BATCH, _THREADS, _AHEAD = 10, 8, timedelta(hours=2)
_JUST_STARTED = timedelta(minutes=15)

#: What is measured, and when: three minutes before the kick-off about half of the lines have another price.
_CYCLES = (
    ("first cycle, nothing linked", KICKOFF - timedelta(minutes=50)),
    ("second cycle, all linked, prices moved", KICKOFF - timedelta(minutes=3)),
    ("third cycle, nothing new", KICKOFF - timedelta(minutes=3)),
)


def live(servers: Servers, runs: int, matches: int = MATCHES) -> list[Figure]:
    """Measure `runs` times the three cycles, each time from empty tables."""
    return [figure for _ in range(runs) for figure in _one_run(servers, matches)]


def _one_run(servers: Servers, matches: int) -> list[Figure]:
    servers.empty()

    database = Database(servers.postgres.url)
    empty(database)
    figures: list[Figure] = []
    with _sandbox(matches) as sandbox:
        clock = FixedClock(_CYCLES[0][1])
        ctx = Context(settings=_settings(servers, sandbox.url), clock=clock, database=database)
        sandbox.show(clock.at)
        day = KICKOFF.date()
        told = collect_fixtures(ctx, since=day, until=day)
        if told.changed != matches:
            raise RuntimeError(f"{told.changed} fixtures instead of {matches}: {told}")
        meters = {
            "collector": _Meter(psutil.Process()),
            "Postgres": _Meter(psutil.Process(servers.postgres_process.process.pid)),  # type: ignore[union-attr]
            "Valkey": _Meter(psutil.Process(servers.valkey_process.process.pid)),  # type: ignore[union-attr]
            "sandbox": _Meter(psutil.Process(sandbox.process.pid)),
        }
        for cycle, at in _CYCLES:
            clock.at = at
            sandbox.show(at)
            figures += _measured(ctx, cycle, meters, matches)
    database.close()
    return figures


def _measured(ctx: Context, cycle: str, meters: dict[str, "_Meter"], matches: int) -> list[Figure]:
    before, cpu_s = _stored(ctx.database), {name: meter.cpu_s() for name, meter in meters.items()}
    began = time.perf_counter()
    now = ctx.clock.now()
    summary = collect_odds(
        ctx.for_fire(FireId(uuid4())),
        since=now - _JUST_STARTED,
        until=now + _AHEAD,
        batch_size=_BATCH,
        max_concurrency=_THREADS,
    )
    took = time.perf_counter() - began
    cpu_s = {name: meter.cpu_s() - cpu_s[name] for name, meter in meters.items()}
    lines, quotes = _stored(ctx.database)
    _check(summary, cycle, lines, matches)
    told = [
        Figure(measure=cycle, unit="s", value=took),
        Figure(measure=f"{cycle}: payloads", unit="", value=summary.requested),
        Figure(measure=f"{cycle}: lines in Latest", unit="", value=lines),
        Figure(measure=f"{cycle}: quotes stored", unit="", value=quotes - before[1]),
        Figure(measure=f"{cycle}: changes of a price", unit="", value=summary.changed),
        Figure(measure=f"{cycle}: payloads", unit="payloads/s", value=summary.requested / took),
        Figure(measure=f"{cycle}: quotes", unit="quotes/s", value=(quotes - before[1]) / took),
    ]
    return told + [
        Figure(measure=f"{cycle}: CPU of the {name}", unit="s", value=spent) for name, spent in cpu_s.items()
    ]


def _check(summary: SourceSummary, cycle: str, lines: int, matches: int) -> None:
    """Raise RuntimeError where the cycle did not do what is measured."""
    if summary.failed or summary.quarantined or summary.error or lines != matches * 3 * 15:
        raise RuntimeError(f"{cycle}: {lines} lines of {matches * 3 * 15}: {summary}")


def _stored(database: Database) -> tuple[int, int]:
    """Return the rows of Latest, and those of History and the repeats."""
    with database.session() as session:
        lines, quotes = session.execute(
            text(
                "select (select count(*) from odds_latest),"
                " (select count(*) from odds_history) + (select count(*) from odds_repeats)"
            )
        ).one()
    return lines, quotes


class _Meter:
    """The CPU of a process and of the children that it has or had."""

    def __init__(self, process: psutil.Process) -> None:
        self._process = process

    def cpu_s(self) -> float:
        own = self._process.cpu_times()
        spent = own.user + own.system
        if self._process.pid == os.getpid():
            return spent
        # Of children that have ended their parent knows; the others tell themselves.
        spent += own.children_user + own.children_system
        for child in self._process.children(recursive=True):
            times = child.cpu_times()
            spent += times.user + times.system
        return spent


class _Sandbox:
    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self.process, self.url = process, url

    def show(self, at: datetime) -> None:
        """Let it serve the world as it stands at `at`."""
        if self.process.stdin is None or self.process.stdout is None:
            raise RuntimeError("the sandbox was started without pipes")
        self.process.stdin.write(f"{at.isoformat()}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()


@contextmanager
def _sandbox(matches: int) -> Iterator[_Sandbox]:
    port = free_port()
    argv = [sys.executable, "-m", "benchmarks.collect.sandbox", str(port), KICKOFF.isoformat(), str(matches)]
    process = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment()
    )
    try:
        url = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + 60
        while not _answers(url):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("the sandbox does not answer")
            time.sleep(0.05)
        yield _Sandbox(process, url)
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/health", timeout=5).ok
    except requests.RequestException:
        return False


def _settings(servers: Servers, url: str) -> Settings:
    # A source on this machine that is allowed so much is not paced at all.
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=servers.postgres.url,
        redis_url=servers.valkey.url,
        fotmob_base_url=f"{url}/fotmob",
        titan_euro_url=f"{url}/titan/euro",
        titan_pages_url=f"{url}/titan/pages",
        titan_days_url=f"{url}/titan/days",
        titan_rate_limit_qps=1000,
    )
