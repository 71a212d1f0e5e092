"""When an entry is due next: a pure function of its cadence and the last due time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from src.domain.entry import ByHand, Cadence, Cron, Interval, OneOff

_EXAMPLE = "for example '0 2 * * *'"


def next_due(cadence: Cadence, after: datetime) -> datetime | None:
    """Return the first due time strictly after `after`, in UTC; None where there is none.

    Cron follows Debian's rule on daylight saving: an entry with a wildcard hour follows elapsed time, one at
    a fixed hour fires once a day, and a time that the day leaves out moves to the first instant that exists.
    """
    match cadence:
        case Cron(expression=expression, timezone=zone):
            found: datetime | None = next(CronSim(expression, after.astimezone(ZoneInfo(zone))), None)
            return found and found.astimezone(UTC)
        case Interval(every_s=every_s, anchor=anchor):
            step = timedelta(seconds=every_s)
            return (anchor + ((after - anchor) // step + 1) * step).astimezone(UTC)
        case OneOff(at=at):
            return at.astimezone(UTC) if at > after else None
        case ByHand():
            return None


def due_times(cadence: Cadence, first: datetime, until: datetime, limit: int) -> list[datetime]:
    """Return the due times from `first`, itself one, to `until` at the latest; the last `limit` of them."""
    second = next_due(cadence, first)
    if second is not None and until > first:
        # After a long absence only its end is walked through, as much of it as holds `limit` times.
        share = limit * ((second - first) / (until - first))
        while share < 1:
            found = _walk(cadence, next_due(cadence, until - (until - first) * share), until)
            if len(found) >= limit:
                return found[-limit:]
            share *= 4
    return _walk(cadence, first, until)[-limit:]


def _walk(cadence: Cadence, first: datetime | None, until: datetime) -> list[datetime]:
    found: list[datetime] = []
    at = first
    while at is not None and at <= until:
        found.append(at)
        at = next_due(cadence, at)
    return found


def check_cadence(cadence: Cadence) -> str | None:
    """Return what is wrong with a cadence, with an example; None where nothing is."""
    match cadence:
        case Cron(expression=expression, timezone=zone):
            try:
                ZoneInfo(zone)
            except (ZoneInfoNotFoundError, ValueError):
                return f"timezone {zone!r} is not an IANA zone, for example Europe/Paris"
            if len(expression.split()) not in {5, 6}:
                return f"cron {expression!r} must have five fields, or six with seconds; {_EXAMPLE}"
            try:
                CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
            except CronSimError as error:
                return f"cron {expression!r}: {str(error).lower()}; {_EXAMPLE}"
        case Interval(every_s=every_s) if not 0.001 <= every_s <= 1e9:
            return (
                f"interval of {every_s:g} s must be positive, from a millisecond to 30 years, for example 600"
            )
        case Interval(anchor=at) | OneOff(at=at) if at.tzinfo is None:
            return f"{at.isoformat()} has no time zone, for example 2026-11-22T02:00:00+00:00"
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
        case ByHand():
            return "by hand"
