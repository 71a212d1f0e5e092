"""Matchbeat's scheduler: the seam as Beat runs it, ledger and leadership on Postgres.

The workload is rows of the schedule that no catalog declares. None is a flow, so no Prefect is waited for.
"""

import json
import logging
import os
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg2
import structlog
from psycopg2.extras import execute_values

from benchmarks.scheduler.app import HOST_CLOCK, TASK, make_app
from benchmarks.scheduler.broker import QUEUE
from benchmarks.scheduler.contender import Beat, Place
from benchmarks.scheduler.workload import Workload
from src.core.settings import settings
from src.database.connection import Database
from src.database.schedule import OVERRIDABLE, declared_values
from src.domain.entry import Entry, Interval, Runner
from src.pipeline.context import Context
from src.tasks import scheduler_prefect

_INSERT = """
    insert into schedule_entries (name, cadence, runner, target, queue, priority, limit_s, policy, parameters,
        description, declared, next_due, synced_at, declared_at, origin) values %s"""
_COLUMNS = (
    "cadence",
    "runner",
    "target",
    "queue",
    "priority",
    "limit_s",
    "policy",
    "parameters",
    "description",
)


class _Scheduler(scheduler_prefect.PrefectFlowScheduler):
    """The seam as it is; its entries are rows that somebody else has put there."""

    entries = ()


def prepare(work: Workload, place: Place) -> None:
    """Write the entries as rows of the schedule."""
    rows = [
        _row(entry, work.due(number).isoformat()) for number, entry in enumerate(entries(work))
    ]  # fmt: skip
    with psycopg2.connect(place.database_url) as link, link.cursor() as cursor:
        execute_values(cursor, _INSERT, rows, page_size=5_000)
    link.close()
    link = psycopg2.connect(place.database_url)
    link.autocommit = True
    link.cursor().execute("vacuum analyze schedule_entries")
    link.close()


def begin(work: Workload, place: Place) -> Callable[[], Beat]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    app = make_app(place.broker_url)
    # The seam's parts read their settings where Beat's process has them.
    os.environ |= {
        "DATABASE_URL": place.database_url,
        "REDIS_URL": place.broker_url,
        "PREFECT_API_URL": "http://127.0.0.1:9/api",
    }
    context = Context(settings=settings(), clock=HOST_CLOCK, database=Database(place.database_url))
    scheduler_prefect.context = lambda: context

    def set_up() -> Beat:
        scheduler = _Scheduler(app=app)

        def do_not_wait() -> None:
            scheduler.max_interval = 0.0

        return Beat(tick=scheduler.tick, close=scheduler.close, do_not_wait=do_not_wait)

    return set_up


def leader(place: Place) -> int:
    """The process id of the Beat that leads."""
    with psycopg2.connect(place.database_url) as link, link.cursor() as cursor:
        cursor.execute("select holder from leadership")
        ((holder,),) = cursor.fetchall()
    link.close()
    return int(holder.rpartition(":")[2])


def entries(work: Workload) -> list[Entry]:
    """The workload as entries."""
    every_s = work.period.total_seconds()
    return [
        Entry(
            name=name,
            cadence=Interval(every_s=every_s, anchor=work.due(number)),
            runner=Runner.CELERY,
            target=TASK,
            queue=QUEUE,
            priority=5,
            limit=timedelta(minutes=5),
            parameters={"name": name},
        )
        for number, name in enumerate(work.names())
    ]


def _row(entry: Entry, due: str) -> tuple[Any, ...]:
    values = declared_values(entry)
    declared = {column: values[column] for column in OVERRIDABLE}
    stored = [
        json.dumps(value) if isinstance(value, dict) else value for value in (values[c] for c in _COLUMNS)
    ]
    return (entry.name, *stored, json.dumps(declared), due, due, due, "benchmark")
