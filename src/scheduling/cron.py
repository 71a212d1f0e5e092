"""Cron expressions: read by cronsim, walked here, so that five and six fields keep one rule.

An entry with a wildcard hour (the field begins with `*`) is due at every instant whose local time matches:
25 times on a 25-hour day, 23 times on a 23-hour day. An entry at fixed hours is due once for each local time
that matches: at the first of two such instants, and where the clocks leave it out, at the first instant after
the gap.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from cronsim import CronSim

_SECOND = timedelta(seconds=1)
_DAY = timedelta(days=1)

#: An expression that matches no day in so many years matches none; 29 February on a given weekday takes 40.
_YEARS = 50


def next_cron(expression: str, timezone: str, after: datetime) -> datetime | None:
    """Return the first due time strictly after `after`, in UTC; None where there is none.

    Raises CronSimError where the expression is wrong, ZoneInfoNotFoundError where the zone is unknown.
    """
    fields, after = parse(expression), after.astimezone(UTC).replace(microsecond=0)
    if timezone == "UTC":
        local = fields.next_match(after.replace(tzinfo=None) + _SECOND)
        return local and local.replace(tzinfo=UTC)
    zone = ZoneInfo(timezone)
    if fields.any_hour:
        return _elapsed(fields, after + _SECOND, zone)
    return _once_a_day(fields, after, zone)


@dataclass(frozen=True, kw_only=True, slots=True)
class Fields:
    """What an expression matches; the numbers ascend."""

    seconds: tuple[int, ...]
    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    months: frozenset[int]
    on_day: Callable[[date], bool]
    any_hour: bool

    def next_match(self, local: datetime) -> datetime | None:
        """Return the first local time (naive, whole seconds) at or after `local` that matches."""
        day = local.date()
        if day.month in self.months and self.on_day(day):
            found = self._time_from(local.hour, local.minute, local.second)
            if found is not None:
                return datetime.combine(day, found)
        following = self._day_after(day)
        first = time(self.hours[0], self.minutes[0], self.seconds[0])
        return None if following is None else datetime.combine(following, first)

    def _time_from(self, hour: int, minute: int, second: int) -> time | None:
        if hour in self.hours:
            if minute in self.minutes:
                n = bisect_left(self.seconds, second)
                if n < len(self.seconds):
                    return time(hour, minute, self.seconds[n])
            n = bisect_right(self.minutes, minute)
            if n < len(self.minutes):
                return time(hour, self.minutes[n], self.seconds[0])
        n = bisect_right(self.hours, hour)
        return time(self.hours[n], self.minutes[0], self.seconds[0]) if n < len(self.hours) else None

    def _day_after(self, day: date) -> date | None:
        last = min(day.year + _YEARS, date.max.year - 1)
        while day.year <= last:
            day += _DAY
            while day.month not in self.months:
                day = (day.replace(day=1) + 32 * _DAY).replace(day=1)
            if self.on_day(day):
                return day
        return None


@lru_cache(maxsize=16_384)
def parse(expression: str) -> Fields:
    """Read five fields, or six with seconds in front; raise CronSimError where they are wrong."""
    read = CronSim(expression, datetime(2026, 1, 1, tzinfo=UTC))
    return Fields(
        seconds=tuple(sorted(read.seconds)),
        minutes=tuple(sorted(read.minutes)),
        hours=tuple(sorted(read.hours)),
        months=frozenset(read.months),
        on_day=_every_day if read.parts[3] == read.parts[5] == "*" else read.match_day,
        any_hour=read.parts[2].startswith("*"),
    )


def _every_day(_day: date) -> bool:
    return True


def _elapsed(fields: Fields, first: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant at or after `first` whose local time matches.

    It goes in stretches of a day or less with one offset: there local time runs as time does.
    """
    while True:
        local, ends = first.astimezone(zone), first + _DAY
        offset = _offset(local)
        changed = _offset(ends.astimezone(zone)) != offset
        if changed:
            ends = _change(first, ends, zone)
        found = fields.next_match(local.replace(tzinfo=None, fold=0))
        if found is None:
            return None
        due = found.replace(tzinfo=UTC) - offset
        if due < ends:
            return due
        # No zone moves by more than a day, so that nothing matches up to a day before `due`; unless the
        # clocks have just gone back and show again what lies before `local`.
        first = ends if changed else max(ends, due - _DAY)


def _once_a_day(fields: Fields, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant after `after` that a matching local time falls on."""
    local = after.astimezone(zone)
    start = local.replace(tzinfo=None, fold=0) + _SECOND
    if local.fold:
        # The clocks show this hour again; what matches in it was due the first time.
        start = max(start, _end_of_repeat(after, zone))
    found = fields.next_match(start)
    while found is not None and (due := _instant(found, zone)) <= after:
        found = fields.next_match(found + _SECOND)
    return found and due


def _instant(local: datetime, zone: ZoneInfo) -> datetime:
    """When the clocks first show `local`; where they leave it out, the first instant after the gap."""
    due = local.replace(tzinfo=zone).astimezone(UTC)
    if due.astimezone(zone).replace(tzinfo=None) == local:
        return due
    # The offset from before the gap puts a time in it less than a day after the gap's instant.
    return _change(due - _DAY, due, zone)


def _end_of_repeat(at: datetime, zone: ZoneInfo) -> datetime:
    """The local time at which the repeated hour that `at` lies in is over."""
    before = at - _DAY
    return _change(before, at, zone).replace(tzinfo=None) + _offset(before.astimezone(zone))


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The instant in (`low`, `high`] from which on the zone has the offset it has at `high`."""
    offset = _offset(high.astimezone(zone))
    while high - low > _SECOND:
        middle = low + (high - low) // (2 * _SECOND) * _SECOND
        if _offset(middle.astimezone(zone)) == offset:
            high = middle
        else:
            low = middle
    return high


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta(0)
