"""When an entry is due next: a pure function of its cadence and the last due time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSimError

from src.domain.entry import ByHand, Cadence, Cron, Density, Entry, Interval, OneOff
from src.scheduling.cron import next_cron, parse
from src.scheduling.density import check_density, describe_density, next_dense

_EXAMPLE = "for example '0 2 * * *'"
_TICK = timedelta(microseconds=1)
_NO_JITTER = timedelta(0)


def next_due_of(entry: Entry, after: datetime, kickoffs: Sequence[datetime] = ()) -> datetime | None:
    """Return the entry's first due time strictly after `after` that its policy allows, in UTC.

    Its first due time is not before the policy's `start`, its last one not after the `end`; None where there
    is none. `kickoffs` as for `next_due`.
    """
    start, end = entry.policy.start, entry.policy.end
    if start is not None and after < start:
        after = start - _TICK
    due = next_due(entry.cadence, after, kickoffs)
    return None if due is None or (end is not None and due > end) else due


def next_due(cadence: Cadence, after: datetime, kickoffs: Sequence[datetime] = ()) -> datetime | None:
    """Return the first due time strictly after `after`, in UTC; None where there is none.

    A cron entry with a wildcard hour follows elapsed time through daylight saving, one at fixed hours fires
    once a day, and a time that the day leaves out moves to the first instant that exists (`scheduling.cron`).
    `kickoffs` are those to come, sorted; only a density cadence looks at them.
    """
    # An interval comes first: a schedule of a hundred thousand entries is made of them.
    if type(cadence) is Interval:
        step, anchor = timedelta(seconds=cadence.every_s), cadence.anchor
        due = anchor + ((after - anchor) // step + 1) * step
        return due if due.tzinfo is UTC else due.astimezone(UTC)
    match cadence:
        case Cron(expression=expression, timezone=zone):
            return next_cron(expression, zone, after)
        case Density():
            return next_dense(cadence, after, kickoffs)
        case OneOff(at=at):
            return at.astimezone(UTC) if at > after else None
    return None


def due_times(
    cadence: Cadence, first: datetime, until: datetime, limit: int, kickoffs: Sequence[datetime] = ()
) -> list[datetime]:
    """Return the due times from `first`, itself one, to `until` at the latest; the last `limit` of them.

    `kickoffs` are those after `first`, sorted; only a density cadence looks at them.
    """
    second = next_due(cadence, first, kickoffs)
    if second is not None and until > first:
        # After a long absence only its end is walked through, as much of it as holds `limit` times.
        share = limit * ((second - first) / (until - first))
        while share < 1:
            start = next_due(cadence, until - (until - first) * share, kickoffs)
            found = _walk(cadence, start, until, kickoffs)
            if len(found) >= limit:
                return found[-limit:]
            share *= 4
    return _walk(cadence, first, until, kickoffs)[-limit:]


def _walk(
    cadence: Cadence, first: datetime | None, until: datetime, kickoffs: Sequence[datetime]
) -> list[datetime]:
    found: list[datetime] = []
    at = first
    while at is not None and at <= until:
        found.append(at)
        at = next_due(cadence, at, kickoffs)
    return found


def jitter_of(entry: Entry, due_at: datetime) -> timedelta:
    """Return the part of the policy's jitter that delays this due time: from zero to less than the jitter.

    The same entry name and due time have the same part on every machine; over due times it is uniform.
    """
    most = entry.policy.jitter
    if not most:
        return _NO_JITTER
    text = f"{entry.name}@{due_at.astimezone(UTC).isoformat()}"
    share = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big")
    return timedelta(microseconds=(most // _TICK) * share >> 64)


def check_cadence(cadence: Cadence) -> str | None:
    """Return what is wrong with a cadence, with an example; None where nothing is."""
    match cadence:
        case Interval(every_s=every_s) if not 0.001 <= every_s <= 1e9:
            return (
                f"interval of {every_s:g} s must be positive, from a millisecond to 30 years, for example 600"
            )
        case Interval(anchor=at) | OneOff(at=at) if at.tzinfo is None:
            return f"{at.isoformat()} has no time zone, for example 2026-11-22T02:00:00+00:00"
        case Cron(expression=expression, timezone=zone):
            return _check_cron(expression, zone)
        case Density():
            return check_density(cadence)
    return None


# Thousands of entries share an expression; what was wrong with it once is wrong each time.
@lru_cache(maxsize=16_384)
def _check_cron(expression: str, zone: str) -> str | None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return f"timezone {zone!r} is not an IANA zone, for example Europe/Paris"
    if len(expression.split()) not in {5, 6}:
        return f"cron {expression!r} must have five fields, or six with seconds; {_EXAMPLE}"
    try:
        parse(expression)
    except CronSimError as error:
        return f"cron {expression!r}: {str(error).lower()}; {_EXAMPLE}"
    return None


def describe(cadence: Cadence) -> str:
    """Return the cadence in words an operator reads."""
    match cadence:
        case Cron(expression=expression, timezone=zone):
            return f"{expression} ({zone})"
        case Interval(every_s=every_s):
            return f"every {every_s:g} s"
        case OneOff(at=at):
            return f"once at {at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
        case Density():
            return describe_density(cadence)
        case ByHand():
            return "by hand"
