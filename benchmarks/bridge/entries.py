"""The entries that the measured Beat fires; importing it makes their flows known to this process."""

import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from src.domain.entry import ByHand, Cadence, Entry, FlowRunner, Interval, OneOff, Runner
from src.scheduling.entrypoints import ENTRYPOINTS

_FOLDER = "benchmarks/bridge"
#: The variable with the schedule of a Beat, as `scheduled` and `at_once` write it; without it, by hand.
VARIABLE = "BENCH_SCHEDULE"

QUICK = Entry(
    name="quick",
    cadence=ByHand(),
    runner=Runner.PREFECT,
    target="bench-quick-deployment",
    queue="data_collection",
    priority=5,
    limit=timedelta(minutes=5),
    description="trivial",
)
ML = replace(QUICK, name="ml", target="bench-ml-deployment")
POOLED = replace(QUICK, name="pooled", target="bench-pooled-deployment", flow_runner=FlowRunner.POOL)
BY_HAND = (QUICK, ML, POOLED)

ENTRYPOINTS.update({
    QUICK.target: f"{_FOLDER}/our_flows.py:quick",
    ML.target: f"{_FOLDER}/our_ml_flows.py:ml",
    POOLED.target: f"{_FOLDER}/our_flows.py:quick",
})  # fmt: skip


def scheduled(flow: str, first: float, every_s: float) -> dict[str, str]:
    """The variable for a Beat that fires `flow`, quick or ml, every so often, also at `first` (Unix s)."""
    return {VARIABLE: json.dumps({"flow": flow, "at": first, "every_s": every_s})}


def at_once(count: int, at: float) -> dict[str, str]:
    """The variable for a Beat with `count` entries, all due once, at `at` (Unix seconds)."""
    return {VARIABLE: json.dumps({"flow": "quick", "at": at, "count": count})}


def declared() -> tuple[Entry, ...]:
    """The entries that this process's environment asks for."""
    if not (asked := os.environ.get(VARIABLE)):
        return BY_HAND
    wanted = json.loads(asked)
    entry, at = {"quick": QUICK, "ml": ML}[wanted["flow"]], datetime.fromtimestamp(wanted["at"], UTC)
    if "count" in wanted:
        return tuple(
            replace(entry, name=f"once-{number:03}", cadence=OneOff(at=at))
            for number in range(wanted["count"])
        )
    every: Cadence = Interval(every_s=wanted["every_s"], anchor=at)
    return (replace(entry, cadence=every),)
