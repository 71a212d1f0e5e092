"""Explains what became of a due time, from its row of the ledger or from the absence of one."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from src.database import schedule as stored
from src.database.census import leader
from src.database.schedule_audit import changes_around, in_force
from src.database.schedule_json import cadence_from_json, policy_from_json
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.edit import Change
from src.domain.entry import Density, Entry
from src.domain.fire import FireState
from src.pipeline.context import Context
from src.pipeline.schedule_checks import check_instant
from src.pipeline.schedule_edits import require
from src.pipeline.schedule_times import kickoffs_for, next_after
from src.scheduling.cadence import describe, jitter_of, next_due_of

#: People give due times as they are shown: to the second.
_SECOND = timedelta(seconds=1)

#: How the reason of a paused entry begins.
_PAUSED = "paused"

#: How a fire ended, with the time of it.
_ENDS = {
    FireState.SUCCEEDED: "succeeded at {}",
    FireState.FAILED: "failed at {}",
    FireState.LOST: "was lost at {}",
    FireState.REVOKED: "was ended from outside at {}",
    FireState.MISSED: "did not run: at {} it was given up as too late",
    FireState.EXPIRED: "did not run: no worker had begun it in time, and at {} it was given up",
    FireState.SKIPPED: "did not run: at {} it was passed over",
}

#: What a fire waits for that has not ended.
_WAITS = {
    FireState.CLAIMED: "it waits to be sent: whoever leads sends it when its carrier takes it",
    FireState.BUFFERED: "it waits in line until the fires of its entry before it have ended",
    FireState.SENT: "no worker has begun it yet",
    FireState.STARTED: "it still runs",
    FireState.RETRIED: "that attempt failed, and it waits for the next one",
}


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What became of the due time `at` of `entry`; `verdict` is one word for programs.

    It is the fire's state where the ledger has a row, otherwise undeclared, paused, disabled, not_due,
    coming, waiting or no_row.
    """

    entry: str
    at: datetime
    verdict: str
    text: str


def why(ctx: Context, entry: str, at: datetime) -> Explanation:
    """Explain in one paragraph what happened to `entry` at `at` (aware)."""
    at = check_instant("at", at)
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
    told = [_origin(fire)]
    if fire.sent_at is not None:
        told.append(f"it was sent at {_time(fire.sent_at)}")
    if fire.started_at is not None:
        where = f" by {fire.worker}" if fire.worker else ""
        times = f", attempt {fire.attempts}" if fire.attempts > 1 else ""
        told.append(f"it was begun at {_time(fire.started_at)}{where}{times}")
    state = FireState(fire.state)
    if fire.finished_at is None:
        told.append(_WAITS[state])
    else:
        told.append(f"it {_ENDS[state].format(_time(fire.finished_at))}")
    text = "; ".join(told)
    return f"{text}. Reason: {fire.reason}" if fire.reason else f"{text}."


def _origin(fire: FireRow) -> str:
    came = _time(fire.claimed_at)
    if not fire.by_hand:
        return f"{fire.entry} was due at {_time(fire.due_at)} and came into the ledger at {came}"
    if fire.claimed_at > fire.due_at:
        return f"{fire.entry} was due at {_time(fire.due_at)}; a backfill had it claimed at {came}"
    return f"{fire.entry} was asked for by hand at {came}"


def _without_row(session: Session, row: ScheduleEntryRow, at: datetime, now: datetime) -> tuple[str, str]:
    if at <= row.declared_at:
        return (
            "undeclared",
            f"{row.name} was not declared yet at {_time(at)}: it was at {_time(row.declared_at)}.",
        )
    last, following = changes_around(session, row.name, at)
    then = last.after if last else following.before if following else in_force(row)
    reason = then["disabled_reason"] or ""
    if not then["enabled"] and not reason.startswith(_PAUSED):
        return _disabled(row.name, at, reason, last, following)
    entry = replace(
        stored.shown(row),
        cadence=cadence_from_json(then["cadence"]),
        policy=policy_from_json(then.get("policy", {})),
    )
    due = _due_near(session, entry, at)
    if due is None:
        return "not_due", _not_due(session, entry, at)
    if due + jitter_of(entry, due) > now:
        return "coming", _coming(entry, due, reason)
    if _is_ahead(row, at):
        return "waiting", _waiting(session, row, at)
    if not then["enabled"]:
        return _disabled(row.name, at, reason, last, following)
    return (
        "no_row",
        f"{row.name} was due at {_time(at)} and has no row: {_unwritten(row, at, last, following)}.",
    )


def _coming(entry: Entry, due: datetime, paused: str) -> str:
    text = f"{entry.name} is due at {_time(due)}, which is still to come"
    if jitter := jitter_of(entry, due):
        text = f"{entry.name} is due at {_time(due)}; its jitter delays that to {_time(due + jitter)}"
    return f"{text}; while it is {paused}, that is passed over." if paused else f"{text}."


def _is_ahead(row: ScheduleEntryRow, at: datetime) -> bool:
    """Whether Beat has still to write the row of `at`."""
    follows = row.enabled or (row.disabled_reason or "").startswith(_PAUSED)
    return follows and row.next_due is not None and row.next_due < at + _SECOND


def _waiting(session: Session, row: ScheduleEntryRow, at: datetime) -> str:
    paused = "" if row.enabled else f"; the entry is {row.disabled_reason}, and it will not run"
    return f"{row.name} was due at {_time(at)} and is not in the ledger yet: {_leader(session)}{paused}."


def _unwritten(row: ScheduleEntryRow, at: datetime, last: Change | None, following: Change | None) -> str:
    most = row.policy.get("max_fires")
    if row.next_due is None and most is not None and row.fired >= most:
        return f"the entry has had the {most} fires that its policy allows"
    if last is not None and at - last.at < _SECOND:
        return f"the entry was changed just then ({_words(last)})"
    if following is not None and _unclaimed(following, at):
        return f"nobody had claimed it when the entry changed at {_time(following.at)} ({_words(following)})"
    return "the schedule went on without it, as after an absence in which more than the last thousand passed"


def _unclaimed(change: Change, at: datetime) -> bool:
    due = change.before.get("next_due")
    return due is not None and datetime.fromisoformat(due) < at + _SECOND


def _disabled(
    name: str, at: datetime, reason: str, last: Change | None, following: Change | None
) -> tuple[str, str]:
    since = f" since {_time(last.at)}" if last else ""
    until = f"; {_words(following)} at {_time(following.at)}" if following else "; it still is"
    verdict = "paused" if reason.startswith(_PAUSED) else "disabled"
    return verdict, f"{name} did not fire at {_time(at)}: it was {verdict}{since} ({reason}){until}."


def _due_near(session: Session, entry: Entry, at: datetime) -> datetime | None:
    """The due time in the second from `at` on; of a density cadence, by the kick-offs known now."""
    known = kickoffs_for(session, entry.cadence, at)
    found = next_due_of(entry, at - timedelta(microseconds=1), known)
    return found if found is not None and found < at + _SECOND else None


def _not_due(session: Session, entry: Entry, at: datetime) -> str:
    after = next_after(session, entry, at)
    then = f"; its next due time after that is {_time(after)}" if after else ""
    known = ", by the kick-offs known now," if isinstance(entry.cadence, Density) else ""
    when = describe(entry.cadence)
    return f"{_time(at)} is{known} no due time of {entry.name} ({when} was in force){then}."


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
