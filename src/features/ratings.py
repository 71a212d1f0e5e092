"""Ratings of team strength that learn from one result at a time: Elo and pi-ratings.

Both are kept per (competition, team): the pools of two competitions never meet here.
"""

import math
from dataclasses import dataclass, field

Key = tuple[int, int]

_ELO_START = 1500.0
_ELO_K = 20.0
_ELO_HOME = 65.0
#: A pool this large is past its first weeks, so a newcomer to it is a promoted team.
_SETTLED_POOL = 16
_PROMOTED_RANK = 0.15


@dataclass
class Elo:
    """Elo ratings, with the step scaled by the goal difference as World Football Elo does.

    A team new to a settled pool starts at the pool's 15th percentile, since promoted teams are weaker.
    """

    ratings: dict[int, dict[int, float]] = field(default_factory=dict)

    def get(self, competition: int, team: int) -> float:
        """Return the team's rating, or what a newcomer to this pool would start with."""
        pool = self.ratings.get(competition, {})
        return pool[team] if team in pool else _newcomer(pool)

    def learn(self, competition: int, home: int, away: int, home_goals: int, away_goals: int) -> None:
        """Move both ratings by one result."""
        rated_home, rated_away = self.get(competition, home), self.get(competition, away)
        expected = 1 / (1 + 10 ** ((rated_away - rated_home - _ELO_HOME) / 400))
        margin = abs(home_goals - away_goals)
        actual = 0.5 if margin == 0 else float(home_goals > away_goals)
        weight = 1.0 if margin < 2 else 1.5 if margin == 2 else (11 + margin) / 8
        step = _ELO_K * weight * (actual - expected)
        pool = self.ratings.setdefault(competition, {})
        pool[home], pool[away] = rated_home + step, rated_away - step


def _newcomer(pool: dict[int, float]) -> float:
    if len(pool) < _SETTLED_POOL:
        return _ELO_START
    return sorted(pool.values())[int(_PROMOTED_RANK * len(pool))]


_PI_BASE, _PI_SCALE = 10.0, 3.0
_PI_LEARNING_RATE, _PI_CATCH_UP = 0.06, 0.5


@dataclass
class PiRatings:
    """Pi-ratings (Constantinou and Fenton 2013): a home and an away strength for each team, in goals.

    The learning rate is higher than the paper's .035, since our histories begin cold and are short.
    """

    home: dict[Key, float] = field(default_factory=dict)
    away: dict[Key, float] = field(default_factory=dict)

    def at_home(self, competition: int, team: int) -> float:
        """Return the team's strength at home."""
        return self.home.get((competition, team), 0.0)

    def away_from_home(self, competition: int, team: int) -> float:
        """Return the team's strength away."""
        return self.away.get((competition, team), 0.0)

    def expected_difference(self, competition: int, home: int, away: int) -> float:
        """Return the goal difference to expect, positive for the home side."""
        return _goals(self.at_home(competition, home)) - _goals(self.away_from_home(competition, away))

    def learn(self, competition: int, home: int, away: int, home_goals: int, away_goals: int) -> None:
        """Move both teams by one result; the ground not played on follows in part."""
        surprise = home_goals - away_goals - self.expected_difference(competition, home, away)
        size = _PI_SCALE * math.log10(1 + abs(surprise))
        step = math.copysign(size, surprise) * _PI_LEARNING_RATE
        for table, other, key, move in (
            (self.home, self.away, (competition, home), step),
            (self.away, self.home, (competition, away), -step),
        ):
            table[key] = table.get(key, 0.0) + move
            other[key] = other.get(key, 0.0) + move * _PI_CATCH_UP


def _goals(rating: float) -> float:
    return math.copysign(_PI_BASE ** (abs(rating) / _PI_SCALE) - 1, rating)
