"""What was measured of flow runs."""

import statistics
from collections.abc import Iterable
from dataclasses import dataclass, field

#: Who runs the flows.
WAYS = {
    "celery": "Matchbeat, runner celery",
    "pool": "Matchbeat, runner pool",
    "stock": "process worker, defaults",
    "tuned": "process worker, tuned",
    "serve": "serve(), 1 s poll",
    "prefork": "prefork Prefect worker",
}
FLOWS = {"quick": "trivial", "ml": "ML imports"}
MARKS = (50, 95, 99)


@dataclass(frozen=True, kw_only=True)
class Run:
    """One flow run, in Unix seconds: due, Prefect's start, first line, Prefect's end, end seen in ledger."""

    due: float
    running: float
    first_line: float
    ended: float
    seen: float | None = None
    process: int = 0


@dataclass(frozen=True, kw_only=True)
class Series:
    """The runs of one flow by one of WAYS; `kind` is `ad hoc`, `scheduled` or `at once`."""

    way: str
    flow: str
    kind: str
    runs: list[Run] = field(default_factory=list)
    #: What else was counted, by name.
    counts: dict[str, float] = field(default_factory=dict)

    def to_running(self) -> list[float]:
        """Seconds from due to Prefect's start time."""
        return [run.running - run.due for run in self.runs]

    def to_first_line(self) -> list[float]:
        """Seconds from due to the first line of the flow's code."""
        return [run.first_line - run.due for run in self.runs]

    def to_seen(self) -> list[float]:
        """Seconds from Prefect's end state to the end in the ledger."""
        return [run.seen - run.ended for run in self.runs if run.seen is not None]


def percentile(values: Iterable[float], mark: int) -> float:
    """The `mark`-th percentile, interpolated between the values around it; of one value itself."""
    found = sorted(values)
    if len(found) < 2:
        return found[0]
    return statistics.quantiles(found, n=100, method="inclusive")[mark - 1]


def of(series: Iterable[Series], way: str, flow: str, kind: str) -> Series | None:
    """The series of that way, flow and kind, if it was measured."""
    return next((one for one in series if (one.way, one.flow, one.kind) == (way, flow, kind)), None)
