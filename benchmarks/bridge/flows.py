"""The trivial flow: it imports nothing but Prefect, so that a process made for it starts soonest."""

import os
import time

from prefect import flow
from prefect.runtime import flow_run


def mark() -> None:
    """Leave the time at which the flow's own code begins (Unix seconds), its run and its process."""
    at = time.time()
    line = f"{flow_run.id} {at:.6f} {os.getpid()}\n"
    file = os.open(os.environ["BENCH_MARKS"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, line.encode())  # one write: lines of several processes do not mix
    os.close(file)


@flow(name="bench-quick")
def quick(fire_id: str | None = None) -> None:
    """Say that it runs."""
    del fire_id
    mark()
