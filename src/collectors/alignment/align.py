"""Finds which canonical match each fixture of another source is; prefers no link to a wrong one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from src.collectors.alignment.names import similarity

#: Sources disagree on a kick-off by minutes to hours; the calendar date tells nothing across time zones.
WINDOW = timedelta(hours=3)

#: The mean of both names' likeness that a link needs, and the least that each of them needs.
_ENOUGH = 0.74
_LEAST = 0.65

#: An assignment that a second candidate comes this near to is doubtful, and is left alone.
_MARGIN = 0.05

#: Kick-offs apart by the whole window cost this much: it settles ties and no more.
_TIME_COST = 0.04


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """A match to be aligned: `key` is its id in its source, names are all forms that we know of."""

    key: str
    kickoff_utc: datetime
    home: tuple[str, ...]
    away: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Alignment:
    """A fixture found to be a canonical match."""

    key: str
    canonical: str
    confidence: float


def align(fixtures: Sequence[Fixture], canonical: Sequence[Fixture]) -> list[Alignment]:
    """Return the links between the fixtures of one competition in two sources.

    Each side is linked once at most, by the best assignment within each block of kick-offs that reach into
    one another's windows.
    """
    found: list[Alignment] = []
    for left, right in _blocks(fixtures, canonical):
        found += _assign(left, right)
    return found


def _blocks(
    fixtures: Sequence[Fixture], canonical: Sequence[Fixture]
) -> Iterable[tuple[list[Fixture], list[Fixture]]]:
    tagged = sorted(
        [(item.kickoff_utc, 0, item) for item in fixtures]
        + [(item.kickoff_utc, 1, item) for item in canonical],
        key=lambda entry: entry[:2],
    )
    block: tuple[list[Fixture], list[Fixture]] = ([], [])
    last: datetime | None = None
    for kickoff, side, item in tagged:
        if last is not None and kickoff - last > WINDOW:
            yield block
            block = ([], [])
        block[side].append(item)
        last = kickoff
    yield block


def _assign(left: list[Fixture], right: list[Fixture]) -> list[Alignment]:
    if not left or not right:
        return []
    # Imported here: most processes that can collect never align, and scipy doubles their start.
    import numpy as np
    from scipy.optimize import linear_sum_assignment

    scores = np.array([[_score(fixture, known) for known in right] for fixture in left])
    found = []
    for i, j in zip(*linear_sum_assignment(scores, maximize=True), strict=True):
        rivals = np.concatenate([np.delete(scores[i], j), np.delete(scores[:, j], i)])
        if scores[i, j] >= _ENOUGH and scores[i, j] - rivals.max(initial=0.0) >= _MARGIN:
            confidence = round(float(min(scores[i, j], 1.0)), 4)
            found.append(Alignment(key=left[i].key, canonical=right[j].key, confidence=confidence))
    return found


def _score(fixture: Fixture, known: Fixture) -> float:
    apart = abs(fixture.kickoff_utc - known.kickoff_utc)
    if apart > WINDOW:
        return 0.0
    home, away = _best(fixture.home, known.home), _best(fixture.away, known.away)
    if min(home, away) < _LEAST:
        return 0.0
    return (home + away) / 2 - _TIME_COST * (apart / WINDOW)


def _best(names: tuple[str, ...], others: tuple[str, ...]) -> float:
    return max((similarity(name, other) for name in names for other in others), default=0.0)
