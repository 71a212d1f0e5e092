"""Forks Beats from a process that has imported everything.

`python -m tests.integration.beats.nursery SETTINGS`: each line on standard input starts one Beat, with the
faults that the line names; the answer is its process id.
The end of the input ends all of them.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.beat import Service

from src.core.clock import SystemClock
from src.domain.entry import Entry, Interval, Runner
from src.domain.policy import Policy
from src.tasks.celery_app import app
from src.tasks.publisher import CeleryCarrier
from src.tasks.scheduler_prefect import PrefectFlowScheduler

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

#: A Beat with this fault dies by kill -9 when it has claimed its first fires and is about to send them.
DIES_BEFORE_SEND = "dies before send"


class ProbedScheduler(PrefectFlowScheduler):
    """The scheduler itself, with entries of the test's."""

    @classmethod
    def declare(cls, settings: dict[str, Any]) -> None:
        cls.lease_s = settings["lease_s"]
        spread = timedelta(seconds=settings["every_s"]) / settings["entries"]
        cls.entries = [
            Entry(
                name=f"entry-{number:03}",
                cadence=Interval(every_s=settings["every_s"], anchor=_EPOCH + spread * number),
                runner=Runner.CELERY,
                target="quality.check",
                queue="quality",
                priority=6,
                limit=timedelta(minutes=5),
                policy=Policy(catch_up_window=timedelta(seconds=settings["window_s"])),
            )
            for number in range(settings["entries"])
        ]


#: The clock of this Beat's host is set an hour back by SIGUSR1, and forward by SIGUSR2.
CLOCK_MAY_BE_SET = "clock may be set"
#: It is an hour slow from the start.
CLOCK_IS_WRONG = "clock is wrong"


def let_clock_be_set(wrong_by: timedelta) -> None:
    """Stand between this process and its wall clock; time as it passes, and Postgres' clock, stay."""
    time_of_host, now_of_host = time.time, SystemClock.now

    def set_clock(number: int, _frame: object) -> None:
        nonlocal wrong_by
        wrong_by = timedelta(hours=-1 if number == signal.SIGUSR1 else 1)

    time.time = lambda: time_of_host() + wrong_by.total_seconds()
    SystemClock.now = lambda clock: now_of_host(clock) + wrong_by  # type: ignore[method-assign]
    type(app).now = lambda _app: now_of_host(SystemClock()) + wrong_by
    for number in (signal.SIGUSR1, signal.SIGUSR2):
        signal.signal(number, set_clock)


def die(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def run_beat(faults: str) -> None:
    os.setsid()
    for name in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM):
        signal.signal(name, signal.SIG_DFL)
    log = os.open(os.environ["BEAT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    for stream in (1, 2):
        os.dup2(log, stream)
    if faults == DIES_BEFORE_SEND:
        CeleryCarrier.send = die  # type: ignore[method-assign]
    if faults in {CLOCK_MAY_BE_SET, CLOCK_IS_WRONG}:
        let_clock_be_set(timedelta(hours=-1 if faults == CLOCK_IS_WRONG else 0))
    service = Service(app=app, scheduler_cls=ProbedScheduler)
    signal.signal(signal.SIGTERM, lambda *_: service.stop())
    service.start()


def main(
    declare: Callable[[dict[str, Any]], None] = ProbedScheduler.declare,
    inflict: Callable[[str], None] = lambda _: None,
) -> None:
    """Fork Beats as asked; `declare` makes their entries known, `inflict` brings further faults into one."""
    declare(json.loads(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    children: list[int] = []
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 1
            try:
                sys.stdin.close()
                inflict(line.strip())
                run_beat(line.strip())
                code = 0
            finally:
                os._exit(code)
        children.append(child)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
    for child in children:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            continue


if __name__ == "__main__":
    main()
