"""Flows that wait, pause, fail and die, for the workers of tests; each leaves rows in the table `effects`."""

import os
import signal
import time
from typing import Any

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import text

from src.orchestration.flows.envelope import completed, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.orchestration.flows.pausing import pausable, progress
from src.pipeline.context import Context


def leave(ctx: Context, what: str) -> int:
    """Record that this ran, and return how often it did for this fire."""
    with ctx.database.session() as session:
        session.execute(
            text("insert into effects (fire, what) values (:fire, :what)"),
            {"fire": str(ctx.fire), "what": what},
        )
        found = session.scalar(
            text("select count(*) from effects where fire = :fire and what = :what"),
            {"fire": str(ctx.fire), "what": what},
        )
    return int(found or 0)


@flow(name="probe-quick", **REPORTED)
def quick(answer: int = 42, fire_id: str | None = None) -> Any:
    """Leave an effect."""
    ctx = working_context(fire_id)
    leave(ctx, "ran")
    return completed(ctx, {"answer": answer}, f"the answer is {answer}")


@flow(name="probe-failing", **REPORTED)
def failing(fire_id: str | None = None) -> None:
    """Leave an effect and fail."""
    leave(working_context(fire_id), "ran")
    raise ValueError("it does not work")


@flow(name="probe-waiting", **REPORTED)
def waiting(seconds: float = 600, fire_id: str | None = None) -> None:
    """Leave an effect, then wait on the main thread."""
    leave(working_context(fire_id), "ran")
    time.sleep(seconds)


@task(cache_policy=NO_CACHE)
def wait_in_thread(seconds: float) -> None:
    time.sleep(seconds)


@flow(name="probe-holding", **REPORTED)
def holding(seconds: float = 600, fire_id: str | None = None) -> None:
    """Leave an effect, then wait in a thread that nothing interrupts."""
    leave(working_context(fire_id), "ran")
    wait_in_thread.submit(seconds).result()


@flow(name="probe-dying", **REPORTED)
def dying(times: int = 1, fire_id: str | None = None) -> None:
    """Leave an effect and kill the own process, so many times."""
    if leave(working_context(fire_id), "ran") <= times:
        os.kill(os.getpid(), signal.SIGKILL)


@flow(name="probe-loop", **REPORTED)
def loop(
    items: int = 5, pause_after: int | None = None, wait_s: float = 0, fire_id: str | None = None
) -> Any:
    """Do items one by one, pausing between them where it is asked to."""
    ctx = working_context(fire_id)
    with pausable(pause_after, 3600):
        done = progress(ctx, "loop")
        for number in range(items):
            if done.is_done(str(number)):
                continue
            done.pause_point()
            time.sleep(wait_s)
            with ctx.database.session() as session:
                done.mark(session, [str(number)], ctx.clock.now())
            leave(ctx, f"item {number}")
    return completed(ctx, {"items": items}, f"{items} items")
