"""When a made season plays: a double round robin over weekends, some midweeks, and breaks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from src.sandbox.world.clubs import Club
from src.sandbox.world.competitions import Competition

#: The running season began this many weeks before the anchor.
WEEKS_PLAYED = 19
_BREAKS = (4, 9, 27)
_MIDWEEKS = (12, 16, 25)
_YEAR = timedelta(weeks=52)

#: (day of the week from Friday, local kick-off, matches at most)
_WEEKEND = (
    (0, time(20, 0), 1),
    (1, time(12, 30), 1),
    (1, time(15, 0), 4),
    (1, time(17, 30), 1),
    (2, time(14, 0), 1),
    (2, time(16, 30), 1),
    (3, time(20, 0), 1),
)
_MIDWEEK = ((0, time(19, 45), 5), (1, time(20, 15), 5))

Pairs = list[tuple[datetime, Club, Club]]
Slots = tuple[tuple[int, time, int], ...]


def season_starts(competition: Competition, anchor: datetime, seasons: int) -> Iterator[tuple[int, date]]:
    """Yield (seasons ago, Friday of the first round), oldest first."""
    day = anchor.date()
    friday = day - timedelta(days=(day.weekday() - 4) % 7)
    first = friday - timedelta(weeks=WEEKS_PLAYED - competition.number % 2)
    for back in reversed(range(seasons)):
        yield back, first - back * _YEAR


def season_rounds(
    competition: Competition, clubs: list[Club], start: date, random: Random
) -> Iterator[tuple[int, Pairs]]:
    """Yield (round from 1, kick-offs in UTC with the two clubs) in order of time."""
    rounds = _round_robin(clubs, random)
    played = 0
    for week in range(60):
        days: list[tuple[date, Slots]] = (
            [] if week in _BREAKS else [(start + timedelta(weeks=week), _WEEKEND)]
        )
        if week in _MIDWEEKS and len(clubs) == 20:
            days.append((start + timedelta(weeks=week, days=4), _MIDWEEK))
        for day, slots in days:
            if played == len(rounds):
                return
            yield played + 1, _kickoffs(competition, day, slots, rounds[played])
            played += 1


def _kickoffs(
    competition: Competition,
    day: date,
    slots: Slots,
    pairs: list[tuple[Club, Club]],
) -> Pairs:
    times = [(offset, at) for offset, at, most in slots for _ in range(most)]
    return [
        (datetime.combine(day + timedelta(days=offset), at, competition.zone).astimezone(UTC), home, away)
        for (offset, at), (home, away) in zip(times, pairs, strict=False)
    ]


def _round_robin(clubs: list[Club], random: Random) -> list[list[tuple[Club, Club]]]:
    """Return the rounds of a double round robin by the circle method, the second half mirrored."""
    order = list(clubs)
    random.shuffle(order)
    fixed, *ring = order
    half = []
    for number in range(len(ring)):
        line = [fixed, *ring]
        pairs = [(line[i], line[-1 - i]) for i in range(len(line) // 2)]
        # Only the fixed club would otherwise always be at home; the others alternate by their place.
        half.append([(b, a) if (i + number) % 2 else (a, b) for i, (a, b) in enumerate(pairs)])
        ring = [ring[-1], *ring[:-1]]
    for pairs in half:
        random.shuffle(pairs)
    mirrored = [[(away, home) for home, away in pairs] for pairs in half]
    return half + mirrored
