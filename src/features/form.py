"""Recent form: means over a team's last matches."""

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Played:
    """One team's side of one finished match."""

    points: int
    scored: int
    conceded: int
    shots_for: float | None
    shots_against: float | None


def _recent(length: int) -> "defaultdict[Key, deque[Played]]":
    return defaultdict(lambda: deque(maxlen=length))


@dataclass
class Form:
    """The last matches of every (competition, team): ten anywhere, five at home and five away."""

    anywhere: defaultdict[Key, deque[Played]] = field(default_factory=lambda: _recent(10))
    at_home: defaultdict[Key, deque[Played]] = field(default_factory=lambda: _recent(5))
    away: defaultdict[Key, deque[Played]] = field(default_factory=lambda: _recent(5))

    def learn(self, key: Key, played: Played, *, home: bool) -> None:
        """Add a finished match of one team."""
        self.anywhere[key].append(played)
        (self.at_home if home else self.away)[key].append(played)

    def describe(self, side: str, key: Key, *, home: bool) -> dict[str, float | None]:
        """Return the form features of one side, named `home_…` or `away_…`; None where nothing is known."""
        ten = list(self.anywhere.get(key, ()))
        five = ten[-5:]
        venue = list((self.at_home if home else self.away).get(key, ()))
        return {
            **_means(f"{side}_", "_5", five),
            **_means(f"{side}_", "_10", ten),
            **_means(f"{side}_venue_", "_5", venue),
            f"{side}_shots_for_5": mean(p.shots_for for p in five),
            f"{side}_shots_against_5": mean(p.shots_against for p in five),
        }


def _means(prefix: str, suffix: str, played: Sequence[Played]) -> dict[str, float | None]:
    return {
        f"{prefix}points{suffix}": mean(p.points for p in played),
        f"{prefix}scored{suffix}": mean(p.scored for p in played),
        f"{prefix}conceded{suffix}": mean(p.conceded for p in played),
    }


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of the known values, None where there is none."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
