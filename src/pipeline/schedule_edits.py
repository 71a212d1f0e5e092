"""Live edits of the schedule: pause, resume, change and reset an entry.

Each is one transaction that checks the revision, lays the operator's override over the declared entry,
writes the audit and wakes the running Beats. An edit that would change nothing writes nothing. A due time
that passed unclaimed and runs no more gets a row that says why.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import outcomes
from src.database import schedule as stored
from src.database import schedule_edits as edits
from src.database.schedule_edits import EditedEntry
from src.database.tables.schedule import ScheduleEntryRow
from src.domain.edit import Author, Override, Refused, UnknownEntry
from src.domain.entry import ByHand, Density, Entry
from src.pipeline.context import Context
from src.pipeline.schedule_checks import Wanted, check_author, check_wanted, policy_given
from src.pipeline.schedule_times import kickoffs_for, next_after, times_between
from src.scheduling.catalog import nearest
from src.scheduling.parameter_check import check_accepted

#: Of the due times that passed unclaimed the last so many get a row.
_ROWS = 10_000

_EDITED = "skipped: the cadence was edited before it was claimed"


def pause(ctx: Context, entry: str, by: Author, *, revision: int | None = None) -> EditedEntry:
    """Stop firing `entry` until it is resumed: its due times become skipped rows; what is claimed runs."""
    check_author(by)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        row, override = _locked(session, entry, revision)
        if override.pause_reason is not None:
            return edits.told(row, changed=False)
        paused = replace(override, pause_reason=f"paused by {by.who}: {by.why}")
        due = row.next_due
        return edits.put(session, row, paused, action="pause", by=by, next_due=due, at=now, recount=False)


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
    """Change cadence, priority, parameters or policy of `entry`; a new cadence is due first after now."""
    check_author(by)
    now = ctx.clock.now()
    check_wanted(wanted, now)
    with ctx.database.session() as session:
        row, override = _locked(session, entry, revision)
        check_accepted(row.runner, row.target, wanted.parameters or {})
        changed = Override(
            pause_reason=override.pause_reason,
            cadence=override.cadence if wanted.cadence is None else wanted.cadence,
            priority=override.priority if wanted.priority is None else wanted.priority,
            parameters=override.parameters if wanted.parameters is None else wanted.parameters or None,
            policy=_laid(override.policy, wanted.policy),
        )
        if changed == override:
            return edits.told(row, changed=False)
        return _put(session, row, changed, "edit", by, now)


def reset(ctx: Context, entry: str, by: Author, *, revision: int | None = None) -> EditedEntry:
    """Drop the override of `entry`, its pause too: what is declared is in force again."""
    check_author(by)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        row = editable(session, entry, revision)
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
    row = edits.find(session, entry, lock=lock) if _is_name(entry) else None
    if row is None:
        names = edits.names(session)
        hint = nearest(entry, names) if names else ": the schedule is empty until a Beat has led once"
        raise UnknownEntry("entry", f"there is no schedule entry {entry!r}{hint}")
    return row


def editable(session: Session, entry: str, revision: int | None) -> ScheduleEntryRow:
    """Return the stored entry, locked; refuse one that is declared no more or is at another revision."""
    row = require(session, entry, lock=True)
    if (row.disabled_reason or "").startswith(stored.UNDECLARED):
        raise Refused("entry", f"{entry!r} is {stored.UNDECLARED}; declare it again before it is edited")
    edits.check_revision(session, row, revision)
    return row


def _is_name(entry: str) -> bool:
    """Whether Postgres can be asked for such a name at all."""
    return "\0" not in entry and entry == entry.encode(errors="ignore").decode()


def _locked(session: Session, entry: str, revision: int | None) -> tuple[ScheduleEntryRow, Override]:
    row = editable(session, entry, revision)
    try:
        return row, edits.override_of(session, entry)
    except Misconfigured as error:
        raise Refused("entry", f"the override of {entry!r} cannot be read ({error}): reset it") from error


def _laid(before: dict[str, Any] | None, wanted: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return the policy's override with `wanted` over it; a field that is None there is dropped."""
    laid = (before or {}) | (wanted or {})
    return {name: value for name, value in laid.items() if value is not None} or None


def _put(
    session: Session, row: ScheduleEntryRow, override: Override, action: str, by: Author, now: datetime
) -> EditedEntry:
    """Lay the override over the entry: where its due times or its pause change, it is due anew after now."""
    cadence = edits.cadence_under(row, override)
    fields = edits.policy_under(row, override)
    policy = policy_given(fields, cadence)
    resumed = not row.enabled and override.pause_reason is None
    moved = edits.moves_due_times(row, cadence, fields)
    due, remark = row.next_due, None
    if resumed or moved or due is None:
        if passed := _skip_passed(session, row, now):
            remark = {"passed_while_disabled" if resumed else "passed_unclaimed": passed}
        entry = replace(stored.shown(row), cadence=cadence, policy=policy)
        due = next_after(session, entry, now)
        if moved and due is None and not isinstance(cadence, ByHand | Density):
            raise Refused("policy", "with its start and end the entry has no due time to come, for example "
                          "{'end': '2099-01-01T00:00:00+00:00'}")  # fmt: skip
    return edits.put(session, row, override, action=action, by=by, next_due=due, at=now, remark=remark)


def _skip_passed(session: Session, row: ScheduleEntryRow, now: datetime) -> int:
    """Give the due times that passed unclaimed a row each; return how many."""
    if row.next_due is None or row.next_due > now:
        return 0
    try:
        entry: Entry = stored.entry(row)
    except Misconfigured:  # what cannot be read was never due
        return 0
    kickoffs = kickoffs_for(session, entry.cadence, row.next_due, now)
    times = times_between(entry, row.next_due, now, _ROWS, kickoffs)
    reason = _EDITED if row.enabled else str(row.disabled_reason)
    outcomes.skip_passed(session, row.name, times, reason, now)
    return len(times)
