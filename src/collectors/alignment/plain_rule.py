"""The plain rule that alignment is measured against: the same date, and names whose letters are alike."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from rapidfuzz import fuzz

from src.collectors.alignment.fixture import Alignment, Fixture, Verdict

_ENOUGH = 80.0


def same_date_and_token_sort(left: Sequence[Fixture], right: Sequence[Fixture]) -> Verdict:
    """Link each fixture to the one of its UTC date whose names' mean token-sort ratio is best, from 80 up."""
    by_date: defaultdict[date, list[Fixture]] = defaultdict(list)
    for fixture in right:
        by_date[fixture.kickoff_utc.date()].append(fixture)
    links = []
    for fixture in left:
        rated = [(_ratio(fixture, other), other.key) for other in by_date[fixture.kickoff_utc.date()]]
        best, key = max(rated, default=(0.0, ""))
        if best >= _ENOUGH:
            links.append(Alignment(key=fixture.key, canonical=key, confidence=round(best / 100, 4)))
    return Verdict(links=tuple(links), doubts=())


def _ratio(left: Fixture, right: Fixture) -> float:
    # The first name is the one a source shows; the others are what we know beside it.
    home = fuzz.token_sort_ratio(left.home[0], right.home[0])
    return (home + fuzz.token_sort_ratio(left.away[0], right.away[0])) / 2
