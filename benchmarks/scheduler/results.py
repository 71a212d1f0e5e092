"""What was measured: one record for each figure."""

import statistics
from dataclasses import dataclass, field

SCHEDULERS = {"stock": "stock Beat", "redbeat": "RedBeat", "ours": "Matchbeat"}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One quantity of one scheduler over some runs.

    `better` is `less`, `more`, or empty where the figure is only to be read. `bound` is `~` where it is
    extrapolated.
    """

    measure: str
    scheduler: str
    unit: str
    values: list[float] = field(default_factory=list)
    better: str = "less"
    bound: str = ""

    @property
    def median(self) -> float:
        return statistics.median(self.values)


def measures(figures: list[Figure]) -> list[str]:
    """The measures in the order in which they were taken."""
    return list(dict.fromkeys(figure.measure for figure in figures))


def of(figures: list[Figure], measure: str, scheduler: str) -> Figure | None:
    return next((f for f in figures if (f.measure, f.scheduler) == (measure, scheduler)), None)


def ratio(ours: Figure | None, peer: Figure | None) -> float | None:
    """How many times better ours is; None where there is nothing to compare."""
    if ours is None or peer is None or not ours.better or not ours.median or not peer.median:
        return None
    return peer.median / ours.median if ours.better == "less" else ours.median / peer.median
