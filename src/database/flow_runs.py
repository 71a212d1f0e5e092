"""Fires that have a flow run in Prefect, and the entries that deployments belong to."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database.connection import Database
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.entry import Entry, FlowRunner, Runner
from src.domain.fire import FireId, FireState


@dataclass(frozen=True, kw_only=True, slots=True)
class FireWithRun:
    """A fire with its flow run, who began it when, and when it ended."""

    fire: FireId
    run_id: str
    state: FireState
    flow_runner: FlowRunner
    worker: str | None
    started_at: datetime | None
    finished_at: datetime | None


def open_flow_runs(database: Database) -> dict[str, FireWithRun]:
    """Return the fires that run, pause or wait to run in Prefect, by flow run id."""
    return _found(database, FireRow.finished_at.is_(None))


def ended_flow_runs(database: Database, since: datetime) -> dict[str, FireWithRun]:
    """Return the fires that ended since then otherwise than well and told, by flow run id.

    Of a run that somebody started again it is the last fire, and none while that one is open.
    """
    doubtful = or_(FireRow.state != FireState.SUCCEEDED, FireRow.reason.is_not(None))
    later = aliased(FireRow)
    again = exists().where(later.flow_run_id == FireRow.flow_run_id, later.claimed_at > FireRow.claimed_at)
    return _found(database, FireRow.finished_at >= since, doubtful, ~again)


def open_fire_of(session: Session, run_id: str) -> FireRow | None:
    """Return the fire that runs, pauses or waits to run in this flow run."""
    with_run = select(FireRow).where(FireRow.flow_run_id == run_id, FireRow.finished_at.is_(None))
    return session.scalars(with_run).first()


def completed_after_all(session: Session, fire: FireId, at: datetime) -> bool:
    """Close a fire as succeeded that was given up when its process died; return False for any other."""
    given_up = FireRow.state.in_([FireState.FAILED, FireState.LOST])
    closed = session.execute(
        update(FireRow)
        .where(FireRow.id == fire, given_up)
        .values(state=FireState.SUCCEEDED, finished_at=at, reason=None)
        .returning(FireRow.id)
    )
    return closed.first() is not None


def _found(database: Database, *which: object) -> dict[str, FireWithRun]:
    with database.session() as session:
        rows = session.execute(
            select(FireRow, ScheduleEntryRow.flow_runner)
            .join(ScheduleEntryRow, ScheduleEntryRow.name == FireRow.entry)
            .where(FireRow.flow_run_id.is_not(None), *which)  # type: ignore[arg-type]
            .order_by(FireRow.claimed_at)
        ).all()
        return {str(row.flow_run_id): _fire(row, runner) for row, runner in rows}


def _fire(row: FireRow, flow_runner: str) -> FireWithRun:
    return FireWithRun(
        fire=FireId(row.id),
        run_id=str(row.flow_run_id),
        state=FireState(row.state),
        flow_runner=FlowRunner(flow_runner),
        worker=row.worker,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def states(database: Database, fires: Collection[FireId]) -> dict[FireId, FireState]:
    """Return the states of those of the fires that are in the ledger."""
    with database.session() as session:
        rows = session.execute(select(FireRow.id, FireRow.state).where(FireRow.id.in_(list(fires)))).all()
        return {FireId(id_): FireState(state) for id_, state in rows}


def entries(database: Database, names: Collection[str]) -> dict[str, tuple[Entry, int]]:
    """Return entries with their parameters and revisions; one that cannot be read is left out."""
    with database.session() as session:
        rows = session.scalars(select(ScheduleEntryRow).where(ScheduleEntryRow.name.in_(list(names)))).all()
        return {row.name: (entry, row.revision) for row in rows if (entry := _readable(row)) is not None}


def entries_of_deployments(database: Database) -> Mapping[str, str]:
    """Return the names of the entries by the deployments that they name; of several the first by name."""
    with database.session() as session:
        rows = session.execute(
            select(ScheduleEntryRow.target, ScheduleEntryRow.name)
            .where(ScheduleEntryRow.runner == Runner.PREFECT)
            .order_by(ScheduleEntryRow.name.desc())
        ).all()
        return {row.target: row.name for row in rows}


def _readable(row: ScheduleEntryRow) -> Entry | None:
    try:
        return stored.entry(row)
    except Misconfigured:
        return None
