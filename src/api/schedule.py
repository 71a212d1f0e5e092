"""The schedule, to be read."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from src.api.wiring import Ctx
from src.database.schedule import EntryView, views
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
        next_due=view.next_due,
        last_fire=last,
    )
