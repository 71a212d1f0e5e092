"""An engine on a ledger and a carrier in memory."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from src.domain.entry import Runner
from src.domain.fire import FireState
from src.scheduling.engine import Engine
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.carrier import MemoryCarrier
from tests.fakes.ledger import MemoryLedger

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def started(ledger: MemoryLedger, carrier: MemoryCarrier, at: datetime = START) -> Engine:
    """Return the engine of a leader that has declared its entries at `at`."""
    engine = Engine(1, ledger, {Runner.CELERY: carrier, Runner.PREFECT: carrier})
    engine.declare([MINUTELY, NIGHTLY], at)
    return engine


def under(ledger: MemoryLedger, carrier: MemoryCarrier, **policy: Any) -> Engine:
    """Return the engine of a leader whose one entry, each minute, has `policy` in part."""
    engine = Engine(1, ledger, {Runner.CELERY: carrier})
    engine.declare([replace(MINUTELY, policy=replace(MINUTELY.policy, **policy))], START)
    return engine


def states(ledger: MemoryLedger) -> Counter[FireState]:
    """Count the fires in each state."""
    return Counter(row.state for row in ledger.rows.values())
