"""Forks Beats with entries for the probe flows, as `tests.integration.beats.nursery` does."""

import os
import signal
from datetime import timedelta
from importlib import import_module
from typing import Any, NoReturn

from src.scheduling.bridge.client import PrefectClient
from src.scheduling.flow_carrier import FlowCarrier
from tests.integration.beats.nursery import ProbedScheduler, main
from tests.integration.flows.beat_entries import SETS

#: A Beat with this fault dies by kill -9 when a fire is in the ledger and its flow run is to be created.
DIES_BEFORE_CREATE = "dies before create"
#: This one dies when the run was created and its worker is to be told.
DIES_AFTER_CREATE = "dies after create"


def declare(settings: dict[str, Any]) -> None:
    """Take the entries of a set, and constants of the scheduler that the test wants shorter (in seconds)."""
    ProbedScheduler.lease_s = settings["lease_s"]
    ProbedScheduler.entries = SETS[settings["entries"]]
    for place, seconds in settings["patience"].items():
        module, _, name = place.rpartition(".")
        home = import_module(module)
        is_span = isinstance(getattr(home, name), timedelta)
        setattr(home, name, timedelta(seconds=seconds) if is_span else seconds)


def die(*_: Any, **__: Any) -> NoReturn:
    """End this process as the loss of its machine would."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def inflict(fault: str) -> None:
    """Bring the fault into this process."""
    if fault == DIES_BEFORE_CREATE:
        PrefectClient.create_flow_run = die  # type: ignore[method-assign]
    elif fault == DIES_AFTER_CREATE:
        FlowCarrier._message = die  # type: ignore[method-assign]


if __name__ == "__main__":
    main(declare, inflict)
