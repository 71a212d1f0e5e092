"""Explains what became of a due time, from its row of the ledger or from the absence of one."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database.census import leader
from src.database.schedule_audit import changes_around, in_force
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.edit import Change
from src.domain.entry import Cadence
from src.domain.fire import FireState
from src.pipeline.context import Context
from src.pipeline.schedule_edits import require
from src.scheduling.cadence import describe, next_due

#: People give due times as they are shown: to the second.
_SECOND = timedelta(seconds=1)

_ENDS = {
    FireState.SUCCEEDED: "succeeded",
    FireState.FAILED: "failed",
    FireState.MISSED: "did not run",
    FireState.LOST: "was lost",
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What became of the due time `at` of `entry`; `verdict` is one word for programs.

    It is the fire's state where the ledger has a row, otherwise undeclared, paused, disabled, not_due,
    coming, waiting or skipped.
    """

    entry: str
    at: datetime
    verdict: str
    text: str


def why(ctx: Context, entry: str, at: datetime) -> Explanation:
    """Explain in one paragraph what happened to `entry` at `at` (aware)."""
    if at.tzinfo is None:
        raise Misconfigured(f"at: {at.isoformat()} has no time zone, for example 2026-11-22T02:00:00+00:00")
    if not 1970 <= at.year <= 2200:
        raise Misconfigured(f"at: {at.isoformat()} is no due time, for example 2026-11-22T02:00:00+00:00")
    at = at.astimezone(UTC)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        row = require(session, entry)
        fire = _fire(session, entry, at)
        verdict, text = (fire.state, _of_fire(fire)) if fire else _without_row(session, row, at, now)
    return Explanation(entry=entry, at=at, verdict=verdict, text=text)


def _fire(session: Session, entry: str, at: datetime) -> FireRow | None:
    near = select(FireRow).where(FireRow.entry == entry, FireRow.due_at >= at, FireRow.due_at < at + _SECOND)
    return session.scalars(near.order_by(FireRow.due_at).limit(1)).first()


def _of_fire(fire: FireRow) -> str:
    origin = "was asked for by hand" if fire.by_hand else "was due"
    told = [
        f"{fire.entry} {origin} at {_time(fire.due_at)} and came into the ledger at {_time(fire.claimed_at)}"
    ]
    if fire.sent_at is not None:
        told.append(f"it was sent at {_time(fire.sent_at)}")
    elif fire.state == FireState.CLAIMED:
        told.append("it waits to be sent: whoever leads sends it when its carrier takes it")
    if fire.started_at is not None:
        where = f" by {fire.worker}" if fire.worker else ""
        times = f", attempt {fire.attempts}" if fire.attempts > 1 else ""
        told.append(f"it was begun at {_time(fire.started_at)}{where}{times}")
    elif fire.state == FireState.SENT:
        told.append("no worker has begun it yet")
    if fire.finished_at is not None:
        told.append(f"it {_ends(fire.state)} at {_time(fire.finished_at)}")
    elif fire.state == FireState.STARTED:
        told.append("it still runs")
    text = "; ".join(told)
    return f"{text}. Reason: {fire.reason}" if fire.reason else f"{text}."


def _ends(state: str) -> str:
    known = {end.value: words for end, words in _ENDS.items()}
    return known.get(state, f"ended as {state}")


def _without_row(session: Session, row: ScheduleEntryRow, at: datetime, now: datetime) -> tuple[str, str]:
    if at <= row.declared_at:
        return (
            "undeclared",
            f"{row.name} was not declared yet at {_time(at)}: it was at {_time(row.declared_at)}.",
        )
    last, following = changes_around(session, row.name, at)
    then = last.after if last else following.before if following else in_force(row)
    if not then["enabled"]:
        return _disabled(row.name, at, then, last, following)
    cadence = stored.from_json(then["cadence"])
    if not _is_due(cadence, at):
        return "not_due", _not_due(row.name, cadence, at)
    if at > now:
        return "coming", f"{row.name} is due at {_time(at)}, which is still to come."
    if row.enabled and row.next_due is not None and row.next_due < at + _SECOND:
        return (
            "waiting",
            f"{row.name} was due at {_time(at)} and is not in the ledger yet: {_leader(session)}.",
        )
    return "skipped", f"{row.name} was due at {_time(at)} and has no row: {_skipped(at, last, following)}."


def _skipped(at: datetime, last: Change | None, following: Change | None) -> str:
    if last is not None and at - last.at < _SECOND:
        return f"the entry was changed just then ({_words(last)})"
    if following is not None and _unclaimed(following, at):
        return f"nobody had claimed it when the entry changed at {_time(following.at)} ({_words(following)})"
    return "the schedule went on without it, as after an absence in which more than the last thousand passed"


def _unclaimed(change: Change, at: datetime) -> bool:
    due = change.before.get("next_due")
    return due is not None and datetime.fromisoformat(due) < at + _SECOND


def _disabled(
    name: str, at: datetime, then: dict[str, Any], last: Change | None, following: Change | None
) -> tuple[str, str]:
    reason = str(then["disabled_reason"] or "disabled")
    since = f" since {_time(last.at)}" if last else ""
    until = f"; {_words(following)} at {_time(following.at)}" if following else "; it still is"
    verdict = "paused" if reason.startswith("paused") else "disabled"
    return verdict, f"{name} did not fire at {_time(at)}: it was {verdict}{since} ({reason}){until}."


def _is_due(cadence: Cadence, at: datetime) -> bool:
    found = next_due(cadence, at - timedelta(microseconds=1))
    return found is not None and found < at + _SECOND


def _not_due(name: str, cadence: Cadence, at: datetime) -> str:
    after = next_due(cadence, at)
    then = f"; its next due time after that is {_time(after)}" if after else ""
    return f"{_time(at)} is no due time of {name} ({describe(cadence)} was in force){then}."


def _leader(session: Session) -> str:
    found = leader(session)
    if found is None:
        return "no Beat has ever led"
    if not found.held:
        return (
            f"no Beat leads (the last was {found.holder}, epoch {found.epoch}); start one with `matchbeat up`"
        )
    return f"{found.holder} leads since {_time(found.since)} and has not claimed it"


def _words(change: Change) -> str:
    return f"{change.action} by {change.who}: {change.why}"


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
