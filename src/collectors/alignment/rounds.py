"""Settles a pair of which one name says nothing by the round it belongs to, when all else of that is certain.

A club plays one match at a time. Where its name is sure, both sources tell the same kick-off, and the other
matches of the round show that both competitions are one, its match is the same in both: then the two other
names are one club's. Unless the sources contradict each other, as when one has not heard of a new opponent:
so neither of the two names may have a like one anywhere in the other source, and the round must agree for
the most part.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from src.collectors.alignment.clubs import Clubs
from src.collectors.alignment.fixture import Fixture
from src.collectors.alignment.score import AT_ONCE, LEAST, SURE_SIDE, Score

#: What kicks off within this of a match is of its round.
_ROUND = timedelta(days=4)
#: So many certain links of the round show that two competitions are one, if there are no more open pairs.
_COMPANY = 2

Pair = tuple[int, int]
_Other = tuple[tuple[str, ...], tuple[str, ...]]


def settled(
    open_pairs: Iterable[Pair],
    certain: Iterable[Pair],
    left: Sequence[Fixture],
    right: Sequence[Fixture],
    pairs: Mapping[Pair, Score],
    clubs: Clubs,
) -> set[Pair]:
    """Return which of the open pairs their rounds settle; indices are those of `left` and `right`."""
    waiting = [pair for pair in open_pairs if _one_name_is_sure(pairs[pair])]
    if not waiting:
        return set()
    links = list(certain)
    ours, theirs = _Names(left), _Names(right)
    found = {}
    for pair in waiting:
        one, other = left[pair[0]], right[pair[1]]
        names = _other_names(one, other, pairs[pair])
        if (
            _keeps_company(pair, links, waiting, left, right)
            and not _told_apart(names, _country(one, other), clubs)
            and not theirs.has_like(names[0], one, clubs)
            and not ours.has_like(names[1], other, clubs)
        ):
            found[pair] = names
    return {pair for pair in found if not any(_contradict(found[pair], other) for other in found.values())}


class _Names:
    """The names of one side's clubs, women's and men's apart, by the country where the side tells it."""

    def __init__(self, fixtures: Sequence[Fixture]) -> None:
        self._by: defaultdict[tuple[bool, str | None], set[str]] = defaultdict(set)
        for one in fixtures:
            self._by[one.women, one.told_competition.country].update((*one.home, *one.away))

    def has_like(self, names: tuple[str, ...], of: Fixture, clubs: Clubs) -> bool:
        """Tell whether a club that may play where the fixture is played has a name like one of these."""
        plays_in = of.told_competition.country
        return any(
            clubs.likeness(name, other, plays_in or country) >= LEAST
            for (women, country), known in self._by.items()
            if women == of.women and (country == plays_in or None in (country, plays_in))
            for other in known
            for name in names
        )


def _one_name_is_sure(made: Score) -> bool:
    sure, other = max(made.home, made.away), min(made.home, made.away)
    return sure >= SURE_SIDE and other < LEAST and made.apart <= AT_ONCE


def _other_names(left: Fixture, right: Fixture, made: Score) -> _Other:
    return (left.home, right.home) if made.home < made.away else (left.away, right.away)


def _contradict(one: _Other, other: _Other) -> bool:
    """Tell whether one club of a source would be two of the other's."""
    return (one[0] == other[0]) != (one[1] == other[1])


def _keeps_company(
    pair: Pair,
    links: Sequence[Pair],
    waiting: Sequence[Pair],
    left: Sequence[Fixture],
    right: Sequence[Fixture],
) -> bool:
    ours, theirs = left[pair[0]], right[pair[1]]
    if not ours.competition or not theirs.competition:
        return False
    wanted = ours.told_competition, theirs.told_competition

    def of_round(one: Pair) -> tuple[bool, bool]:
        if abs(left[one[0]].kickoff_utc - ours.kickoff_utc) > _ROUND:
            return False, False
        return left[one[0]].told_competition == wanted[0], right[one[1]].told_competition == wanted[1]

    company = [told for told in map(of_round, links) if any(told)]
    open_pairs = sum(any(of_round(one)) for one in waiting)
    return all(map(all, company)) and len(company) >= max(_COMPANY, open_pairs)


def _told_apart(names: _Other, country: str | None, clubs: Clubs) -> bool:
    return any(clubs.told_apart(one, other, country) for one in names[0] for other in names[1])


def _country(ours: Fixture, theirs: Fixture) -> str | None:
    return ours.told_competition.country or theirs.told_competition.country
