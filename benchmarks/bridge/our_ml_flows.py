"""The flow with the ML imports as the project writes its flows."""

from typing import Any

from prefect import flow

from benchmarks.bridge.ml_flows import IMPORTED
from benchmarks.bridge.our_flows import work
from src.orchestration.flows.outcome_hooks import REPORTED

__all__ = ["IMPORTED", "ml"]


@flow(name="bench-our-ml", **REPORTED)
def ml(fire_id: str | None = None) -> Any:
    """Do the work."""
    return work(fire_id)
