"""Schedule entries in Postgres: the catalog as declared, and when each entry is due next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.entry import ByHand, Cadence, Cron, Entry, Interval, OneOff, Runner
from src.domain.ports import Scheduled

_UNDECLARED = "no longer declared"
_UNREADABLE = "cannot be read"

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """An entry with its next due time and its last fire, for people to read."""

    entry: Entry
    enabled: bool
    disabled_reason: str | None
    next_due: datetime | None
    last_due: datetime | None
    last_state: str | None
    last_reason: str | None


def declare(session: Session, planned: Sequence[Scheduled], at: datetime) -> None:
    """Make the stored schedule what `planned` declares.

    A new entry, and one whose cadence changed, takes the next due time planned for it; an unchanged one keeps
    its own, so that a restart loses nothing. An entry that is declared no more is disabled, its fires kept.
    """
    rows = {row.name: row for row in session.scalars(select(ScheduleEntryRow).with_for_update())}
    for plan in planned:
        row = rows.pop(plan.entry.name, None)
        if row is None:
            row = ScheduleEntryRow(name=plan.entry.name, revision=0, enabled=True)
            session.add(row)
        _write(row, plan, at)
    for row in rows.values():
        row.enabled, row.disabled_reason = False, row.disabled_reason or _UNDECLARED


def enabled(session: Session) -> list[Scheduled]:
    """Return the enabled entries and when each is due next; one that cannot be read is disabled."""
    found = []
    for row in session.scalars(select(ScheduleEntryRow).where(ScheduleEntryRow.enabled)):
        try:
            found.append(Scheduled(entry=entry(row), next_due=row.next_due))
        except Misconfigured as error:
            disable(session, row.name, str(error))
    return found


def disable(session: Session, name: str, fault: str) -> None:
    """Take an entry that is wrong out of the schedule, visibly; the next declaration mends it."""
    session.execute(
        update(ScheduleEntryRow)
        .where(ScheduleEntryRow.name == name)
        .values(enabled=False, disabled_reason=f"{_UNREADABLE}: {fault}")
    )
    log.error("entry_disabled", entry=name, reason=fault)


def views(session: Session) -> list[EntryView]:
    """Return all entries with their last fire, by name."""
    last = (
        select(FireRow.entry, FireRow.due_at, FireRow.state, FireRow.reason)
        .ext(distinct_on(FireRow.entry))
        .order_by(FireRow.entry, FireRow.due_at.desc())
        .subquery()
    )
    rows = session.execute(
        select(ScheduleEntryRow, last.c.due_at, last.c.state, last.c.reason)
        .outerjoin(last, last.c.entry == ScheduleEntryRow.name)
        .order_by(ScheduleEntryRow.name)
    )
    return [
        EntryView(
            entry=_shown(row),
            enabled=row.enabled,
            disabled_reason=row.disabled_reason,
            next_due=row.next_due,
            last_due=due,
            last_state=state,
            last_reason=reason,
        )
        for row, due, state, reason in rows
    ]


def entry(row: ScheduleEntryRow) -> Entry:
    """Return the entry that a row holds; raise Misconfigured where it cannot be read."""
    try:
        return _entry(row, from_json(row.cadence), Runner(row.runner))
    except (ValueError, OverflowError) as error:
        raise Misconfigured(str(error)) from error


def _shown(row: ScheduleEntryRow) -> Entry:
    """Return the entry for people to read: what cannot be read of it is left out."""
    try:
        return entry(row)
    except Misconfigured:
        fields = {column: getattr(row, column) for column in ("name", "target", "queue", "priority")}
        return Entry(**fields, cadence=ByHand(), runner=Runner.CELERY, limit=timedelta(0))


def _entry(row: ScheduleEntryRow, cadence: Cadence, runner: Runner) -> Entry:
    return Entry(
        name=row.name,
        cadence=cadence,
        runner=runner,
        target=row.target,
        queue=row.queue,
        priority=row.priority,
        limit=timedelta(seconds=row.limit_s),
        catch_up=timedelta(seconds=row.catch_up_s),
        parameters=row.parameters,
        description=row.description,
    )


def _write(row: ScheduleEntryRow, plan: Scheduled, at: datetime) -> None:
    declared = plan.entry
    values: dict[str, Any] = {
        "cadence": to_json(declared.cadence),
        "runner": declared.runner.value,
        "target": declared.target,
        "queue": declared.queue,
        "priority": declared.priority,
        "limit_s": declared.limit.total_seconds(),
        "catch_up_s": declared.catch_up.total_seconds(),
        "parameters": declared.parameters,
        "description": declared.description,
    }
    if (row.disabled_reason or "").startswith((_UNDECLARED, _UNREADABLE)):
        row.enabled, row.disabled_reason, row.next_due = True, None, None
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    if "cadence" in changed or row.next_due is None:
        row.next_due = plan.next_due
    if changed:
        row.revision += 1
        row.synced_at = at
        for name, value in changed.items():
            setattr(row, name, value)


def to_json(cadence: Cadence) -> dict[str, Any]:
    """Return the cadence as it is stored."""
    match cadence:
        case Cron(expression=expression, timezone=zone):
            return {"cron": expression, "timezone": zone}
        case Interval(every_s=every_s, anchor=anchor):
            return {"every_s": every_s, "anchor": anchor.isoformat()}
        case OneOff(at=at):
            return {"at": at.isoformat()}
        case ByHand():
            return {}


def from_json(stored: dict[str, Any]) -> Cadence:
    """Return the cadence that `to_json` stored; raise Misconfigured where it is not one."""
    try:
        cadence = _read(stored)
    except ValueError:
        cadence = None
    if cadence is None:
        example = "{'cron': '0 2 * * *', 'timezone': 'UTC'}"
        raise Misconfigured(f"{stored!r} is no cadence, for example {example}")
    return cadence


def _read(stored: dict[str, Any]) -> Cadence | None:
    match stored:
        case {"cron": str(expression), "timezone": str(zone)}:
            return Cron(expression=expression, timezone=zone)
        case {"every_s": float() | int() as every_s, "anchor": str(anchor)}:
            return Interval(every_s=float(every_s), anchor=datetime.fromisoformat(anchor))
        case {"at": str(at)}:
            return OneOff(at=datetime.fromisoformat(at))
        case {} if not stored:
            return ByHand()
    return None
