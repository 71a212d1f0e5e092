"""Rows of the ledger as a leader and the workers leave them."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from src.database import outcomes
from src.database.connection import Database
from src.database.tables.schedule import FireRow, LeadershipRow, ScheduleEntryRow
from src.domain.fire import OPEN, Fire, FireId, FireState


def lead(database: Database, at: datetime, epoch: int = 1) -> None:
    """Begin a leadership, or follow the one before."""
    with database.session() as session:
        session.merge(LeadershipRow(id=1, epoch=epoch, holder="test", since=at))


def store(database: Database, name: str, limit: timedelta, at: datetime, **parameters: Any) -> None:
    """Store a Celery entry."""
    entry = ScheduleEntryRow(
        name=name,
        cadence={},
        runner="celery",
        target="quality.check",
        queue="quality",
        priority=6,
        limit_s=limit.total_seconds(),
        parameters=parameters,
        description="",
        synced_at=at,
        declared={},
        declared_at=at,
    )
    with database.session() as session:
        session.add(entry)


def wanted(database: Database, fire: Fire, at: datetime) -> Fire:
    """Write the row of a fire in state claimed."""
    with database.session() as session:
        outcomes.request(session, fire, at)
    return fire


def put(database: Database, fire: FireId, state: FireState, at: datetime, **values: Any) -> None:
    """Put a fire into `state` at `at`."""
    values["finished_at"] = None if state in OPEN else at
    if state == FireState.STARTED:
        values.setdefault("started_at", at)
    with database.session() as session:
        session.execute(update(FireRow).where(FireRow.id == fire).values(state=state, **values))


def row_of(database: Database, fire: FireId) -> FireRow:
    """Return the fire's row as it stands."""
    with database.session() as session:
        row = outcomes.find(session, fire)
    assert row is not None
    return row
