"""The application with tasks that wait, fail and kill, for a worker process of a test.

`PROBE_TRANSPORT` (JSON) overrides broker transport options: a visibility timeout a test can wait for.
The test makes the tables `effects` and `gate`: every run of a body leaves a row, and a lock keeps it waiting.
"""

import json
import os
import signal
import time
from typing import Any

from celery import Task
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy import text

from src.core.errors import Transient
from src.tasks.celery_app import app
from src.tasks.fire_task import fire_context

app.conf.broker_transport_options = app.conf.broker_transport_options | json.loads(
    os.environ.get("PROBE_TRANSPORT", "{}")
)


def leave(task: Task, what: str) -> int:
    """Record that this body ran, and return how often it did under this task id."""
    work = fire_context(task)
    with work.database.session() as session:
        session.execute(
            text("insert into effects (task_id, what, fire) values (:id, :what, :fire)"),
            {"id": task.request.id, "what": what, "fire": str(work.fire) if work.fire else None},
        )
        found = session.scalar(
            text("select count(*) from effects where task_id = :id"), {"id": task.request.id}
        )
    return int(found or 0)


@app.task(bind=True, name="probe.pass_gate")
def pass_gate(self: Task) -> dict[str, Any]:
    """Leave an effect, then wait until nobody locks the gate."""
    leave(self, "ran")
    with fire_context(self).database.session() as session:
        session.execute(text("select * from gate"))
    return {"passed": True}


@app.task(bind=True, name="probe.stay_away_once")
def stay_away_once(self: Task) -> dict[str, Any]:
    """Find a part away at the first attempt."""
    if leave(self, "ran") == 1:
        raise Transient("a part is away")
    return {"tries": 2}


@app.task(bind=True, name="probe.wait_and_stay_away_once")
def wait_and_stay_away_once(self: Task) -> dict[str, Any]:
    """Wait at the gate and find a part away, at the first attempt."""
    if leave(self, "ran") == 1:
        with fire_context(self).database.session() as session:
            session.execute(text("select * from gate"))
        raise Transient("a part is away")
    return {"tries": 2}


@app.task(bind=True, name="probe.kill_itself")
def kill_itself(self: Task) -> None:
    """End the process that runs the task, as the kernel does when memory runs out."""
    leave(self, "ran")
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(bind=True, name="probe.kill_worker")
def kill_worker(self: Task) -> None:
    """End the whole worker, which the test has given a process group of its own."""
    leave(self, "ran")
    os.killpg(os.getpgid(os.getppid()), signal.SIGKILL)


@app.task(bind=True, name="probe.heed_limit")
def heed_limit(self: Task, tidy: bool = True) -> None:
    """Work without end; at the soft limit tidy up and stop."""
    leave(self, "ran")
    try:
        while True:
            time.sleep(0.02)
    except SoftTimeLimitExceeded:
        if tidy:
            leave(self, "tidied")
        raise


@app.task(bind=True, name="probe.fail")
def fail(self: Task) -> None:
    """Leave an effect, then fail."""
    leave(self, "child")
    raise ValueError("the child failed")


@app.task(bind=True, name="probe.have_children")
def have_children(self: Task) -> dict[str, Any]:
    """Send a task that fails, run another on the spot, then wait at the gate."""
    fail.apply_async(queue="scheduler")
    fail.apply()
    with fire_context(self).database.session() as session:
        session.execute(text("select * from gate"))
    return {"children": 2}
