"""Clubs that are known under several names, and how alike two names are by them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from src.collectors.alignment.aliases import ALIASES
from src.collectors.alignment.likeness import says_more, short_form, similarity
from src.collectors.alignment.names import one_squad, read_name
from src.collectors.alignment.nations import country_code
from src.domain.alignment import Alias

#: A squad, whether it is of women, and the words of its name or the number of its club.
Identity = tuple[str, bool, str | int]


#: A name that says more than any of a known club's is never more like it than this: enough beside a sure one.
_BEYOND = 0.7


@dataclass
class _Club:
    country: str | None
    names: list[str]
    built_in: bool


class Clubs:
    """The clubs of our table and an operator's aliases; asked with the country of the match, if known."""

    def __init__(self, aliases: Iterable[Alias] = (), built_in: Sequence[tuple[str, ...]] = ALIASES) -> None:
        self._clubs: list[_Club] = []
        self._by_words: defaultdict[str, list[int]] = defaultdict(list)
        self._likeness: dict[tuple[str, str, str | None], float] = {}
        for country, *names in built_in:
            self._add(_Club(country or None, [], built_in=True), names)
        for alias in sorted(aliases, key=lambda one: (one.club, one.alias, one.country or "")):
            plays_in = country_code(alias.country) or alias.country
            known = self._known(alias.club, plays_in)
            if known:
                for number in known:
                    self._name(number, alias.alias)
            else:
                self._add(_Club(plays_in, [], built_in=False), [alias.club, alias.alias])

    def _add(self, club: _Club, names: Iterable[str]) -> None:
        self._clubs.append(club)
        for name in names:
            self._name(len(self._clubs) - 1, name)

    def _name(self, number: int, name: str) -> None:
        words = _words(name)
        self._clubs[number].names.append(name)
        if number not in self._by_words[words]:
            self._by_words[words].append(number)

    def _known(self, name: str, country: str | None) -> list[int]:
        return [
            number
            for number in self._by_words.get(_words(name), ())
            if country is None or self._clubs[number].country in (None, country)
        ]

    def identities(self, name: str, country: str | None) -> frozenset[Identity]:
        """Return what a club goes by for certain: names that share one are one club's, as far as names tell.

        That is the same words, or a club of the table or of an operator's aliases; never a likeness. Clubs of
        one name in a country share it too: who asks must see to it that there is one candidate alone.
        """
        told = read_name(name)
        words = (told.squad, told.women, _words(name))
        return frozenset(
            {words, *((told.squad, told.women, number) for number in self._known(name, country))}
        )

    def likeness(self, left: str, right: str, country: str | None) -> float:
        """Return how alike two names are, 0..1; 0 for two clubs of our table, whatever they are called."""
        key = (left, right, country) if left <= right else (right, left, country)
        found = self._likeness.get(key)
        if found is None:
            found = self._likeness[key] = self._compare(*key)
        return found

    def told_apart(self, left: str, right: str, country: str | None) -> bool:
        """Tell whether our table says that two names are of two clubs, or the names of two squads."""
        if not one_squad(read_name(left), read_name(right)):
            return True
        ours, theirs = self._known(left, country), self._known(right, country)
        known = [*ours, *theirs]
        return bool(ours and theirs) and not set(ours) & set(theirs) and all(map(self._is_built_in, known))

    def _compare(self, left: str, right: str, country: str | None) -> float:
        ours, theirs = self._known(left, country), self._known(right, country)
        if one_squad(read_name(left), read_name(right)) and set(ours) & set(theirs):
            return 1.0
        if self.told_apart(left, right, country):
            return 0.0
        told = [left, *self._operators(left, ours)], [right, *self._operators(right, theirs)]
        by_letters = max(similarity(one, other) for one in told[0] for other in told[1])
        forms = self._forms(ours), self._forms(theirs)
        if any(self._say_more(names, known) for names, known in ((told[1], forms[0]), (told[0], forms[1]))):
            by_letters = min(by_letters, _BEYOND)
        # A short form in the table is no short form of everything that begins like it.
        by_table = [short_form(name, form) for names, known in zip(told, forms[::-1], strict=True)
                    for name in names for form in known]  # fmt: skip
        return max(by_letters, *by_table, 0.0)

    @staticmethod
    def _say_more(names: list[str], forms: list[str]) -> bool:
        return bool(forms) and all(says_more(name, form) for name in names for form in forms)

    def _forms(self, known: list[int]) -> list[str]:
        """Return the names of those clubs that are of our table."""
        return [form for number in known if self._is_built_in(number) for form in self._names(number)]

    def _operators(self, name: str, known: list[int]) -> list[str]:
        """Return the names of an operator's clubs: they stand for a name that cannot be compared itself."""
        forms = [form for number in known if not self._clubs[number].built_in for form in self._names(number)]
        return [form for form in forms if one_squad(read_name(form), read_name(name))]

    def _is_built_in(self, number: int) -> bool:
        return self._clubs[number].built_in

    def _names(self, number: int) -> list[str]:
        return self._clubs[number].names


def _words(name: str) -> str:
    """Return the words of a name as one: sources part them as they like (`Bodø/Glimt`, `汉诺威 96`)."""
    return "".join(read_name(name).words)


@cache
def known_clubs() -> Clubs:
    """Return the clubs of our table alone."""
    return Clubs()
