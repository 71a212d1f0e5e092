"""Which clubs of one competition are one by their names: for certain, or perhaps."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from src.collectors.alignment.clubs import Clubs, Identity
from src.collectors.alignment.score import LEAST

#: All names of each club of a competition, by the club's number.
Named = Mapping[int, tuple[str, ...]]


def certain_pairs(clubs: Named, country: str | None, known: Clubs) -> list[tuple[int, int]]:
    """Return the pairs of clubs that share a name or a club of the table, and share one with no other."""
    sharing: defaultdict[Identity, set[int]] = defaultdict(set)
    for number, names in clubs.items():
        for name in names:
            for identity in known.identities(name, country):
                sharing[identity].add(number)
    near: defaultdict[int, set[int]] = defaultdict(set)
    for numbers in sharing.values():
        for number in numbers:
            near[number] |= numbers - {number}
    return sorted(
        (one, other)
        for one, others in near.items()
        if len(others) == 1 and one < (other := next(iter(others))) and near[other] == {one}
    )


def perhaps_one(clubs: Named, country: str | None, known: Clubs) -> list[tuple[int, int, float]]:
    """Return the pairs of clubs whose names are as alike as a link needs, each with its likeness in 0..1."""
    found = []
    for one, other in combinations(sorted(clubs), 2):
        likeness = _likeness(clubs[one], clubs[other], country, known)
        if likeness >= LEAST:
            found.append((one, other, likeness))
    return found


def _likeness(names: Iterable[str], others: tuple[str, ...], country: str | None, known: Clubs) -> float:
    return max(known.likeness(name, other, country) for name in names for other in others)
