"""How alike two names are, word by word."""

import re
from functools import lru_cache

from rapidfuzz import fuzz

from src.collectors.alignment.names import Name, one_squad, read_name

#: Words that many clubs have: their being alike tells little, their being left out less.
_COMMON = frozenset(
    ("united", "city", "town", "county", "rovers", "wanderers", "athletic", "atletico", "atletic", "sporting",
     "sport", "sportive", "sportif", "deportivo", "deportiva", "deportes", "real", "royal", "union", "racing",
     "stade", "olympique", "olympic", "olimpik", "borussia", "eintracht", "fortuna", "victoria", "dynamo",
     "lokomotiv", "spartak", "torpedo", "saint", "san", "santa", "sao",
     "universidad", "independiente", "nacional", "estudiantes", "gimnasia", "maccabi", "hapoel", "beitar",
     "green", "north", "south", "east", "west", "central", "old", "new", "young", "boys", "albion", "hotspur")
)  # fmt: skip
_COMMON_WEIGHT, _SHORT_WEIGHT, _NUMBER_WEIGHT = 0.35, 0.5, 0.15

#: Two words are one from here on, by the share of sounds that they have in common. Less is too little for
#: `Lecce` and `Lecco`.
_SPELT_ALIKE = 0.9
_SOUNDS = str.maketrans({"c": "k", "q": "k", "x": "h", "y": "i", "j": "i", "w": "v"})
_TWICE = re.compile(r"(.)\1+")
#: A word alone that is so much longer than the other is no longer form of it: `Öster` and `Östersund`.
_LONGER = 4
_PREFIX, _CONTRACTED, _INITIALS, _SKELETON, _STATE, _INITIAL = 0.96, 0.95, 0.92, 0.9, 0.7, 0.7

#: A name that leaves out the other's every telling word is so alike, and one with nothing left out is alike.
_LEFT_OUT = 0.6
#: Two names of which each has a word against the other's are never more alike than this.
_CONTRARY = 0.62


@lru_cache(maxsize=200_000)
def similarity(left: str, right: str) -> float:
    """Return how alike two names are, 0..1, whoever they are: squads of one club are not alike at all."""
    a, b = read_name(left), read_name(right)
    return words_likeness(a, b) if one_squad(a, b) else 0.0


def words_likeness(a: Name, b: Name) -> float:
    """Return how alike the words of two names are, 0..1; symmetric."""
    return _compared(a, b)[0]


def short_form(short: str, full: str) -> float:
    """Return how alike a name is to one known in full, 0 where it has a word that the full one has not.

    A number is no such word: `Ulm 1846` says no more than `Ulm`.
    """
    alike, over = _against(short, full)
    return alike if over <= _NUMBER_WEIGHT else 0.0


def says_more(name: str, full: str) -> bool:
    """Tell whether a name has a telling word that one known in full has not."""
    return _against(name, full)[1] >= 1.0


@lru_cache(maxsize=100_000)
def _against(name: str, full: str) -> tuple[float, float]:
    a, b = read_name(name), read_name(full)
    alike, over = _compared(a, b)
    return (alike if one_squad(a, b) else 0.0), over


def _compared(a: Name, b: Name) -> tuple[float, float]:
    """Return how alike two names are, and the weight of the words of `a` that `b` has not."""
    if not a.words or not b.words:
        return 0.0, 1.0
    if a.words == b.words or "".join(a.words) == "".join(b.words):
        return 1.0, 0.0
    # In one order whoever asks: where several words could go together, the choice must not differ.
    turned = b.words < a.words
    left, right = (b.words, a.words) if turned else (a.words, b.words)
    pairs = _matched(left, right)
    if not pairs or (len(left) == len(right) == 1 and _is_longer(left[0], right[0])):
        return 0.0, 1.0
    got_left = sum(_weight(left[i]) for group, _, _ in pairs for i in group)
    got_right = sum(_weight(right[j]) for _, group, _ in pairs for j in group)
    over_left = round(sum(map(_weight, left)) - got_left, 9)
    over_right = round(sum(map(_weight, right)) - got_right, 9)
    like = _mean([(sum(_weight(left[i]) for i in group), score) for group, _, score in pairs])
    over = over_right if turned else over_left
    if over_left and over_right:
        shared = (got_left + got_right) / 2
        return min(_CONTRARY, like * shared / (shared + over_left + over_right)), over
    share = min(got_left / (got_left + over_left), got_right / (got_right + over_right))
    return like * (_LEFT_OUT + (1 - _LEFT_OUT) * share), over


def _is_longer(one: str, other: str) -> bool:
    return abs(len(one) - len(other)) >= _LONGER and "'" not in one + other


def _mean(scored: list[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in scored)
    return sum(weight * score for weight, score in scored) / total


def _weight(word: str) -> float:
    if word.isdigit():
        return _NUMBER_WEIGHT
    if word in _COMMON:
        return _COMMON_WEIGHT
    return _SHORT_WEIGHT if len(word) <= 3 and word.isascii() else 1.0


_Group = tuple[tuple[int, ...], tuple[int, ...], float]


def _matched(left: tuple[str, ...], right: tuple[str, ...]) -> list[_Group]:
    """Return the groups of words that are one another's, the most alike first, no word in two of them."""
    groups: list[_Group] = [
        ((i,), (j,), score)
        for i, one in enumerate(left)
        for j, other in enumerate(right)
        if (score := _word_likeness(one, other)) > 0
    ]
    groups += [((i,), js, _INITIALS) for i, js in _acronyms(left, right)]
    groups += [(js, (i,), _INITIALS) for i, js in _acronyms(right, left)]
    taken: list[_Group] = []
    # Words that stand at like places go together where several are equally alike.
    for group in sorted(groups, key=lambda group: (-group[2], abs(group[0][0] - group[1][0]), group)):
        if all(not set(group[0]) & set(one[0]) and not set(group[1]) & set(one[1]) for one in taken):
            taken.append(group)
    return taken


def _acronyms(shorts: tuple[str, ...], words: tuple[str, ...]) -> list[tuple[int, tuple[int, ...]]]:
    """Return which word of `shorts` is made of the first letters of which run of `words`."""
    return [
        (i, tuple(range(start, start + len(short))))
        for i, short in enumerate(shorts)
        if 2 <= len(short) <= 4
        for start in range(len(words) - len(short) + 1)
        if all(word.startswith(letter) for letter, word in zip(short, words[start:], strict=False))
    ]


@lru_cache(maxsize=100_000)
def _word_likeness(one: str, other: str) -> float:
    if one == other:
        return 1.0
    if one.isdigit() or other.isdigit():
        return 0.0
    if len(one) == 1 or len(other) == 1:
        # `U. Cluj`, `W Sydney`: the letter tells which of a town's clubs, but not for sure.
        return _INITIAL if one[0] == other[0] and one.isascii() else 0.0
    short, full = sorted((one, other), key=lambda word: (len(word), word))
    if "'" in short or "'" in full:
        return _contracted(short, full)
    if len(short) >= 3 and full.startswith(short):
        return _PREFIX
    if len(short) >= 4 and (spelt := _spelt_alike(short, full)):
        return spelt
    if short[0] != full[0]:
        return 0.0
    if len(short) >= 4 and full.isascii() and _is_skeleton(short, full):
        return _SKELETON
    # A state's letters behind a club of many (`PR` for Paranaense, `GO` for Goianiense).
    return _STATE if len(short) == 2 and (_is_skeleton(short, full) or full.startswith(short)) else 0.0


def _contracted(short: str, full: str) -> float:
    """Score `m'gladbach` against the whole word; an apostrophe inside a name (`o'higgins`) means nothing."""
    bare_short, bare_full = short.replace("'", ""), full.replace("'", "")
    if bare_short == bare_full:
        return 1.0
    for word, whole in ((short, bare_full), (full, bare_short)):
        head, mark, tail = word.partition("'")
        shorter = mark and head and tail and len(head + tail) < len(whole)
        if (shorter and whole.startswith(head) and whole.endswith(tail)) or (mark and tail == whole):
            return _CONTRACTED
    return _spelt_alike(bare_short, bare_full)


def _spelt_alike(one: str, other: str) -> float:
    """Return the share of sounds that two words have in common, 0 where they are not one word."""
    one, other = (_TWICE.sub(r"\1", word.replace("kh", "h").translate(_SOUNDS)) for word in (one, other))
    if one[:1] != other[:1]:
        return 0.0
    alike = fuzz.ratio(one, other) / 100
    return alike if alike >= _SPELT_ALIKE else 0.0


def _is_skeleton(short: str, full: str) -> bool:
    """Tell whether `short` is `full` with letters left out between its ends, or without its vowels."""
    letters = iter(full)
    ends = short[:3] == full[:3] and short[-1] == full[-1]
    kept = ends or not set(short[1:]) & set("aeiou")
    return kept and all(letter in letters for letter in short)
