"""The schedule, to be looked at: one entry whole, coming due times, what a declaration would change."""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from src.database import outcomes
from src.database import schedule as stored
from src.database import schedule_edits as edits
from src.database.schedule_load import scheduled
from src.database.tables.schedule import FireRow, ScheduleEntryRow, ScheduleOverrideRow
from src.domain.entry import Entry
from src.domain.ports import Scheduled
from src.pipeline.context import Context
from src.pipeline.schedule_edits import require
from src.pipeline.schedule_times import kickoffs_for
from src.scheduling.cadence import next_due_of
from src.scheduling.catalog import CATALOG


@dataclass(frozen=True, kw_only=True)
class PastFire:
    """A fire of the ledger; times are UTC."""

    fire: str
    due_at: datetime
    state: str
    by_hand: bool
    claimed_at: datetime
    sent_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None
    attempts: int
    worker: str | None
    flow_run_id: str | None
    reason: str | None


@dataclass(frozen=True, kw_only=True)
class EntryDetails:
    """An entry whole: `declared` and `override` what may be overridden, `effective` what is in force.

    `policy` holds the fields that differ from the default, spans in seconds. `fired` fires count since
    `counted_from`, when it was last declared anew, edited or resumed.
    """

    entry: str
    description: str
    revision: int
    enabled: bool
    disabled_reason: str | None
    runner: str
    target: str
    queue: str
    limit_s: float
    policy: dict[str, Any]
    fired: int
    counted_from: datetime
    declared_at: datetime
    declared: dict[str, Any]
    override: dict[str, Any] | None
    effective: dict[str, Any]
    next_due: datetime | None
    fires: list[PastFire]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What the next declaration would do to one field; `hidden` where an override stays in force over it."""

    entry: str
    action: str
    field: str = ""
    stored: Any = None
    catalog: Any = None
    hidden: bool = False


def details(ctx: Context, entry: str, *, fires: int = 5) -> EntryDetails:
    """Return one entry whole, with its last fires; raise UnknownEntry where there is none."""
    with ctx.database.session() as session:
        row = require(session, entry)
        over = edits.stored_override(session, entry)
        return EntryDetails(
            entry=entry,
            description=row.description,
            revision=row.revision,
            enabled=row.enabled,
            disabled_reason=row.disabled_reason,
            runner=row.runner,
            target=row.target,
            queue=row.queue,
            limit_s=row.limit_s,
            policy=row.policy,
            fired=row.fired,
            counted_from=row.counted_from,
            declared_at=row.declared_at,
            declared=row.declared,
            override=None if over is None else _override(over),
            effective={field: getattr(row, field) for field in stored.OVERRIDABLE},
            next_due=row.next_due,
            fires=[_past(fire) for fire in outcomes.history(session, entry, fires)],
        )


def past_fires(ctx: Context, entry: str, *, limit: int) -> list[PastFire]:
    """Return the last fires of an entry, newest first; raise UnknownEntry where there is none."""
    with ctx.database.session() as session:
        require(session, entry)
        return [_past(fire) for fire in outcomes.history(session, entry, limit)]


def coming(ctx: Context, entry: str | None = None, *, count: int = 10) -> list[tuple[datetime, Entry]]:
    """Return the next `count` due times of the enabled entries, or of one, soonest first.

    Kick-offs are known two days ahead. The jitter of an entry is left out.
    """
    with ctx.database.session() as session:
        if entry is not None:
            require(session, entry)
        found = scheduled(session, None if entry is None else [entry])
        running = [item for item in found if item.paused is None and item.next_due is not None]
        soonest = heapq.nsmallest(count, running, key=lambda item: (item.next_due, item.entry.name))
        known = [_kickoffs(session, item) for item in soonest]
    times = heapq.merge(*map(_times, soonest, known), key=lambda item: (item[0], item[1].name))
    return list(islice(times, count))


def differences(ctx: Context, entries: Iterable[Entry] = CATALOG) -> list[Difference]:
    """Return what declaring `entries` would change of the stored schedule, by entry."""
    planned = {entry.name: entry for entry in entries}
    found: list[Difference] = []
    with ctx.database.session() as session:
        rows = {row.name: row for row in session.scalars(select(ScheduleEntryRow))}
    for name in sorted(planned.keys() | rows.keys()):
        if name not in rows:
            found.append(Difference(entry=name, action="add"))
        elif name in planned:
            found += _changes(rows[name], planned[name])
        elif not (rows[name].disabled_reason or "").startswith(stored.UNDECLARED):
            found.append(Difference(entry=name, action="disable"))
    return found


def _changes(row: ScheduleEntryRow, planned: Entry) -> Iterator[Difference]:
    if (row.disabled_reason or "").startswith(stored.UNDECLARED):
        yield Difference(entry=row.name, action="enable")
    for field, value in stored.declared_values(planned).items():
        overridable = field in stored.OVERRIDABLE
        old = row.declared[field] if overridable else getattr(row, field)
        if old != value:
            hidden = overridable and getattr(row, field) != old
            yield Difference(
                entry=row.name, action="change", field=field, stored=old, catalog=value, hidden=hidden
            )


def _kickoffs(session: Session, item: Scheduled) -> Sequence[datetime]:
    assert item.next_due is not None  # noqa: S101 - of entries that are due only
    return kickoffs_for(session, item.entry.cadence, item.next_due)


def _times(item: Scheduled, kickoffs: Sequence[datetime]) -> Iterator[tuple[datetime, Entry]]:
    at, left = item.next_due, item.entry.policy.max_fires
    left = None if left is None else left - item.fired
    while at is not None and (left is None or left > 0):
        yield at, item.entry
        at = next_due_of(item.entry, at, kickoffs)
        left = None if left is None else left - 1


def _override(row: ScheduleOverrideRow) -> dict[str, Any]:
    told = {"paused": row.paused, "pause_reason": row.pause_reason}
    fields = {field: getattr(row, field) for field in stored.OVERRIDABLE}
    return told | fields | {"revision": row.revision, "updated_at": row.updated_at}


def _past(row: FireRow) -> PastFire:
    fields = {name: getattr(row, name) for name in PastFire.__dataclass_fields__ if name != "fire"}
    return PastFire(fire=str(row.id), **fields)
