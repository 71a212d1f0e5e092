"""When an entry is due next: a pure function of its cadence and the last due time."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

from src.domain.entry import ByHand, Cadence, Cron, Interval

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def next_due(cadence: Cadence, after: datetime) -> datetime | None:
    """Return the first due time strictly after `after`, in UTC; None where there is none.

    Cron follows Debian's rule on daylight saving: an entry with a wildcard hour follows elapsed time, one at
    a fixed hour fires once. Intervals count from the Unix epoch.
    """
    match cadence:
        case Cron(expression=expression, timezone=zone):
            local = after.astimezone(ZoneInfo(zone))
            found: datetime | None = next(CronSim(expression, local), None)
            return found and found.astimezone(UTC)
        case Interval(every_s=every_s):
            passed = (after - _EPOCH) // timedelta(seconds=every_s)
            return _EPOCH + (passed + 1) * timedelta(seconds=every_s)
        case ByHand():
            return None


def due_times(cadence: Cadence, first: datetime, until: datetime, limit: int) -> list[datetime]:
    """Return the due times from `first`, itself one, to `until` at the latest; the last `limit` of them."""
    found: list[datetime] = []
    at: datetime | None = first
    while at is not None and at <= until:
        found.append(at)
        if len(found) > limit:
            del found[0]
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
            if len(expression.split()) != 5:
                return f"cron {expression!r} must have five fields, for example '0 2 * * *'"
            try:
                CronSim(expression, _EPOCH)
            except CronSimError as error:
                return f"cron {expression!r}: {str(error).lower()}; for example '0 2 * * *'"
        case Interval(every_s=every_s) if not every_s > 0:
            return f"interval of {every_s} s must be positive, for example 600"
    return None


def describe(cadence: Cadence) -> str:
    """Return the cadence in words an operator reads."""
    match cadence:
        case Cron(expression=expression, timezone=zone):
            return f"{expression} ({zone})"
        case Interval(every_s=every_s):
            return f"every {every_s:g} s"
        case ByHand():
            return "by hand"
