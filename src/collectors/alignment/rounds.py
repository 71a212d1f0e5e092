"""Settles a pair of which one name says nothing by the round it belongs to, when all else of that is certain.

A club plays one match at a time. Where its name is sure, both sources tell the same kick-off, and the other
matches of the round show that both competitions are one, its match is the same in both: then the two other
names are one club's, if neither source has a second place for them in that round.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from src.collectors.alignment.clubs import Clubs
from src.collectors.alignment.fixture import Fixture
from src.collectors.alignment.score import AT_ONCE, LEAST, SURE_SIDE, Score

#: What kicks off within this of a match is of its round.
_ROUND = timedelta(days=4)
#: So many certain links of the round show that two competitions are one.
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
    found = {
        pair: _other_names(left[pair[0]], right[pair[1]], pairs[pair])
        for pair in waiting
        if _keeps_company(pair, links, left, right) and _have_no_other_place(pair, left, right, pairs, clubs)
    }
    return {pair for pair in found if not any(_contradict(found[pair], other) for other in found.values())}


def _one_name_is_sure(made: Score) -> bool:
    sure, other = max(made.home, made.away), min(made.home, made.away)
    return sure >= SURE_SIDE and other < LEAST and made.apart <= AT_ONCE


def _other_names(left: Fixture, right: Fixture, made: Score) -> _Other:
    return (left.home, right.home) if made.home < made.away else (left.away, right.away)


def _contradict(one: _Other, other: _Other) -> bool:
    """Tell whether one club of a source would be two of the other's."""
    return (one[0] == other[0]) != (one[1] == other[1])


def _keeps_company(
    pair: Pair, links: Sequence[Pair], left: Sequence[Fixture], right: Sequence[Fixture]
) -> bool:
    ours, theirs = left[pair[0]], right[pair[1]]
    if not ours.competition or not theirs.competition:
        return False
    others = [
        (left[i], right[j])
        for i, j in links
        if left[i].told_competition == ours.told_competition
        and abs(left[i].kickoff_utc - ours.kickoff_utc) <= _ROUND
    ]
    same = [one for one in others if one[1].told_competition == theirs.told_competition]
    return len(same) >= _COMPANY and len(same) == len(others)


def _have_no_other_place(
    pair: Pair, left: Sequence[Fixture], right: Sequence[Fixture], pairs: Mapping[Pair, Score], clubs: Clubs
) -> bool:
    """Tell whether neither of the two other names is in another match of the round, nor told apart."""
    ours, theirs = left[pair[0]], right[pair[1]]
    names = _other_names(ours, theirs, pairs[pair])
    country = ours.told_competition.country or theirs.told_competition.country
    if any(clubs.told_apart(one, other, country) for one in names[0] for other in names[1]):
        return False
    return not any(
        clubs.likeness(name, other, country) >= LEAST
        for told, from_, side in ((names[0], theirs, right), (names[1], ours, left))
        for one in side
        if one is not from_ and _of_round(one, from_)
        for name in told
        for other in (*one.home, *one.away)
    )


def _of_round(one: Fixture, of: Fixture) -> bool:
    if one.women != of.women or abs(one.kickoff_utc - of.kickoff_utc) > _ROUND:
        return False
    countries = one.told_competition.country, of.told_competition.country
    return None in countries or countries[0] == countries[1]
