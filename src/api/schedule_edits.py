"""Changes of the schedule over HTTP: the same as on the command line, for whoever bears the token."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from src.api.access import require_token
from src.api.problems import Problem
from src.api.wiring import Ctx
from src.database.schedule_edits import EditedEntry
from src.domain.edit import Author
from src.pipeline import schedule_edits as edits
from src.pipeline.backfill import Backfill, backfill
from src.pipeline.run_now import ask_for
from src.pipeline.schedule_checks import Wanted, cadence_given

_ANSWERS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "The token is missing or wrong"},
    403: {"model": Problem, "description": "MATCHBEAT_API_TOKEN is not set"},
    404: {"model": Problem, "description": "There is no such entry"},
    409: {"model": Problem, "description": "The entry is at another revision"},
    422: {"model": Problem, "description": "A field is wrong"},
}

router = APIRouter(tags=["schedule"], dependencies=[Depends(require_token)], responses=_ANSWERS)


class Change(BaseModel):
    """Who changes an entry, and why; `revision` refuses the change where the entry is at another one."""

    model_config = ConfigDict(extra="forbid")

    who: str
    why: str
    revision: int | None = None

    @property
    def by(self) -> Author:
        """Who the audit names."""
        return Author(who=self.who, why=self.why)


class Edit(Change):
    """What is to change; a field that is left out, or null, stays as it is.

    `cadence` is one of {"cron", "timezone"}, {"every_s", "anchor"}, {"at"} and {"density": [{"matches",
    "within_s", "every_s"}]}. `parameters` replace those of an earlier edit and go over the declared ones. A
    field of `policy` that is null is the declared one again; its spans are seconds.
    """

    cadence: dict[str, Any] | None = None
    priority: int | None = None
    parameters: dict[str, Any] | None = None
    policy: dict[str, Any] | None = None


class RunNow(Change):
    """`parameters` go over those in force, for this run."""

    parameters: dict[str, Any] = Field(default_factory=dict)


class Range(Change):
    """The due times from `from` to `to`, both included, of which at most `limit` may be claimed."""

    first: Annotated[datetime, Field(alias="from")]
    until: Annotated[datetime, Field(alias="to")]
    limit: int = 100
    dry_run: bool = False


class Asked(BaseModel):
    """A fire that was asked for; `GET /schedule/{entry}/fires` tells of it."""

    fire: str
    entry: str
    due_at: datetime


@router.post("/schedule/{entry}/pause")
def pause(ctx: Ctx, entry: str, change: Change) -> EditedEntry:
    """Stop firing an entry until it is resumed; fires already claimed still run."""
    return edits.pause(ctx, entry, change.by, revision=change.revision)


@router.post("/schedule/{entry}/resume")
def resume(ctx: Ctx, entry: str, change: Change) -> EditedEntry:
    """Let a paused entry fire again; the due times that passed meanwhile do not run."""
    return edits.resume(ctx, entry, change.by, revision=change.revision)


@router.post("/schedule/{entry}/reset")
def reset(ctx: Ctx, entry: str, change: Change) -> EditedEntry:
    """Drop an entry's override, its pause too: what is declared is in force again."""
    return edits.reset(ctx, entry, change.by, revision=change.revision)


@router.patch("/schedule/{entry}")
def edit(ctx: Ctx, entry: str, change: Edit) -> EditedEntry:
    """Change when an entry fires, how urgently, with what, or by which policy."""
    wanted = Wanted(
        cadence=None if change.cadence is None else cadence_given(change.cadence),
        priority=change.priority,
        parameters=change.parameters,
        policy=change.policy,
    )
    return edits.edit(ctx, entry, wanted, change.by, revision=change.revision)


@router.post("/schedule/{entry}/run-now", status_code=202)
def run_now(ctx: Ctx, entry: str, change: RunNow) -> Asked:
    """Ask for one run of an entry at once."""
    fire = ask_for(ctx, entry, change.parameters, by=change.by, revision=change.revision)
    return Asked(fire=str(fire.id), entry=entry, due_at=fire.due_at)


@router.post("/schedule/{entry}/backfill", status_code=202)
def backfill_(ctx: Ctx, entry: str, change: Range) -> Backfill:
    """Claim the due times of a range that never ran; with `dry_run` only tell which they are."""
    return backfill(
        ctx, entry, change.first, change.until, change.by,
        limit=change.limit, dry_run=change.dry_run, revision=change.revision,
    )  # fmt: skip
