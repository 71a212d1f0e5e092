"""RedBeat: the schedule in Redis, one lock for one leader; its defaults, lock included."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from celery import Celery
from celery.schedules import schedule
from redbeat.decoder import RedBeatJSONEncoder
from redbeat.schedulers import (
    RedBeatScheduler,
    RedBeatSchedulerEntry,
    acquire_distributed_beat_lock,
    ensure_conf,
    get_redis,
)

from benchmarks.scheduler.app import TASK, make_app
from benchmarks.scheduler.contender import Beat, Place
from benchmarks.scheduler.stock import ALWAYS
from benchmarks.scheduler.workload import Workload

_AT_ONCE = 5_000


def prepare(work: Workload, place: Place) -> None:
    """Write the entries as `RedBeatSchedulerEntry.save` does, many in one round trip."""
    app = _app(place)
    ensure_conf(app)
    every = schedule(ALWAYS if work.always else work.period, app=app)
    names = work.names()
    for start in range(0, len(names), _AT_ONCE):
        pipe = get_redis(app).pipeline(transaction=False)
        for number in range(start, min(start + _AT_ONCE, len(names))):
            ran = work.due(number) - every.run_every
            _save(pipe, RedBeatSchedulerEntry(
                names[number], TASK, every, kwargs={"name": names[number]}, last_run_at=ran, app=app
            ))  # fmt: skip
        pipe.execute()


def begin(work: Workload, place: Place) -> Callable[[], Beat]:
    del work
    app = _app(place)

    def set_up() -> Beat:
        scheduler = RedBeatScheduler(app=app)
        acquire_distributed_beat_lock(sender=SimpleNamespace(scheduler=scheduler))
        return Beat(tick=scheduler.tick, close=scheduler.close)

    return set_up


def _app(place: Place) -> Celery:
    app = make_app(place.broker_url)
    app.conf.update(redbeat_redis_url=place.broker_url, redbeat_redis_options={"retry_period": 60})
    return app


def _save(pipe: Any, entry: RedBeatSchedulerEntry) -> None:
    fields = ("name", "task", "args", "kwargs", "options", "schedule", "enabled")
    definition = {field: getattr(entry, field) for field in fields}
    meta = {"last_run_at": entry.last_run_at}
    pipe.hset(entry.key, "definition", json.dumps(definition, cls=RedBeatJSONEncoder))
    pipe.hset(entry.key, "meta", json.dumps(meta, cls=RedBeatJSONEncoder))
    pipe.zadd(entry.app.redbeat_conf.schedule_key, {entry.key: entry.score})
