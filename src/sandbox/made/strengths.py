"""Strengths of invented clubs: log-scale attack and defence that drift, and who goes up and down."""

from collections import Counter
from random import Random

from src.sandbox.world.clubs import Club

_SPREAD = 0.24
_WEEKLY = 0.016
_KEPT = 0.88
_SUMMER = 0.10
_RELEGATED = 3


class Table:
    """One league's clubs and strengths; log expected goals are attack minus the other side's defence."""

    def __init__(self, clubs: list[Club], size: int, random: Random) -> None:
        self._random = random
        self.attack: dict[Club, float] = {}
        self.defence: dict[Club, float] = {}
        for place, club in enumerate(clubs):
            level = 0.0 if place < size else -_SPREAD
            self.attack[club] = level + random.gauss(0, _SPREAD)
            self.defence[club] = level + random.gauss(0, _SPREAD * 0.8)
        self.members, self._below = clubs[:size], clubs[size:]

    def drift(self) -> None:
        """Move every strength by a week's small step."""
        for club in self.attack:
            self.attack[club] += self._random.gauss(0, _WEEKLY)
            self.defence[club] += self._random.gauss(0, _WEEKLY)

    def next_season(self, points: Counter[Club]) -> None:
        """Swap the lowest three for three from below, and let a summer pass."""
        ranked = sorted(self.members, key=lambda club: (points[club], club.key))
        down, stay = ranked[:_RELEGATED], ranked[_RELEGATED:]
        up, rest = self._below[:_RELEGATED], self._below[_RELEGATED:]
        self.members, self._below = stay + up, rest + down
        for club in self.attack:
            self.attack[club] = self.attack[club] * _KEPT + self._random.gauss(0, _SUMMER)
            self.defence[club] = self.defence[club] * _KEPT + self._random.gauss(0, _SUMMER * 0.8)
