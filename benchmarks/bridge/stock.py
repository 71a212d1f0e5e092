"""Flow runs that Prefect takes: its process worker, as it is and tuned, `serve()`, and a prefork worker."""

import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from uuid import uuid4

from benchmarks.bridge.samples import FLOWS, Run, Series
from benchmarks.bridge.stage import Stage
from benchmarks.bridge.watching import begun, marks, measured

Start = Callable[[Stage], AbstractContextManager[None]]

#: How each is started, and how often it asks for runs (s).
_STARTS: dict[str, tuple[Start, float]] = {
    "stock": (lambda stage: stage.prefect_worker("stock"), 10.0),
    "tuned": (lambda stage: stage.prefect_worker("tuned", PREFECT_WORKER_QUERY_SECONDS="1"), 1.0),
    "serve": (
        lambda stage: stage.process(
            "serve", ["benchmarks.bridge.serving"], "being served", {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}
        ),
        1.0,
    ),
    "prefork": (lambda stage: stage.prefork_worker(), 1.0),
}
#: Runs are scheduled so long before the first is due: more than they look ahead (10 s) and ask (10 s).
_AHEAD_S = 25.0
#: After the end of a run asked for now: a run's process takes about that long to end after it.
_PAUSE_S = 1.0
#: Between due times: the process of one run has ended before that of the next starts.
_EVERY_S = {"quick": 6.0, "ml": 15.0}


def measure(stage: Stage, way: str, count: int) -> list[Series]:
    """`count` runs of each flow, created to run now one after another, and as many scheduled ahead."""
    start, asks_every_s = _STARTS[way]
    with start(stage):
        time.sleep(5)
        for flow in FLOWS:  # compiled modules and the page cache are warm
            _now(stage, way, flow, 0)
        now = [
            Series(
                way=way,
                flow=flow,
                kind="ad hoc",
                runs=[_now(stage, way, flow, asks_every_s) for _ in range(count)],
            )
            for flow in FLOWS
        ]
        return now + [_scheduled(stage, way, flow, count) for flow in FLOWS]


def _now(stage: Stage, way: str, flow: str, asks_every_s: float) -> Run:
    """Create a run at any moment between two of the worker's questions, and wait for its end."""
    time.sleep(_PAUSE_S + random.uniform(0, asks_every_s))
    due = time.time()
    run_id = _create(stage, f"{way}-{flow}", due)
    if way == "prefork":
        stage.wake(way)
    return measured(stage, run_id, due, begun(stage, run_id))


def _scheduled(stage: Stage, way: str, flow: str, count: int) -> Series:
    every_s, first = _EVERY_S[flow], time.time() + _AHEAD_S
    dues = [first + number * every_s for number in range(count)]
    runs = {_create(stage, f"{way}-{flow}", due): due for due in dues}
    time.sleep(max(dues[-1] - time.time(), 0))
    for run_id in runs:
        begun(stage, run_id)
    found = marks(stage)
    taken = [measured(stage, run_id, due, found[run_id][0]) for run_id, due in runs.items()]
    return Series(way=way, flow=flow, kind="scheduled", runs=taken)


def _create(stage: Stage, deployment: str, due: float) -> str:
    client = stage.client
    run = client.create_flow_run(
        client.deployment(deployment),
        key=str(uuid4()),
        name="",
        parameters={},
        tags=[],
        state="SCHEDULED",
        scheduled_at=datetime.fromtimestamp(due, UTC),
    )
    return run.id
