"""Live edits of the schedule: pause, resume, change and reset an entry.

Each is one transaction that checks the revision, lays the operator's override over the declared entry, writes
the audit and wakes the running Beats. An edit that would change nothing writes nothing.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import schedule_edits as edits
from src.database.schedule import UNDECLARED
from src.database.schedule_edits import EditedEntry
from src.database.tables.schedule import ScheduleEntryRow
from src.domain.edit import Author, Override
from src.domain.entry import Cadence
from src.pipeline.context import Context
from src.scheduling.cadence import check_cadence, due_times, next_due
from src.scheduling.catalog import nearest

#: The due times that a pause let pass are counted up to so many.
_COUNTED = 10_000

#: The parameter that the scheduler itself gives to flows.
_RESERVED = "fire_id"


class UnknownEntry(Misconfigured):
    """There is no stored entry of this name."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an edit changes; None leaves a field as it is. `parameters` replace those of an earlier edit."""

    cadence: Cadence | None = None
    parameters: dict[str, Any] | None = None
    priority: int | None = None


def pause(ctx: Context, entry: str, by: Author, *, revision: int | None = None) -> EditedEntry:
    """Stop firing `entry` until it is resumed; fires already claimed still run."""
    check_author(by)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        row, override = _locked(session, entry, revision)
        if override.pause_reason is not None:
            return edits.told(row, changed=False)
        paused = replace(override, pause_reason=f"paused by {by.who}: {by.why}")
        return edits.put(session, row, paused, action="pause", by=by, next_due=row.next_due, at=now)


def resume(ctx: Context, entry: str, by: Author, *, revision: int | None = None) -> EditedEntry:
    """Let a paused entry fire again from its first due time after now; what passed meanwhile does not run."""
    check_author(by)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        row, override = _locked(session, entry, revision)
        if override.pause_reason is None:
            return edits.told(row, changed=False)
        return _put(session, row, replace(override, pause_reason=None), "resume", by, now)


def edit(ctx: Context, entry: str, wanted: Wanted, by: Author, *, revision: int | None = None) -> EditedEntry:
    """Change cadence, priority or parameters of `entry`; a new cadence is due first after now."""
    check_author(by)
    now = ctx.clock.now()
    check_wanted(wanted, now)
    with ctx.database.session() as session:
        row, override = _locked(session, entry, revision)
        changed = Override(
            pause_reason=override.pause_reason,
            cadence=override.cadence if wanted.cadence is None else wanted.cadence,
            priority=override.priority if wanted.priority is None else wanted.priority,
            parameters=override.parameters if wanted.parameters is None else wanted.parameters or None,
        )
        if changed == override:
            return edits.told(row, changed=False)
        return _put(session, row, changed, "edit", by, now)


def reset(ctx: Context, entry: str, by: Author, *, revision: int | None = None) -> EditedEntry:
    """Drop the override of `entry`, its pause too: what is declared is in force again."""
    check_author(by)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        row = _row(session, entry, revision)
        # What lies over the entry may be what cannot be read.
        try:
            override = edits.override_of(session, entry)
        except Misconfigured:
            override = None
        if override == Override():
            return edits.told(row, changed=False)
        return _put(session, row, Override(), "reset", by, now)


def require(session: Session, entry: str, *, lock: bool = False) -> ScheduleEntryRow:
    """Return the stored entry; raise UnknownEntry with the nearest names where there is none."""
    row = None if "\0" in entry else edits.find(session, entry, lock=lock)
    if row is None:
        names = edits.names(session)
        hint = nearest(entry, names) if names else ": the schedule is empty until a Beat has led once"
        raise UnknownEntry(f"entry: there is no schedule entry {entry!r}{hint}")
    return row


def check_author(by: Author) -> None:
    """Refuse an edit without who or why; raise Misconfigured naming the field."""
    for field, value, example in (("who", by.who, "lena"), ("why", by.why, "upstream is down")):
        if not value.strip() or "\0" in value:
            raise Misconfigured(f"{field}: must be a text, for example {example!r}")


def check_wanted(wanted: Wanted, now: datetime) -> None:
    """Refuse a change that cannot be; raise Misconfigured with the field and an example."""
    if wanted == Wanted():
        raise Misconfigured(
            "nothing to change: give a cadence, a priority or parameters, for example --every 600"
        )
    if wanted.priority is not None and not 0 <= wanted.priority <= 9:
        raise Misconfigured(
            f"priority: {wanted.priority} is outside 0 to 9 (9 is most urgent), for example 7"
        )
    if wanted.cadence is not None:
        fault = check_cadence(wanted.cadence)
        if fault is None and next_due(wanted.cadence, now) is None:
            fault = "it has no due time to come; a cadence that has is, for example, '0 2 * * *'"
        if fault is not None:
            raise Misconfigured(f"cadence: {fault}")
    if _RESERVED in (wanted.parameters or {}):
        raise Misconfigured(f"parameters: {_RESERVED!r} is the scheduler's own, for example {{'days': 1}}")


def _locked(session: Session, entry: str, revision: int | None) -> tuple[ScheduleEntryRow, Override]:
    row = _row(session, entry, revision)
    try:
        return row, edits.override_of(session, entry)
    except Misconfigured as error:
        raise Misconfigured(f"the override of {entry!r} cannot be read ({error}): reset it") from error


def _row(session: Session, entry: str, revision: int | None) -> ScheduleEntryRow:
    row = require(session, entry, lock=True)
    if (row.disabled_reason or "").startswith(UNDECLARED):
        raise Misconfigured(f"entry: {entry!r} is {UNDECLARED}; declare it again before it is edited")
    edits.check_revision(session, row, revision)
    return row


def _put(
    session: Session, row: ScheduleEntryRow, override: Override, action: str, by: Author, now: datetime
) -> EditedEntry:
    """Lay the override over the entry: where cadence or pause change, it is due anew, first after now."""
    cadence = edits.cadence_under(row, override)
    resumed = not row.enabled and override.pause_reason is None
    due, remark = row.next_due, None
    if resumed and due is not None and due <= now and (passed := _passed(row, cadence, due, now)):
        remark = {"passed_while_disabled": passed}
    if resumed or edits.is_new_cadence(row, cadence):
        due = next_due(cadence, now)
    return edits.put(session, row, override, action=action, by=by, next_due=due, at=now, remark=remark)


def _passed(row: ScheduleEntryRow, cadence: Cadence, first: datetime, now: datetime) -> int:
    """Count the due times that passed while the entry was disabled, where its cadence stayed the same."""
    return 0 if edits.is_new_cadence(row, cadence) else len(due_times(cadence, first, now, _COUNTED))
