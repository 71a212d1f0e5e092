"""The audit of the schedule: every change of an entry, with who, when and why."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from src.database.tables.schedule import ScheduleAuditRow, ScheduleEntryRow
from src.domain.edit import Author, Change

#: Who the audit names where no operator acted.
DECLARATION = Author(who="declaration", why="the catalog says so")


def in_force(row: ScheduleEntryRow) -> dict[str, Any]:
    """Return an entry as the audit keeps it."""
    return {
        "revision": row.revision,
        "enabled": row.enabled,
        "disabled_reason": row.disabled_reason,
        "cadence": row.cadence,
        "parameters": row.parameters,
        "priority": row.priority,
        "policy": row.policy,
        "next_due": row.next_due.isoformat() if row.next_due else None,
    }


def record(
    session: Session,
    entry: str,
    action: str,
    by: Author,
    *,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    at: datetime | None = None,
) -> None:
    """Write one change; without `at` it bears the database's time."""
    values: dict[str, Any] = {
        "entry": entry, "action": action, "who": by.who, "why": by.why,
        "before": dict(before), "after": dict(after),
    }  # fmt: skip
    session.execute(insert(ScheduleAuditRow).values(values if at is None else {**values, "at": at}))


def changes(session: Session, entry: str | None = None, limit: int = 50) -> list[Change]:
    """Return the last changes, of one entry or of all, newest first."""
    wanted = select(ScheduleAuditRow).order_by(ScheduleAuditRow.at.desc(), ScheduleAuditRow.id.desc())
    if entry is not None:
        wanted = wanted.where(ScheduleAuditRow.entry == entry)
    return _told(session.scalars(wanted.limit(limit)).all())


def changes_around(session: Session, entry: str, at: datetime) -> tuple[Change | None, Change | None]:
    """Return the last change of an entry up to `at` and the first one after it."""
    of_entry = select(ScheduleAuditRow).where(ScheduleAuditRow.entry == entry).limit(1)
    earlier = of_entry.where(ScheduleAuditRow.at <= at)
    later = of_entry.where(ScheduleAuditRow.at > at)
    last = session.scalars(earlier.order_by(ScheduleAuditRow.at.desc(), ScheduleAuditRow.id.desc()))
    first = session.scalars(later.order_by(ScheduleAuditRow.at, ScheduleAuditRow.id))
    return next(iter(_told(last.all())), None), next(iter(_told(first.all())), None)


def _told(rows: Sequence[ScheduleAuditRow]) -> list[Change]:
    return [
        Change(
            id=row.id, entry=row.entry, at=row.at, who=row.who, action=row.action, why=row.why,
            before=row.before, after=row.after,
        )
        for row in rows
    ]  # fmt: skip
