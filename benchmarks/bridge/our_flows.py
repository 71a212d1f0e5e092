"""The trivial flow as the project writes its flows: with hooks, a context, and a result in the ledger."""

from typing import Any

from prefect import flow

from benchmarks.bridge.flows import mark
from src.orchestration.flows.envelope import completed, working_context
from src.orchestration.flows.outcome_hooks import REPORTED


def work(fire_id: str | None) -> Any:
    """Say that it runs, and keep a result."""
    mark()
    ctx = working_context(fire_id)
    return completed(ctx, {"ran": 1}, "it ran")


@flow(name="bench-our-quick", **REPORTED)
def quick(fire_id: str | None = None) -> Any:
    """Do the work."""
    return work(fire_id)
