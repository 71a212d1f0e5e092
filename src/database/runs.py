"""The ledger's fires as runs, to be listed and to be found by their ids."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from src.database.tables.checkpoints import FlowCheckpointRow
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.entry import Runner
from src.domain.fire import FireId, FireState
from src.domain.run import Run, RunKind, StepProgress

#: An entry that the schedule has no more tells its kind by what its fires left.
_IS_FLOW = func.coalesce(ScheduleEntryRow.runner == Runner.PREFECT, FireRow.flow_run_id.is_not(None))

_FOUND = (
    select(FireRow, _IS_FLOW, ScheduleEntryRow.target, ScheduleEntryRow.flow_runner)
    .outerjoin(ScheduleEntryRow, ScheduleEntryRow.name == FireRow.entry)
    .order_by(FireRow.due_at.desc(), FireRow.entry)
)


def runs(
    session: Session,
    now: datetime,
    *,
    entry: str | None = None,
    states: Collection[FireState] = (),
    kind: RunKind | None = None,
    limit: int = 50,
) -> list[Run]:
    """Return the newest runs first by their due times; without `states` those in any."""
    wanted: list[ColumnElement[bool]] = []
    if entry is not None:
        wanted.append(FireRow.entry == entry)
    if states:
        wanted.append(FireRow.state.in_(states))
    if kind is not None:
        wanted.append(_IS_FLOW.is_(kind is RunKind.FLOW))
    return _runs(session, now, *wanted, limit=limit)


def by_fire(session: Session, now: datetime, prefix: str, limit: int = 6) -> list[Run]:
    """Return the runs whose fire id begins with these hexadecimal digits."""
    low, high = (UUID(prefix.ljust(32, digit)) for digit in "0f")
    return _runs(session, now, FireRow.id.between(low, high), limit=limit)


def by_flow_run(session: Session, now: datetime, prefix: str, limit: int = 6) -> list[Run]:
    """Return the runs whose flow run id, without its dashes, begins with these hexadecimal digits."""
    digits = func.replace(FireRow.flow_run_id, "-", "")
    return _runs(session, now, digits.startswith(prefix, autoescape=True), limit=limit)


def progress(session: Session, run: UUID) -> list[StepProgress]:
    """Return how far each step of a run has come, the step that began first first."""
    table = FlowCheckpointRow
    found = session.execute(
        # The mark of a run's first attempt is a step without an item.
        select(table.step, func.count().filter(table.done), func.count(), func.max(table.at))
        .where(table.fire_id == run, table.item != "")
        .group_by(table.step)
        .order_by(func.min(table.at), table.step)
    )
    return [StepProgress(step=step, done=done, arrived=all_, at=at) for step, done, all_, at in found]


def _runs(session: Session, now: datetime, *wanted: ColumnElement[bool], limit: int) -> list[Run]:
    found = session.execute(_FOUND.where(*wanted).limit(limit)).all()
    return [_run(row, is_flow, target, flow_runner, now) for row, is_flow, target, flow_runner in found]


def _run(row: FireRow, is_flow: bool, target: str | None, flow_runner: str | None, now: datetime) -> Run:
    ended = row.finished_at or now
    return Run(
        fire=FireId(row.id),
        entry=row.entry,
        kind=RunKind.FLOW if is_flow else RunKind.TASK,
        target=target or "",
        runs_on=(flow_runner or "") if is_flow else "celery",
        state=FireState(row.state),
        due_at=row.due_at,
        by_hand=row.by_hand,
        sent_at=row.sent_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        duration_s=(ended - row.started_at).total_seconds() if row.started_at else None,
        attempts=row.attempts,
        worker=row.worker,
        flow_run_id=row.flow_run_id,
        reason=row.reason,
        parameters=row.parameters,
        result=row.result,
    )
