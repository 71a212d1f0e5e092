"""Competitions of two sources, and what speaks for and against their being one."""

import re
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from src.collectors.alignment.names import age_of, fold, is_below_first, is_women
from src.collectors.alignment.nations import country_of

#: What a source adds to a competition's name for the season, its stage or its sponsor's taste.
_STAGE = re.compile(
    r"\b(?:\d{2,4}(?:[-/]\d{2,4})?|grp|group|final|stage|playoffs?|play-offs?|apertura|clausura|regular|season"
    r"|qualification|qualifying|promotion|relegation|championship round|round|scores|fixtures|men|women)\b\.?"
    r"|\b(?:grp|group|zona)\.? [a-h0-9]\b"
)


@dataclass(frozen=True, kw_only=True)
class Competition:
    """What a competition's name and code tell; an unknown country is None.

    `age` is `u21`, `youth` where a name tells of youth or reserves without an age, or None for first squads.
    """

    text: str
    country: str | None
    women: bool
    age: str | None


@lru_cache(maxsize=10_000)
def read_competition(name: str | None, country: str | None) -> Competition:
    """Read a competition's name; `country` is FIFA's code, where the source tells it."""
    told = name or ""
    text = " ".join(re.findall(r"\w+", _STAGE.sub(" ", fold(told))))
    age = age_of(told) or ("youth" if is_below_first(told) else None)
    return Competition(text=text, country=country or country_of(told), women=is_women(told), age=age)


@lru_cache(maxsize=50_000)
def agreement(left: Competition, right: Competition) -> float:
    """Return how far two competitions agree: 1 the same, 0.5 nothing known, 0 of nothing in common."""
    if not left.text or not right.text or in_two_scripts(left, right):
        return 0.5
    alike = fuzz.token_set_ratio(left.text, right.text) / 100
    if left.country and right.country:
        return 0.5 + alike / 2
    return alike


def in_two_scripts(left: Competition, right: Competition) -> bool:
    """Tell whether two competitions are told in letters that say nothing of each other."""
    return bool(left.text and right.text) and left.text.isascii() != right.text.isascii()
