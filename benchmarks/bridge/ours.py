"""Flow runs that Matchbeat's Beat fires: asked for now, scheduled, and many at once."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.bridge import entries
from benchmarks.bridge.samples import Run, Series
from benchmarks.bridge.stage import Stage, until
from benchmarks.bridge.watching import FireSeen, Ledger, as_run, begun, is_open, marks, measured, runs_of
from src.core.clock import SystemClock
from src.core.settings import Settings
from src.database.connection import Database
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.scheduling.entrypoints import WORK_POOL

#: As the stack starts it.
_FLOW_PROCESSES = 2
#: From the start of a Beat to its first due time: it must lead, and make the first run ahead.
_START_S = 15.0
_EVERY_S = 4.0


def ad_hoc(stage: Stage, count: int) -> list[Series]:
    """`count` fires of each flow, asked for by hand one by one, at any moment of the leader's rounds."""
    with stage.flow_worker(_FLOW_PROCESSES), stage.beat(), _ledger(stage) as ledger:
        for _ in range(2 * _FLOW_PROCESSES):  # each process has run one: it is warm
            _asked(stage, ledger, entries.QUICK.name)
            _asked(stage, ledger, entries.ML.name)
        return [
            Series(
                way="celery",
                flow=flow,
                kind="ad hoc",
                runs=[_asked(stage, ledger, flow) for _ in range(count)],
            )
            for flow in (entries.QUICK.name, entries.ML.name)
        ]


def pooled(stage: Stage, count: int) -> list[Series]:
    """The same by runner pool: the stock worker as the stack starts it takes the runs."""
    worker = stage.prefect_worker(WORK_POOL, PREFECT_WORKER_QUERY_SECONDS="1")
    with worker, stage.beat(), _ledger(stage) as ledger:
        runs = [_asked(stage, ledger, entries.POOLED.name) for _ in range(count)]
    return [Series(way="pool", flow="quick", kind="ad hoc", runs=runs)]


def scheduled(stage: Stage, count: int) -> list[Series]:
    """`count` due times of an interval of each flow; Beat makes the runs ahead."""
    return [_scheduled(stage, flow, count) for flow in (entries.QUICK.name, entries.ML.name)]


def at_once(stage: Stage, count: int, processes: int) -> Series:
    """`count` entries due at one moment, on `processes` worker processes; how often each ran."""
    with stage.flow_worker(processes), _ledger(stage) as ledger:
        due = time.time() + _START_S
        with stage.beat(entries.at_once(count, due)):
            until(lambda: len(ledger.fires()) == count, "all fires to be claimed", 120, 0.2)
            until(lambda: not any(map(is_open, ledger.fires())), "all fires to end", 600, 0.5)
        fires = ledger.fires()
    begun_by, made = marks(stage), runs_of(stage, [fire.id for fire in fires])
    runs = _runs(stage, fires)
    return Series(
        way="celery",
        flow="quick",
        kind="at once",
        runs=runs,
        counts={
            "fires": len(fires),
            "succeeded": sum(fire.state == "succeeded" for fire in fires),
            "with other than one flow run": sum(len(made[fire.id]) != 1 for fire in fires),
            "run other than once": sum(len(begun_by[run.id]) != 1 for all_ in made.values() for run in all_),
            "processes": len({run.process for run in runs}),
            "s from due to the last end": max(run.ended for run in runs) - due,
        },
    )


def _asked(stage: Stage, ledger: Ledger, entry: str) -> Run:
    """Ask for a fire of `entry` by hand; wait for its end in the ledger, then in Prefect."""
    # Any moment between the leader's wakes and rounds of 0.5, 1, 2 and 10 s.
    time.sleep(random.uniform(1.0, 2.0))
    database = Database(stage.servers.postgres.url)
    settings = Settings(_env_file=None, database_url=stage.servers.postgres.url)  # type: ignore[call-arg]
    fire = ask_for(Context(settings=settings, clock=SystemClock(), database=database), entry)
    seen = ledger.seen_ended(fire.id)
    database.close()
    (run_id,) = (run.id for run in runs_of(stage, [fire.id])[str(fire.id)])
    return measured(stage, run_id, fire.due_at.timestamp(), begun(stage, run_id), seen)


def _scheduled(stage: Stage, flow: str, count: int) -> Series:
    with stage.flow_worker(_FLOW_PROCESSES), _ledger(stage) as ledger:
        first = time.time() + _START_S
        # The first runs of each process warm it.
        warming = 2 * _FLOW_PROCESSES
        with stage.beat(entries.scheduled(flow, first, _EVERY_S)):
            wanted = count + warming
            until(lambda: len(_done(ledger)) >= wanted, "the due times", 60 + wanted * _EVERY_S, 0.5)
        fires = _done(ledger)[warming:][:count]
    return Series(way="celery", flow=flow, kind="scheduled", runs=_runs(stage, fires))


def _done(ledger: Ledger) -> list[FireSeen]:
    return [fire for fire in ledger.fires() if fire.state == "succeeded"]


def _runs(stage: Stage, fires: list[FireSeen]) -> list[Run]:
    """What Prefect and the marks tell of fires that have ended."""
    found, made = marks(stage), runs_of(stage, [fire.id for fire in fires])
    runs = []
    for fire in fires:
        for run in made[fire.id][:1]:
            if run.id not in found:
                raise RuntimeError(f"a fire ended unrun: {fire}")
            runs.append(as_run(run, fire.due, found[run.id][0]))
    return runs


@contextmanager
def _ledger(stage: Stage) -> Iterator[Ledger]:
    ledger = Ledger(stage)
    try:
        yield ledger
    finally:
        ledger.close()
