"""Operators, a leading Beat and its engine, and what they leave behind."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from src.database import schedule as stored
from src.database.leadership import Leadership
from src.database.ledger import PostgresLedger
from src.database.schedule_audit import changes
from src.database.tables.schedule import ScheduleEntryRow
from src.domain.edit import Author, Change
from src.domain.entry import Entry, Runner
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.schedule_show import past_fires
from src.scheduling.engine import Engine
from tests.entries import MINUTELY, NIGHTLY
from tests.fakes.carrier import MemoryCarrier

LENA = Author(who="lena", why="upstream is down")
OMAR = Author(who="omar", why="cup final")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def leadership(context: Context, database_url: str) -> Iterator[Leadership]:
    leadership = Leadership(database_url, "beat-one")
    assert leadership.campaign()
    yield leadership
    leadership.resign()


@pytest.fixture
def engine(context: Context, leadership: Leadership) -> Engine:
    return beat(context, leadership)


def beat(
    context: Context, leadership: Leadership, entries: tuple[Entry, ...] = (MINUTELY, NIGHTLY)
) -> Engine:
    carriers = {runner: MemoryCarrier() for runner in Runner}
    engine = Engine(leadership.epoch or 0, PostgresLedger(context.database), carriers)
    engine.declare(entries, context.clock.now())
    return engine


def scheduled(context: Context, name: str) -> Scheduled | None:
    """The entry as Beat reads it, None where it does not run: disabled or paused."""
    found = {item.entry.name: item for item in PostgresLedger(context.database).schedule()}
    item = found.get(name)
    if item is None or item.paused is not None:
        return None
    with context.database.session() as session:
        # Beat leaves the parameters in the table.
        return replace(item, entry=stored.entry(session.get_one(ScheduleEntryRow, name)))


def fires(context: Context, name: str = "minutely") -> list[tuple[datetime, str, str | None]]:
    """The fires of an entry, newest first: due time, state and reason."""
    return [(fire.due_at, fire.state, fire.reason) for fire in past_fires(context, name, limit=50)]


def audit(context: Context, name: str = "minutely") -> list[Change]:
    with context.database.session() as session:
        return changes(session, name)
