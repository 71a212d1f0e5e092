"""What becomes of the due times of an entry: its policies applied, without a look at clock or table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.policy import CatchUp, Overlap, Policy
from src.domain.ports import Closed, Due, Scheduled, Standing, Step
from src.scheduling.cadence import due_times, jitter_of, next_due_of

#: After a long absence at most so many due times of an entry get a row each; the oldest tells of the rest.
LOOK_BACK = 1_000

#: With `CatchUp.NONE` a due time may be found so late and still runs: no Beat is there on the microsecond.
PUNCTUAL = timedelta(seconds=10)

_FREE = Standing()


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """What becomes of one entry's due times.

    `cancel` are open fires that must end first; `close` are those that give way, of which one that a worker
    has begun meanwhile is left to its cancellation. `pause` is why the entry is to be paused, None where it
    goes on.
    """

    due: Sequence[Due]
    step: Step
    cancel: Sequence[FireId] = ()
    close: Sequence[Closed] = ()
    pause: str | None = None


def needs_standing(item: Scheduled) -> bool:
    """Say whether what becomes of an entry depends on its fires in the ledger."""
    policy = item.entry.policy
    return item.paused is None and (policy.overlap is not Overlap.ALLOW or policy.pause_after is not None)


def decide(
    item: Scheduled, at: datetime, standing: Standing = _FREE, kickoffs: Sequence[datetime] = ()
) -> Decision:
    """Decide on all due times of a due entry up to `at`.

    `standing` is how the entry stands in the ledger, `kickoffs` are those to come, sorted, for a density
    cadence.
    """
    assert item.next_due is not None, f"{item.entry.name} is not due"  # noqa: S101 - the agenda's promise
    first, policy = item.next_due, item.entry.policy
    following = next_due_of(item.entry, first, kickoffs)
    if following is None or following > at:
        if item.paused is None and _is_plain(policy) and at - first <= policy.catch_up_window:
            step = Step(was=first, next_due=following, revision=item.revision, fired=1)
            return Decision(due=[_due(item, first)], step=step)
        times = [first]
    else:
        times = _passed(item, first, at, kickoffs)
        following = next_due_of(item.entry, times[-1], kickoffs)
    pause = _pause(item, standing)
    due, cancel, close = _ruled(item, times, at, standing, pause)
    due = _up_to_the_last_fire(item, due)
    fired = sum(_fires(one) for one in due)
    if policy.max_fires is not None and item.fired + fired >= policy.max_fires:
        following = None
    step = Step(was=first, next_due=following, revision=item.revision, fired=fired)
    if times and times[0] > first and due:
        due[0] = _telling_of_more(due[0], first)
    return Decision(due=due, step=step, cancel=cancel, close=close, pause=pause)


def skipped_between(item: Scheduled, at: datetime, kickoffs: Sequence[datetime] = ()) -> list[Due]:
    """Return the due times of an entry up to `at` as skipped, for another cadence has been declared."""
    if item.next_due is None or item.next_due > at:
        return []
    why = "skipped: another cadence was declared before it was claimed"
    return [_due(item, time, FireState.SKIPPED, why) for time in _passed(item, item.next_due, at, kickoffs)]


def _is_plain(policy: Policy) -> bool:
    """Say whether a single due time inside the window simply runs, as most do."""
    return (
        policy.overlap is Overlap.ALLOW
        and policy.catch_up is not CatchUp.NONE
        and policy.pause_after is None
        and policy.max_fires is None
    )


def _passed(item: Scheduled, first: datetime, at: datetime, kickoffs: Sequence[datetime]) -> list[datetime]:
    """The due times up to `at`; one that its jitter delays beyond `at` waits, and all after it."""
    times = due_times(item.entry.cadence, first, at, LOOK_BACK, kickoffs)
    if item.entry.policy.end is not None:
        times = [time for time in times if time <= item.entry.policy.end]
    if item.entry.policy.jitter:
        while len(times) > 1 and times[-1] + jitter_of(item.entry, times[-1]) > at:
            times.pop()
    return times


def _up_to_the_last_fire(item: Scheduled, due: list[Due]) -> list[Due]:
    """Leave out what would be due after the last fire that the entry may have."""
    if item.entry.policy.max_fires is None:
        return due
    left = item.entry.policy.max_fires - item.fired
    kept: list[Due] = []
    for one in sorted(due, key=lambda one: one.fire.due_at):
        if left <= 0:
            break
        kept.append(one)
        left -= _fires(one)
    return kept


def _fires(due: Due) -> bool:
    return due.state in {FireState.CLAIMED, FireState.BUFFERED}


def _pause(item: Scheduled, standing: Standing) -> str | None:
    limit = item.entry.policy.pause_after
    if item.paused is not None or limit is None or standing.failures < limit:
        return None
    return f"it failed {standing.failures} times in a row"


def _ruled(
    item: Scheduled, times: Sequence[datetime], at: datetime, standing: Standing, pause: str | None
) -> tuple[list[Due], Sequence[FireId], Sequence[Closed]]:
    reason = item.paused or (f"paused by beat: {pause}" if pause else None)
    if reason is not None:
        return [_due(item, time, FireState.SKIPPED, reason) for time in times], (), ()
    running, late = _caught_up(item, times, at)
    if item.entry.policy.overlap is Overlap.ALLOW:
        return late + [_due(item, time) for time in running], (), ()
    if item.entry.policy.overlap is Overlap.CANCEL_OTHER:
        return _cancelling(item, running, late, standing)
    return late + list(_in_line(item, running, standing)), (), ()


def _caught_up(item: Scheduled, times: Sequence[datetime], at: datetime) -> tuple[list[datetime], list[Due]]:
    """Tell the due times that may run from those that are too late or too many, with the reason."""
    policy = item.entry.policy
    window = policy.catch_up_window
    if policy.catch_up is CatchUp.NONE:
        window = min(PUNCTUAL + policy.jitter, window)
    fresh = [time for time in times if at - time <= window]
    late = [
        _due(item, time, FireState.MISSED, f"missed: nobody led within {words(window)} of the due time")
        for time in times[: len(times) - len(fresh)]
    ]
    keep = 1 if policy.catch_up is CatchUp.LATEST else policy.catch_up_limit
    over = fresh[:-keep]
    why = f"skipped: a later due time was caught up instead ({policy.catch_up}, at most {keep})"
    late += [_due(item, time, FireState.SKIPPED, why) for time in over]
    return fresh[-keep:], late


def _in_line(item: Scheduled, times: Sequence[datetime], standing: Standing) -> Iterator[Due]:
    policy = item.entry.policy
    room = {Overlap.SKIP: 0, Overlap.BUFFER_ONE: 1}.get(policy.overlap, policy.buffer_limit)
    free, waiting = not standing.open and not standing.buffered, len(standing.buffered)
    for time in times:
        if free:
            free = False
            yield _due(item, time)
        elif waiting < room:
            waiting += 1
            yield _due(item, time, FireState.BUFFERED, "waits for the fire before it to end")
        else:
            behind = f", and {waiting} wait already" if waiting else ""
            why = f"skipped: the fire before it had not ended{behind} ({policy.overlap})"
            yield _due(item, time, FireState.SKIPPED, why)


def _cancelling(
    item: Scheduled, times: Sequence[datetime], late: list[Due], standing: Standing
) -> tuple[list[Due], Sequence[FireId], Sequence[Closed]]:
    if not times:
        return late, (), ()
    why = "skipped: a later due time took its place (cancel_other)"
    due = late + [_due(item, time, FireState.SKIPPED, why) for time in times[:-1]]
    close = [Closed(id=fire, state=FireState.SKIPPED, reason=why) for fire in standing.buffered]
    if standing.open:
        waits = _due(item, times[-1], FireState.BUFFERED, "waits for the fire that it cancels to end")
        revoked = f"revoked by the due time {times[-1]:%Y-%m-%d %H:%M:%S} UTC (cancel_other)"
        close += [Closed(id=fire, state=FireState.REVOKED, reason=revoked) for fire in standing.open]
        return [*due, waits], standing.open, close
    return [*due, _due(item, times[-1])], (), close


def _due(
    item: Scheduled, at: datetime, state: FireState = FireState.CLAIMED, reason: str | None = None
) -> Due:
    entry = item.entry
    fire = Fire(id=fire_id(entry.name, at), entry=entry.name, due_at=at, parameters=entry.parameters)
    return Due(fire=fire, state=state, reason=reason)


def _telling_of_more(due: Due, first: datetime) -> Due:
    more = f"the due times from {first:%Y-%m-%d %H:%M:%S} UTC to it have no rows of their own"
    return Due(fire=due.fire, state=due.state, reason="; ".join(filter(None, (due.reason, more))))


def words(span: timedelta) -> str:
    """Return a span in words an operator reads."""
    seconds = span.total_seconds()
    if seconds < 120:
        return f"{seconds:g} s"
    return f"{seconds / 60:g} min" if seconds < 7200 else f"{seconds / 3600:g} h"
