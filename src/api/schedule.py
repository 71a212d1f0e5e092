"""The schedule, to be read; changing it needs the command line until the API knows its callers."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query
from pydantic import BaseModel

from src.api.wiring import Ctx
from src.database import schedule_audit
from src.database.schedule import EntryView, views
from src.domain.edit import Change
from src.pipeline.schedule_edits import UnknownEntry, require
from src.pipeline.schedule_show import EntryDetails, PastFire, details, past_fires
from src.scheduling.cadence import describe

router = APIRouter(tags=["schedule"])


class LastFire(BaseModel):
    """The newest fire of an entry; `reason` says why it failed or was missed."""

    due_at: datetime
    state: str
    reason: str | None


class ScheduledEntry(BaseModel):
    """An entry of the schedule; priority 9 is most urgent."""

    name: str
    description: str
    cadence: str
    runner: str
    target: str
    queue: str
    priority: int
    limit_s: float
    parameters: dict[str, Any]
    enabled: bool
    disabled_reason: str | None
    overridden: bool
    revision: int
    next_due: datetime | None
    last_fire: LastFire | None


class Schedule(BaseModel):
    """All entries, by name."""

    generated_at: datetime
    count: int
    entries: list[ScheduledEntry]


@router.get("/schedule")
def schedule(ctx: Ctx) -> Schedule:
    """Return every entry with its next due time and its last fire."""
    with ctx.database.session() as session:
        entries = [_told(view) for view in views(session)]
    return Schedule(generated_at=ctx.clock.now(), count=len(entries), entries=entries)


class Changes(BaseModel):
    """Changes of the schedule, newest first."""

    count: int
    changes: list[Change]


class Fires(BaseModel):
    """Fires of one entry, newest first."""

    entry: str
    count: int
    fires: list[PastFire]


Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/schedule/audit")
def audit(ctx: Ctx, entry: str | None = None, limit: Limit = 50) -> Changes:
    """Return the last changes of the schedule, or of one entry: who, when, what and why."""
    with _found_or_404(), ctx.database.session() as session:
        if entry is not None:
            require(session, entry)
        found = schedule_audit.changes(session, entry, limit)
    return Changes(count=len(found), changes=found)


@router.get("/schedule/{entry}")
def one(ctx: Ctx, entry: str) -> EntryDetails:
    """Return one entry: declared, override, in force, next due time and last fires."""
    with _found_or_404():
        return details(ctx, entry)


@router.get("/schedule/{entry}/fires")
def fires(ctx: Ctx, entry: str, limit: Limit = 50) -> Fires:
    """Return the last fires of one entry, each from its claim to its outcome."""
    with _found_or_404():
        found = past_fires(ctx, entry, limit=limit)
    return Fires(entry=entry, count=len(found), fires=found)


@contextmanager
def _found_or_404() -> Iterator[None]:
    try:
        yield
    except UnknownEntry as error:
        raise HTTPException(status_code=404, detail=str(error)) from None


def _told(view: EntryView) -> ScheduledEntry:
    entry, last = view.entry, None
    if view.last_due is not None and view.last_state is not None:
        last = LastFire(due_at=view.last_due, state=view.last_state, reason=view.last_reason)
    return ScheduledEntry(
        name=entry.name,
        description=entry.description,
        cadence=describe(entry.cadence),
        runner=entry.runner,
        target=entry.target,
        queue=entry.queue,
        priority=entry.priority,
        limit_s=entry.limit.total_seconds(),
        parameters=entry.parameters,
        enabled=view.enabled,
        disabled_reason=view.disabled_reason,
        overridden=view.overridden,
        revision=view.revision,
        next_due=view.next_due,
        last_fire=last,
    )
