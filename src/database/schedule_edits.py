"""Operators' overrides of schedule entries, each laid over the declared entry in one transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database import schedule_audit as audit
from src.database.leadership import CHANNEL
from src.database.schedule_json import cadence_from_json, cadence_to_json
from src.database.tables.schedule import ScheduleEntryRow, ScheduleOverrideRow
from src.domain.edit import Author, Override, StaleRevision
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
        cadence=None if row.cadence is None else cadence_from_json(row.cadence),
        parameters=row.parameters,
        priority=row.priority,
        policy=row.policy,
    )


def cadence_under(row: ScheduleEntryRow, override: Override) -> Cadence:
    """Return the cadence that `override` would leave in force; raise Misconfigured where it is none."""
    return override.cadence or cadence_from_json(row.declared["cadence"])


def policy_under(row: ScheduleEntryRow, override: Override) -> dict[str, Any]:
    """Return the policy that `override` would leave in force, as it is stored."""
    return stored.policy_over(row.declared["policy"], override.policy or {})


def moves_due_times(row: ScheduleEntryRow, cadence: Cadence, policy: dict[str, Any]) -> bool:
    """Return whether an entry of this cadence and policy is due at other times than the one in force."""
    return cadence_to_json(cadence) != row.cadence or stored.timing(policy) != stored.timing(row.policy)


def put(
    session: Session,
    row: ScheduleEntryRow,
    override: Override,
    *,
    action: str,
    by: Author,
    next_due: datetime | None,
    at: datetime,
    recount: bool = True,
    remark: dict[str, Any] | None = None,
) -> EditedEntry:
    """Lay `override` over the entry of a locked `row`, write the audit and tell the running Beats.

    With `recount` its fires and failures count from now on. `remark` goes into the audit beside what is in
    force afterwards.
    """
    before = audit.in_force(row)
    row.revision += 1
    if recount:
        row.fired, row.counted_from = 0, at
    over = _write_override(session, row, override, at)
    stored.lay_over(row, row.declared, over)
    if not (row.disabled_reason or "").startswith(stored.UNDECLARED):
        row.enabled, row.disabled_reason = override.pause_reason is None, override.pause_reason
    row.next_due = next_due
    after = audit.in_force(row) | (remark or {})
    audit.record(session, row.name, action, by, before=before, after=after, at=at)
    notify(session, row.name)
    return told(row, changed=True)


def pause_by_beat(session: Session, entry: str, why: str, at: datetime) -> None:
    """Pause an entry in Beat's own name; one that is paused, or cannot be, is left as it is."""
    row = find(session, entry, lock=True)
    if row is None or (row.disabled_reason or "").startswith((stored.UNDECLARED, stored.UNRUNNABLE)):
        return
    try:
        override = override_of(session, entry)
    except Misconfigured:  # the next reading of the schedule disables it, with the reason
        return
    if override.pause_reason is not None:
        return
    paused = replace(override, pause_reason=f"paused by beat: {why}")
    by = Author(who="beat", why=why)
    put(session, row, paused, action="pause", by=by, next_due=row.next_due, at=at, recount=False)


def note(
    session: Session, row: ScheduleEntryRow, action: str, by: Author, said: dict[str, Any], at: datetime
) -> None:
    """Write into the audit what was done with an entry that stays as it is."""
    now = audit.in_force(row)
    audit.record(session, row.name, action, by, before=now, after=now | said, at=at)


def notify(session: Session, entry: str) -> None:
    """Tell the running Beats, once this transaction is over, to look at an entry."""
    session.execute(text("select pg_notify(:channel, :entry)"), {"channel": CHANNEL, "entry": entry})


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
    """Refuse an edit that was decided on an older entry; raise StaleRevision that shows the newer one."""
    if expected is None or expected == row.revision:
        return
    last = next(iter(audit.changes(session, row.name, 1)), None)
    who = f"{last.who} ({last.action}: {last.why}) at {last.at:%Y-%m-%d %H:%M:%S} UTC" if last else "nobody"
    raise StaleRevision(
        "revision",
        f"{expected} is not the present one of entry {row.name!r}; it is at {row.revision}, last changed by "
        f"{who}: cadence {row.cadence}, priority {row.priority}, parameters {row.parameters}, policy "
        f"{row.policy}, {'enabled' if row.enabled else row.disabled_reason}. Look, then use that revision",
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
            cadence=None if override.cadence is None else cadence_to_json(override.cadence),
            parameters=override.parameters,
            priority=override.priority,
            policy=override.policy,
            revision=row.revision,
            updated_at=at,
        )
    )
