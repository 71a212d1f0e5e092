"""Backfill: the due times of a range that never ran are claimed after all, each once."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from src.database import backfill as ledger
from src.database import schedule as stored
from src.database import schedule_edits as edits
from src.domain.edit import Author, Refused
from src.domain.entry import ByHand, Density, Entry
from src.domain.fire import Fire, FireState, fire_id
from src.domain.policy import Overlap
from src.pipeline.context import Context
from src.pipeline.schedule_checks import check_author, check_instant
from src.pipeline.schedule_edits import editable
from src.scheduling.cadence import next_due_of

#: A range of more due times than this is not looked through.
_LOOKED_AT = 20_000

#: So many fires at most are claimed by one backfill.
MOST = 10_000


@dataclass(frozen=True, kw_only=True)
class Backfill:
    """What a backfill did, or with `dry_run` would do; times are UTC.

    `due` due times lie in the range; `left` of them have run, are open, or have a Prefect run that would
    answer in their place; `claimed` are the others.
    """

    entry: str
    first: datetime
    until: datetime
    due: int
    left: int
    claimed: list[datetime]
    state: str
    dry_run: bool


def backfill(
    ctx: Context,
    entry: str,
    first: datetime,
    until: datetime,
    by: Author,
    *,
    limit: int = 100,
    dry_run: bool = False,
    revision: int | None = None,
) -> Backfill:
    """Claim the due times of `entry` from `first` to `until`, both included, that have not run.

    The cadence, policy and parameters are those in force now. Where the entry's fires may overlap all are
    claimed at once, otherwise they run one after another. A second call claims nothing more. Raises Refused
    for a range that cannot be, lies ahead, or holds more than `limit` such due times.
    """
    check_author(by)
    now = ctx.clock.now()
    first, until = check_instant("from", first), check_instant("to", until)
    _check_range(first, until, limit, now)
    with ctx.database.session() as session:
        row = editable(session, entry, revision)
        found = stored.entry(row)
        times = _due_times(found, first, until)
        fires = _unrun(session, found, times)
        if len(fires) > limit:
            raise Refused(
                "limit",
                f"{len(fires)} due times would be claimed, more than {limit}: choose a shorter range, for "
                f"example up to {fires[limit - 1].due_at.isoformat()}, or a limit of {len(fires)}",
            )
        state = FireState.CLAIMED if found.policy.overlap is Overlap.ALLOW else FireState.BUFFERED
        if fires and not dry_run:
            fires = ledger.claim(session, fires, state, now)
            said = {"backfilled": len(fires), "from": first.isoformat(), "to": until.isoformat()}
            edits.note(session, row, "backfill", by, said, now)
    return Backfill(
        entry=entry,
        first=first,
        until=until,
        due=len(times),
        left=len(times) - len(fires),
        claimed=[fire.due_at for fire in fires],
        state=state,
        dry_run=dry_run,
    )


def _check_range(first: datetime, until: datetime, limit: int, now: datetime) -> None:
    if not 1 <= limit <= MOST:
        raise Refused("limit", f"{limit} is outside 1 to {MOST}, for example 100")
    if until < first:
        raise Refused("to", f"{until.isoformat()} is before from, for example {first.isoformat()}")
    if until > now:
        raise Refused("to", f"{until.isoformat()} is still to come, for example {now.isoformat()}: Beat "
                      "fires what is ahead")  # fmt: skip


def _due_times(entry: Entry, first: datetime, until: datetime) -> list[datetime]:
    if isinstance(entry.cadence, ByHand):
        raise Refused("entry", f"{entry.name!r} runs by hand and has no due times; for example `matchbeat "
                      f"schedule run-now {entry.name}` asks for one run")  # fmt: skip
    if isinstance(entry.cadence, Density):
        raise Refused("entry", f"{entry.name!r} follows kick-offs as they were known at the time, which "
                      "nobody can tell afterwards; for example `run-now` asks for one run")  # fmt: skip
    found = []
    for at in _walk(entry, first - timedelta(microseconds=1), until):
        found.append(at)
        if len(found) > _LOOKED_AT:
            raise Refused("to", f"more than {_LOOKED_AT} due times lie in the range: choose a shorter one, "
                          f"for example up to {found[99].isoformat()}")  # fmt: skip
    return found


def _walk(entry: Entry, after: datetime, until: datetime) -> Iterator[datetime]:
    at = next_due_of(entry, after)
    while at is not None and at <= until:
        yield at
        at = next_due_of(entry, at)


def _unrun(session: Session, entry: Entry, times: list[datetime]) -> list[Fire]:
    taken = ledger.taken(session, entry.name, times)
    return [
        Fire(
            id=fire_id(entry.name, at), entry=entry.name, due_at=at, parameters=entry.parameters, by_hand=True
        )
        for at in times
        if at not in taken
    ]
