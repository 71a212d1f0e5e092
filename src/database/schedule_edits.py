"""Operators' overrides of schedule entries, each laid over the declared entry in one transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database import schedule_audit as audit
from src.database.leadership import CHANNEL
from src.database.tables.schedule import ScheduleEntryRow, ScheduleOverrideRow
from src.domain.edit import Author, Override
from src.domain.entry import Cadence


@dataclass(frozen=True, kw_only=True)
class EditedEntry:
    """An entry in force after an edit; `changed` is whether the edit did anything."""

    entry: str
    revision: int
    enabled: bool
    disabled_reason: str | None
    next_due: datetime | None
    changed: bool


def find(session: Session, entry: str, *, lock: bool = False) -> ScheduleEntryRow | None:
    """Return the stored entry, None where there is none; `lock` holds it while the transaction lasts."""
    return session.get(ScheduleEntryRow, entry, with_for_update=lock)


def stored_override(session: Session, entry: str) -> ScheduleOverrideRow | None:
    """Return the row of what lies over an entry, None where it is as declared."""
    return session.get(ScheduleOverrideRow, entry)


def names(session: Session) -> list[str]:
    """Return the names of the stored entries, in order."""
    return list(session.scalars(select(ScheduleEntryRow.name).order_by(ScheduleEntryRow.name)))


def override_of(session: Session, entry: str) -> Override:
    """Return what lies over an entry; raise Misconfigured where its cadence cannot be read."""
    row = session.get(ScheduleOverrideRow, entry)
    if row is None:
        return Override()
    return Override(
        pause_reason=row.pause_reason,
        cadence=None if row.cadence is None else stored.from_json(row.cadence),
        parameters=row.parameters,
        priority=row.priority,
    )


def cadence_under(row: ScheduleEntryRow, override: Override) -> Cadence:
    """Return the cadence that `override` would leave in force; raise Misconfigured where it is none."""
    return override.cadence or stored.from_json(row.declared["cadence"])


def is_new_cadence(row: ScheduleEntryRow, cadence: Cadence) -> bool:
    """Return whether `cadence` is another than the one in force."""
    return stored.to_json(cadence) != row.cadence


def put(
    session: Session,
    row: ScheduleEntryRow,
    override: Override,
    *,
    action: str,
    by: Author,
    next_due: datetime | None,
    at: datetime,
    remark: dict[str, Any] | None = None,
) -> EditedEntry:
    """Lay `override` over the entry of a locked `row`, write the audit and tell the running Beats.

    `remark` goes into the audit beside what is in force afterwards.
    """
    before = audit.in_force(row)
    row.revision += 1
    over = _write_override(session, row, override, at)
    stored.lay_over(row, row.declared, over)
    if not (row.disabled_reason or "").startswith(stored.UNDECLARED):
        row.enabled, row.disabled_reason = override.pause_reason is None, override.pause_reason
    row.next_due = next_due
    after = audit.in_force(row) | (remark or {})
    audit.record(session, row.name, action, by, before=before, after=after, at=at)
    session.execute(text("select pg_notify(:channel, :entry)"), {"channel": CHANNEL, "entry": row.name})
    return told(row, changed=True)


def told(row: ScheduleEntryRow, *, changed: bool) -> EditedEntry:
    """Return an entry in force, for whoever edited it."""
    return EditedEntry(
        entry=row.name,
        revision=row.revision,
        enabled=row.enabled,
        disabled_reason=row.disabled_reason,
        next_due=row.next_due,
        changed=changed,
    )


def check_revision(session: Session, row: ScheduleEntryRow, expected: int | None) -> None:
    """Refuse an edit that was decided on an older entry; raise Misconfigured that shows the newer one."""
    if expected is None or expected == row.revision:
        return
    last = next(iter(audit.changes(session, row.name, 1)), None)
    who = f"{last.who} ({last.action}: {last.why}) at {last.at:%Y-%m-%d %H:%M:%S} UTC" if last else "nobody"
    shown = stored.shown(row)
    raise Misconfigured(
        f"revision: {expected} is not the present one of entry {row.name!r}; it is at {row.revision}, last "
        f"changed by {who}: cadence {row.cadence}, priority {shown.priority}, parameters {row.parameters}, "
        f"{'enabled' if row.enabled else row.disabled_reason}. Look, then use that revision"
    )


def _write_override(
    session: Session, row: ScheduleEntryRow, override: Override, at: datetime
) -> ScheduleOverrideRow | None:
    if override == Override():
        session.execute(delete(ScheduleOverrideRow).where(ScheduleOverrideRow.entry == row.name))
        return None
    return session.merge(
        ScheduleOverrideRow(
            entry=row.name,
            paused=override.pause_reason is not None,
            pause_reason=override.pause_reason,
            cadence=None if override.cadence is None else stored.to_json(override.cadence),
            parameters=override.parameters,
            priority=override.priority,
            revision=row.revision,
            updated_at=at,
        )
    )
