"""Fires that run somewhere, and the end of those whose worker is gone, as the leader writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update

from src.database.connection import Database
from src.database.leadership_fence import fence
from src.database.recordset import recordset
from src.database.released import tell_of_ended
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.fire import OPEN, FireId, FireState

#: Between a worker's Celery node name and the process that runs the fire.
NODE_MARK = "/"

#: The worker and the time show that the fire has not been begun anew since it was read.
_CLOSE_VANISHED = text(f"""
    update fires f
    set state = '{FireState.LOST}', finished_at = :at, reason = 'its worker ' || v.node || ' vanished'
    from json_to_recordset(cast(:rows as json))
        as v (id uuid, node text, worker text, started_at timestamptz)
    where f.id = v.id and f.state = '{FireState.STARTED}'
      and f.worker = v.worker and f.started_at = v.started_at
    returning f.id, f.entry
""")  # noqa: S608 - our own constants


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
    """Close fires whose node vanished, where they have not ended or been begun anew; return their entries."""
    rows = recordset(
        {"id": fire.id, "node": fire.node, "worker": fire.worker, "started_at": fire.started_at}
        for fire in fires
    )
    with database.session() as session:
        fence(session, epoch)
        lost = session.execute(_CLOSE_VANISHED, {"rows": rows, "at": at}).all()
        tell_of_ended(session, [entry for _, entry in lost])
        return {FireId(id_): entry for id_, entry in lost}


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


def open_flow_runs(database: Database) -> dict[str, FireId]:
    """Return the fires that run, or wait to run, in Prefect, by flow run id."""
    with database.session() as session:
        rows = session.execute(
            select(FireRow.flow_run_id, FireRow.id)
            .where(FireRow.finished_at.is_(None), FireRow.state.in_(OPEN), FireRow.flow_run_id.is_not(None))
            .order_by(FireRow.due_at)
        ).all()
        return {str(run): FireId(id_) for run, id_ in rows}
