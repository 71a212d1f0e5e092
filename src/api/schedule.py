"""The schedule, to be read; `schedule_edits` changes it."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from src.api.wiring import Ctx
from src.database import census, schedule_audit
from src.database.schedule import EntryView, views
from src.database.schedule_json import policy_to_json
from src.domain.edit import Change
from src.pipeline.schedule_edits import require
from src.pipeline.schedule_show import (
    Difference,
    EntryDetails,
    PastFire,
    coming,
    details,
    differences,
    past_fires,
)
from src.pipeline.schedule_why import Explanation
from src.pipeline.schedule_why import why as explain
from src.scheduling.cadence import describe

router = APIRouter(tags=["schedule"])


class LastFire(BaseModel):
    """The newest fire of an entry; `reason` says why it failed or did not run."""

    due_at: datetime
    state: str
    reason: str | None


class ScheduledEntry(BaseModel):
    """An entry of the schedule; priority 9 is most urgent, `policy` holds what differs from the default."""

    name: str
    description: str
    cadence: str
    runner: str
    target: str
    queue: str
    priority: int
    limit_s: float
    parameters: dict[str, Any]
    policy: dict[str, Any]
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


class DueTime(BaseModel):
    """A due time to come, without the entry's jitter."""

    entry: str
    due_at: datetime


class Coming(BaseModel):
    """Due times to come, soonest first."""

    count: int
    coming: list[DueTime]


class Differences(BaseModel):
    """What the next declaration would change, by entry."""

    count: int
    differences: list[Difference]


class Leadership(BaseModel):
    """The last leadership; `held` is whether its Beat leads now."""

    leader: census.Leader | None


Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/schedule/audit")
def audit(ctx: Ctx, entry: str | None = None, limit: Limit = 50) -> Changes:
    """Return the last changes of the schedule, or of one entry: who, when, what and why."""
    with ctx.database.session() as session:
        if entry is not None:
            require(session, entry)
        found = schedule_audit.changes(session, entry, limit)
    return Changes(count=len(found), changes=found)


@router.get("/schedule/next")
def next_(ctx: Ctx, entry: str | None = None, count: Limit = 10) -> Coming:
    """Return the coming due times of the enabled entries, or of one, soonest first."""
    found = [DueTime(entry=of.name, due_at=at) for at, of in coming(ctx, entry, count=count)]
    return Coming(count=len(found), coming=found)


@router.get("/schedule/diff")
def diff(ctx: Ctx) -> Differences:
    """Return what the next declaration would change: this version's catalog beside the stored schedule."""
    found = differences(ctx)
    return Differences(count=len(found), differences=found)


@router.get("/schedule/leader")
def leader(ctx: Ctx) -> Leadership:
    """Return which Beat leads, or led last; null where none has ever led."""
    with ctx.database.session() as session:
        return Leadership(leader=census.leader(session))


@router.get("/schedule/{entry}")
def one(ctx: Ctx, entry: str) -> EntryDetails:
    """Return one entry: declared, override, in force, next due time and last fires."""
    return details(ctx, entry)


@router.get("/schedule/{entry}/fires")
def fires(ctx: Ctx, entry: str, limit: Limit = 50) -> Fires:
    """Return the last fires of one entry, each from its claim to its outcome."""
    found = past_fires(ctx, entry, limit=limit)
    return Fires(entry=entry, count=len(found), fires=found)


@router.get("/schedule/{entry}/why")
def why(ctx: Ctx, entry: str, at: datetime) -> Explanation:
    """Explain in one paragraph what happened to the due time `at`; UTC where it names no zone."""
    return explain(ctx, entry, at if at.tzinfo else at.replace(tzinfo=UTC))


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
        policy=policy_to_json(entry.policy),
        enabled=view.enabled,
        disabled_reason=view.disabled_reason,
        overridden=view.overridden,
        revision=view.revision,
        next_due=view.next_due,
        last_fire=last,
    )
