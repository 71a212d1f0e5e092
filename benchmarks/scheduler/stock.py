"""Celery's own Beat with its default scheduler, the one that keeps a shelf."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from celery.beat import PersistentScheduler
from celery.schedules import schedule

from benchmarks.scheduler.app import TASK, make_app
from benchmarks.scheduler.contender import Beat, Place
from benchmarks.scheduler.workload import Workload

#: Due again at once: each tick finds the entry due.
ALWAYS = timedelta(milliseconds=1)


def prepare(work: Workload, place: Place) -> None:
    """Write the shelf, as an earlier run of Beat has."""
    begin(work, place)().close()


def begin(work: Workload, place: Place) -> Callable[[], Beat]:
    app = make_app(place.broker_url)
    app.conf.beat_schedule = entries(work)
    file = str(Path(place.folder) / "celerybeat-schedule")

    def set_up() -> Beat:
        scheduler = PersistentScheduler(app=app, schedule_filename=file)
        return Beat(tick=lambda: _round(scheduler), close=scheduler.close)

    return set_up


def entries(work: Workload) -> dict[str, dict[str, Any]]:
    """The workload as `beat_schedule`: each entry ran one period before its due time."""
    every = ALWAYS if work.always else work.period
    return {
        name: {
            "task": TASK,
            "schedule": schedule(every),
            "kwargs": {"name": name},
            "last_run_at": work.due(number) - every,
        }
        for number, name in enumerate(work.names())
    }


def _round(scheduler: PersistentScheduler) -> float | None:
    """What `celery.beat.Service.start` does in a round."""
    seconds = scheduler.tick()
    if scheduler.should_sync():
        scheduler._do_sync()
    return seconds
