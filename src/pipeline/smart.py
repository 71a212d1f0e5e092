"""Smart mode: live collection when the coming kick-offs ask for it, without a Beat that watches them.

Its due times are those of the entry `titan-live`, as they are in force; where Beat runs, that is smart mode.
Here one due time is served at a call, and each one once.
"""

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import checkpoints, outcomes
from src.database import schedule as stored
from src.database import schedule_edits as edits
from src.domain.entry import Density, Entry
from src.domain.fire import OPEN, UNRUN, FireId, FireState, fire_id
from src.pipeline.collect_mode import ModeRun, collect_mode
from src.pipeline.context import Context
from src.pipeline.odds_modes import Live
from src.pipeline.progress import Progress
from src.pipeline.schedule_times import kickoffs_for, times_between
from src.scheduling.cadence import describe, next_due_of
from src.scheduling.catalog import find

ENTRY = "titan-live"

#: The steps of a due time's mark: that somebody began it here, and that its run has ended.
_BEGUN, _ENDED = "begun", "smart"

#: So many of the entry's last fires are looked at; more than one is open or due at once only by hand.
_FIRES = 20


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What smart mode does at `at`: serves the due time `due_at`, or, where that is None, nothing.

    `reason` says why, `next_due` when it is due after `at`, None where no kick-off asks for it; `cadence` and
    `kickoffs` tell what decides it. Times are UTC.
    """

    at: datetime
    due_at: datetime | None
    next_due: datetime | None
    reason: str
    cadence: str
    kickoffs: str


@dataclass(frozen=True, kw_only=True)
class SmartRun:
    """A verdict and, where a run was due, what it did."""

    verdict: Verdict
    run: ModeRun | None


def verdict(ctx: Context) -> Verdict:
    """Tell whether a live run is due now, why, and when the next one is.

    A due time waits as long as the entry's catch-up window, and is served where a fire of the ledger or an
    earlier call has begun it. An open fire, and another call's run under way, keep a new one from starting.
    """
    with ctx.database.session() as session:
        return _verdict(session, *_in_force(session), ctx.clock.now())


def collect_smart(
    ctx: Context,
    given: Mapping[str, int],
    *,
    most_matches: int | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> SmartRun:
    """Serve the due time that waits, if one does, with the entry's parameters and `given` over them.

    Raises BadData where these make no sense; the rest is `collect_mode`'s.
    """
    now = ctx.clock.now()
    with ctx.database.session() as session:
        entry, paused = _in_force(session)
        mode = _mode(entry, given)
        told = _verdict(session, entry, paused, now)
        if told.due_at is None:
            return SmartRun(verdict=told, run=None)
        due = fire_id(ENTRY, told.due_at)
        if not checkpoints.claim(session, due, now):
            lost = replace(told, due_at=None, reason="another call has begun the run at this moment")
            return SmartRun(verdict=lost, run=None)
    try:
        run = collect_mode(ctx, mode, most_matches=most_matches, progress=progress)
    finally:
        with ctx.database.session() as session:
            checkpoints.mark(session, due, _ENDED, [""], ctx.clock.now())
    return SmartRun(verdict=told, run=run)


def _in_force(session: Session) -> tuple[Entry, str | None]:
    """The entry as it is stored, before any Beat has declared it the catalog's, and why it is disabled."""
    row = edits.find(session, ENTRY)
    if row is None:
        return find(ENTRY), None
    try:
        return stored.entry(row), None if row.enabled else row.disabled_reason or "disabled"
    except Misconfigured as error:
        raise Misconfigured(f"entry {ENTRY!r} cannot be read ({error}): edit or reset it") from error


def _mode(entry: Entry, given: Mapping[str, int]) -> Live:
    names = {field.name for field in fields(Live)}
    inherited = {name: value for name, value in entry.parameters.items() if name in names}
    return Live(**{**inherited, **given})


def _verdict(session: Session, entry: Entry, paused: str | None, now: datetime) -> Verdict:
    window = entry.policy.catch_up_window
    known = kickoffs_for(session, entry.cadence, now - max(window, entry.limit), now)
    due = _last_due(entry, now - window, now, known)
    next_due = next_due_of(entry, now, known)
    reason = f"{ENTRY} is disabled: {paused}" if paused else _kept_back(session, entry, due, known, now)
    return Verdict(
        at=now,
        due_at=due if reason is None else None,
        next_due=None if paused else next_due,
        reason=reason or f"the due time {due:%H:%M:%S} has not been served",
        cadence=describe(entry.cadence),
        kickoffs=_told(entry, known, now),
    )


def _last_due(entry: Entry, after: datetime, now: datetime, known: Sequence[datetime]) -> datetime | None:
    first = next_due_of(entry, after, known)
    if first is None or first > now:
        return None
    return times_between(entry, first, now, 1, known)[-1]


def _kept_back(
    session: Session, entry: Entry, due: datetime | None, known: Sequence[datetime], now: datetime
) -> str | None:
    """Why the due time `due` is not to be served now; None where it is."""
    if due is None:
        return f"no run was due in the last {_minutes(entry.policy.catch_up_window)}"
    for fire in outcomes.history(session, entry.name, _FIRES):
        state = FireState(fire.state)
        if fire.due_at >= due and state not in UNRUN:
            return f"the run due at {due:%H:%M:%S} is Beat's fire {str(fire.id)[:8]}, which is {state}"
        if state in OPEN and fire.claimed_at > now - entry.limit:
            return f"fire {str(fire.id)[:8]} of {fire.due_at:%H:%M:%S} is still {state}"
    for at in _own(entry, due, known, now):
        begun, ended = _marks(session, fire_id(entry.name, at))
        if at == due and begun:
            return f"the run due at {due:%H:%M:%S} was begun by an earlier call"
        if begun and not ended:
            return f"an earlier call's run, due at {at:%H:%M:%S}, is under way"
    return None


def _own(entry: Entry, due: datetime, known: Sequence[datetime], now: datetime) -> list[datetime]:
    """The due times whose runs may be under way: one longer ago than the limit was broken off."""
    first = next_due_of(entry, now - entry.limit, known)
    earlier = [] if first is None or first > due else times_between(entry, first, due, 1_000, known)
    return sorted({*earlier, due}, reverse=True)


def _marks(session: Session, run: FireId) -> tuple[bool, bool]:
    begun, ended = (bool(checkpoints.done(session, run, step)) for step in (_BEGUN, _ENDED))
    return begun, ended


def _told(entry: Entry, known: Sequence[datetime], now: datetime) -> str:
    coming = known[bisect_right(known, now) :]
    if not isinstance(entry.cadence, Density):
        return "its due times do not follow kick-offs"
    if not coming:
        return "no watched match is known to kick off within two days"
    spans = sorted({step.within_s for step in entry.cadence.steps})
    counts = [
        f"{bisect_right(coming, now + timedelta(seconds=span))} within {_minutes(timedelta(seconds=span))}"
        for span in spans
    ]
    return f"watched kick-offs: {', '.join(counts)}; the next at {coming[0]:%Y-%m-%d %H:%M}"


def _minutes(span: timedelta) -> str:
    return f"{span.total_seconds() / 60:g} min"
