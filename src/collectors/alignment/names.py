"""Team names of different sources, made comparable and compared."""

import re
import unicodedata
from functools import cache, lru_cache

from rapidfuzz import fuzz

from src.collectors.alignment.aliases import ALIASES

# Letters that Unicode does not take apart into a letter and an accent.
_LETTERS = str.maketrans(
    {"ø": "o", "đ": "d", "ð": "d", "ł": "l", "ß": "ss", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i"}
)
_WOMEN = re.compile(r"\((?:w|women)\)|\bwomen\b|\bw\.?f\.?c\b|\bfeminin[oae]?\b|\bfrauen\b", re.IGNORECASE)
_APOSTROPHE = re.compile("[\u2019'`\u00b4.]")
_SEPARATOR = re.compile(r"[^a-z0-9]+")

#: Words that one source writes and another leaves out.
_FILLERS = frozenset(
    ("fc", "afc", "cf", "sc", "ac", "as", "ss", "ssc", "us", "rc", "rcd", "cd", "ud", "sd", "ca", "cs", "fk",
     "nk", "sk", "if", "bk", "vfl", "vfb", "tsv", "fsv", "tsg", "sv", "1", "club", "de", "of", "the",
     "calcio", "futbol", "football")
)  # fmt: skip
_SHORT_FORMS = {"utd": "united", "st": "saint", "man": "manchester", "ath": "athletic", "int": "inter"}

#: A second or youth squad is another team, however alike the names.
_SQUADS = frozenset(("ii", "iii", "b", "c", "u17", "u18", "u19", "u20", "u21", "u23", "reserves", "youth"))


@lru_cache(maxsize=20_000)
def words(name: str) -> tuple[str, ...]:
    """Return the words of a name that tell teams apart: no accents, marks of women's teams or club forms."""
    text = _WOMEN.sub(" ", name.casefold().translate(_LETTERS))
    text = unicodedata.normalize("NFKD", text)
    text = "".join(letter for letter in text if not unicodedata.combining(letter))
    found = [word for word in _SEPARATOR.split(_APOSTROPHE.sub("", text)) if word]
    kept = [_SHORT_FORMS.get(word, word) for word in found if word not in _FILLERS]
    return tuple(kept or found)


def squad(name: str) -> frozenset[str]:
    """Return the words of a name that mark a second or youth squad."""
    return _SQUADS.intersection(words(name)[1:])


@lru_cache(maxsize=100_000)
def similarity(left: str, right: str) -> float:
    """Return how alike two names are, 0..1; different squads of a club are not alike at all."""
    if squad(left) != squad(right):
        return 0.0
    a, b = words(left), words(right)
    clubs = _clubs()
    if a in clubs and b in clubs:
        return float(clubs[a] == clubs[b])
    ordered = fuzz.token_sort_ratio(" ".join(a), " ".join(b)) / 100
    return max(ordered, _shortened(a, b), _shortened(b, a))


@cache
def _clubs() -> dict[tuple[str, ...], int]:
    return {words(name): number for number, names in enumerate(ALIASES) for name in names}


def _shortened(short: tuple[str, ...], full: tuple[str, ...]) -> float:
    """Score `short` as an abbreviation of `full`: each of its words begins one of `full`, in their order."""
    if len("".join(short)) < 3:
        return 0.0
    at, letters = 0, 0
    for word in short:
        while at < len(full) and not _begins(word, full[at]):
            at += 1
        if at == len(full):
            return 0.0
        letters += len(full[at])
        at += 1
    # What the short form leaves out makes it less sure.
    return 0.8 + 0.2 * letters / len("".join(full))


def _begins(short: str, full: str) -> bool:
    return full.startswith(short) or short == full
