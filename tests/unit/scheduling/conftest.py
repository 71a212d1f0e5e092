"""A ledger, a carrier and an engine, all in memory."""

import pytest

from src.scheduling.engine import Engine
from tests.fakes.carrier import MemoryCarrier
from tests.fakes.ledger import MemoryLedger
from tests.unit.scheduling.engines import started


@pytest.fixture
def ledger() -> MemoryLedger:
    return MemoryLedger()


@pytest.fixture
def carrier() -> MemoryCarrier:
    return MemoryCarrier()


@pytest.fixture
def engine(ledger: MemoryLedger, carrier: MemoryCarrier) -> Engine:
    """An engine that has declared its entries at START."""
    return started(ledger, carrier)
