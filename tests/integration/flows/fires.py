"""Fires of the probe entries, as a leader makes and sends them."""

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from sqlalchemy import text

from src.core.clock import SystemClock
from src.database.connection import Database
from src.database.tables.schedule import FireRow
from src.domain.entry import Entry
from src.domain.fire import OPEN, Fire, FireState, fire_id
from src.domain.ports import Sent, Unsent
from src.scheduling.flow_carrier import FlowCarrier
from tests.integration.scheduling import rows
from tests.integration.tasks.conftest import row_that

_NUMBERS = count(1)


def fire_of(entry: Entry, due_at: datetime | None = None, **parameters: Any) -> Fire:
    """Return a fire of `entry`, due now unless told otherwise."""
    due = due_at or SystemClock().now().replace(microsecond=next(_NUMBERS))
    given = {**entry.parameters, **parameters}
    return Fire(id=fire_id(entry.name, due), entry=entry.name, due_at=due, parameters=given)


def claim(database: Database, fire: Fire) -> Fire:
    """Write the row of a fire, as a claim does."""
    return rows.wanted(database, fire, fire.due_at)


def send(database: Database, carrier: FlowCarrier, entry: Entry, fire: Fire) -> Sent:
    """Send a claimed fire and mark it, as the leader does."""
    row = row_of(database, fire)
    taken: list[Sent] = []
    item = Unsent(
        fire=fire, entry=entry, since=fire.due_at, attempts=row.attempts, flow_run_id=row.flow_run_id
    )
    assert carrier.send([item], taken.append) == []
    (sent,) = taken
    with database.session() as session:
        session.execute(
            text(
                "update fires set flow_run_id = :run, sent_at = now(),"
                " state = case when state = 'claimed' then 'sent' else state end where id = :id"
            ),
            {"run": sent.flow_run_id, "id": fire.id},
        )
    return sent


def go(database: Database, carrier: FlowCarrier, entry: Entry, **parameters: Any) -> tuple[Fire, str]:
    """Claim and send a fire of `entry`; return it and its flow run's id."""
    fire = claim(database, fire_of(entry, **parameters))
    return fire, send(database, carrier, replace(entry), fire).flow_run_id or ""


def row_of(database: Database, fire: Fire) -> FireRow:
    """Return the fire's row as it stands."""
    return rows.row_of(database, fire.id)


def ended(database: Database, fire: Fire, within_s: float = 60) -> FireRow:
    """Wait until the fire has ended and return its row."""
    return row_that(database, fire, lambda row: row.state not in OPEN, "to end", within_s)


def reached(database: Database, fire: Fire, state: FireState, within_s: float = 60) -> FireRow:
    """Wait until the fire is in `state` and return its row."""
    return row_that(database, fire, lambda row: row.state == state, f"to be {state}", within_s)


def effects(database: Database, fire: Fire) -> list[str]:
    """Return what the flow left for this fire, in order."""
    with database.session() as session:
        left = session.execute(text("select what from effects where fire = :fire"), {"fire": str(fire.id)})
        return [what for (what,) in left]
