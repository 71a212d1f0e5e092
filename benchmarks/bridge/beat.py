"""The scheduler of the measured Beat: the project's own, with the measured entries."""

from benchmarks.bridge.entries import declared
from src.tasks.scheduler_prefect import PrefectFlowScheduler


class BenchScheduler(PrefectFlowScheduler):
    """The seam as it is."""

    entries = declared()
