"""Finds which canonical match each fixture of another source is; prefers no link to a wrong one.

Candidates are the pairs whose kick-offs lie near each other and whose names are alike enough; a block is what
candidates hang together; within a block the best assignment as a whole is taken. A pair of it is linked where
both names are alike and no other assignment comes near; else it is doubtful, unless its round settles it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from src.collectors.alignment.clubs import Clubs, known_clubs
from src.collectors.alignment.fixture import Alignment, Doubt, Fixture, Verdict
from src.collectors.alignment.rounds import settled
from src.collectors.alignment.score import REVIEW_WINDOW, WINDOW, WORTH_A_LOOK, Score, score

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["REVIEW_WINDOW", "WINDOW", "Alignment", "Doubt", "Fixture", "Verdict", "align", "judge"]

#: An assignment that comes this near to the best one makes the pairs in which they differ doubtful.
MARGIN = 0.05

_Pairs = Mapping[tuple[int, int], Score]


def align(fixtures: Sequence[Fixture], canonical: Sequence[Fixture]) -> list[Alignment]:
    """Return the links between the fixtures of two sources; each side is linked once at most."""
    return list(judge(fixtures, canonical).links)


def judge(
    fixtures: Sequence[Fixture],
    canonical: Sequence[Fixture],
    *,
    clubs: Clubs | None = None,
    rejected: AbstractSet[tuple[str, str]] = frozenset(),
) -> Verdict:
    """Return the links between the fixtures of two sources, and the pairs that a person must look at.

    `rejected` holds (key, canonical key) pairs that are known not to be one. The order of the fixtures does
    not matter, nor does what is no candidate and more than some days away from all that are.
    """
    left, right = (sorted(side, key=_place) for side in (fixtures, canonical))
    clubs = clubs or known_clubs()
    pairs = _candidates(left, right, clubs, rejected)
    choices = [choice for block in _blocks(pairs) for choice in _choices(block, pairs)]
    certain = [choice.pair for choice in choices if not choice.reasons]
    alone = [choice.pair for choice in choices if choice.reasons and choice.alone]
    proven = {*certain, *settled(alone, certain, left, right, pairs, clubs)}
    return Verdict(
        links=tuple(_link(one, left, right, pairs) for one in choices if one.pair in proven),
        doubts=tuple(_doubt(one, left, right, pairs) for one in choices if one.pair not in proven),
    )


def _place(fixture: Fixture) -> tuple[object, ...]:
    return fixture.kickoff_utc, fixture.key, fixture.home, fixture.away


def _candidates(
    left: Sequence[Fixture],
    right: Sequence[Fixture],
    clubs: Clubs,
    rejected: AbstractSet[tuple[str, str]],
) -> dict[tuple[int, int], Score]:
    kickoffs = [fixture.kickoff_utc for fixture in right]
    slack = max((fixture.slack for fixture in right), default=timedelta(0))
    found = {}
    for i, fixture in enumerate(left):
        reach = REVIEW_WINDOW + fixture.slack + slack
        first = bisect_left(kickoffs, fixture.kickoff_utc - reach)
        last = bisect_right(kickoffs, fixture.kickoff_utc + reach)
        for j in range(first, last):
            if (fixture.key, right[j].key) not in rejected and (made := score(fixture, right[j], clubs)):
                found[i, j] = made
    return found


def _blocks(pairs: Iterable[tuple[int, int]]) -> Iterator[list[tuple[int, int]]]:
    """Yield the candidates that hang together by the fixtures they share."""
    by_left: dict[int, list[tuple[int, int]]] = {}
    by_right: dict[int, list[tuple[int, int]]] = {}
    for pair in pairs:
        by_left.setdefault(pair[0], []).append(pair)
        by_right.setdefault(pair[1], []).append(pair)
    seen: set[tuple[int, int]] = set()
    for start in sorted(pair for members in by_left.values() for pair in members):
        if start in seen:
            continue
        block, waiting = [], [start]
        seen.add(start)
        while waiting:
            pair = waiting.pop()
            block.append(pair)
            for near in (*by_left[pair[0]], *by_right[pair[1]]):
                if near not in seen:
                    seen.add(near)
                    waiting.append(near)
        yield sorted(block)


@dataclass(frozen=True, kw_only=True)
class _Choice:
    """A pair of the best assignment, and what keeps it, taken alone, from being a link."""

    pair: tuple[int, int]
    reasons: tuple[str, ...]
    rival: tuple[int, int] | None
    alone: bool


def _choices(block: Sequence[tuple[int, int]], pairs: _Pairs) -> Iterator[_Choice]:
    for pair, margin in _best(block, pairs):
        reasons = pairs[pair].shortcomings()
        if margin < MARGIN:
            reasons += (f"another choice is only {max(margin, 0.0):.2f} worse",)
        rival = _rival(pair, block, pairs)
        yield _Choice(pair=pair, reasons=reasons, rival=rival, alone=len(block) == 1)


def _link(choice: _Choice, left: Sequence[Fixture], right: Sequence[Fixture], pairs: _Pairs) -> Alignment:
    key, canonical = left[choice.pair[0]].key, right[choice.pair[1]].key
    return Alignment(key=key, canonical=canonical, confidence=_confidence(pairs[choice.pair]))


def _doubt(choice: _Choice, left: Sequence[Fixture], right: Sequence[Fixture], pairs: _Pairs) -> Doubt:
    rival = choice.rival
    return Doubt(
        key=left[choice.pair[0]].key,
        canonical=right[choice.pair[1]].key,
        confidence=_confidence(pairs[choice.pair]),
        reasons=choice.reasons,
        rival=right[rival[1]].key if rival else None,
        rival_confidence=_confidence(pairs[rival]) if rival else None,
    )


def _confidence(made: Score) -> float:
    return round(min(made.value, 1.0), 4)


def _best(block: Sequence[tuple[int, int]], pairs: _Pairs) -> Iterator[tuple[tuple[int, int], float]]:
    """Yield the pairs of the best assignment, each with what the best one without it is worse by."""
    if len(block) == 1:
        yield block[0], pairs[block[0]].value
        return
    # Imported here: most processes that can collect never align, and scipy doubles their start.
    import numpy as np

    rows = {i: n for n, i in enumerate(sorted({i for i, _ in block}))}
    columns = {j: n for n, j in enumerate(sorted({j for _, j in block}))}
    gains = np.zeros((len(rows), len(columns)))
    for i, j in block:
        # Only what goes beyond the least candidate counts: two weak pairs must not outweigh a strong one.
        gains[rows[i], columns[j]] = max(pairs[i, j].value - WORTH_A_LOOK, 1e-9)
    total, chosen = _solve(gains)
    for i, j in block:
        row, column = rows[i], columns[j]
        if (row, column) in chosen:
            without = gains.copy()
            without[row, column] = 0.0
            yield (i, j), total - _solve(without)[0]


def _solve(gains: "npt.NDArray[np.float64]") -> tuple[float, set[tuple[int, int]]]:
    from scipy.optimize import linear_sum_assignment

    rows, columns = linear_sum_assignment(gains, maximize=True)
    chosen = {
        (int(row), int(column)) for row, column in zip(rows, columns, strict=True) if gains[row, column]
    }
    return float(gains[rows, columns].sum()), chosen


def _rival(pair: tuple[int, int], block: Sequence[tuple[int, int]], pairs: _Pairs) -> tuple[int, int] | None:
    others = [one for one in block if one[0] == pair[0] and one != pair]
    return max(others, key=lambda one: (pairs[one].value, one), default=None)
