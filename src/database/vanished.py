"""Fires that run somewhere, and the end of those whose worker is gone, as the leader writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update

from src.database.connection import Database
from src.database.interrupted import Crash, crash
from src.database.leadership_fence import fence
from src.database.released import tell_of_ended
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.fire import FireId, FireState

#: Between a worker's Celery node name and the process that runs the fire.
NODE_MARK = "/"


@dataclass(frozen=True, kw_only=True, slots=True)
class Begun:
    """A fire that a process of a Celery node has begun; `started_at` is that machine's time."""

    id: FireId
    worker: str
    started_at: datetime

    @property
    def node(self) -> str:
        """The Celery node name of its worker."""
        return self.worker.rpartition(NODE_MARK)[0]


def begun_on_nodes(database: Database) -> list[Begun]:
    """Return the fires that run on Celery nodes which show life."""
    with database.session() as session:
        rows = session.execute(
            select(FireRow.id, FireRow.worker, FireRow.started_at)
            .where(FireRow.finished_at.is_(None), FireRow.state == FireState.STARTED)
            .where(FireRow.worker.contains(NODE_MARK))
        ).all()
        return [
            Begun(id=FireId(id_), worker=worker, started_at=at)
            for id_, worker, at in rows
            if worker is not None and at is not None
        ]


def close_vanished(database: Database, epoch: int, fires: Sequence[Begun], at: datetime) -> dict[FireId, str]:
    """Close fires whose node vanished, where they have not ended or been begun anew; return their entries.

    One that its entry's policy lets run again goes back to be sent, and is not among them.
    """
    crashes = [
        Crash(fire.id, f"its worker {fire.node} vanished", fire.worker, fire.started_at) for fire in fires
    ]
    with database.session() as session:
        fence(session, epoch)
        return crash(session, crashes, FireState.LOST, at)


def close_lost(database: Database, epoch: int, at: datetime, grace: timedelta) -> dict[FireId, str]:
    """Close fires that were begun and have outlived their limit by `grace`; return their entries.

    Their worker ended without a word.
    """
    limit = func.make_interval(0, 0, 0, 0, 0, 0, ScheduleEntryRow.limit_s)
    with database.session() as session:
        fence(session, epoch)
        lost = session.execute(
            update(FireRow)
            .where(FireRow.entry == ScheduleEntryRow.name, FireRow.finished_at.is_(None))
            .where(FireRow.state == FireState.STARTED, FireRow.started_at + limit + grace < at)
            .values(state=FireState.LOST, reason="its worker ended without a word", finished_at=at)
            .returning(FireRow.id, FireRow.entry)
        ).all()
        tell_of_ended(session, [entry for _, entry in lost])
        return {FireId(id_): entry for id_, entry in lost}
