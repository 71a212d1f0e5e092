"""Scores two fixtures of two sources: what excludes their being one, and how much speaks for it."""

from dataclasses import dataclass
from datetime import timedelta

from src.collectors.alignment.clubs import Clubs
from src.collectors.alignment.competitions import Competition, agreement, in_two_scripts
from src.collectors.alignment.fixture import Fixture
from src.collectors.alignment.names import read_name

#: Sources disagree on a kick-off by minutes to hours; the calendar date tells nothing across time zones.
WINDOW = timedelta(hours=3)
#: Further apart than WINDOW nothing is linked, but up to here a person is asked.
REVIEW_WINDOW = timedelta(hours=12)

#: What a link needs: the score, and how alike each of the names is at least.
ENOUGH = 0.76
LEAST = 0.65
#: From here on a pair is a candidate; of its names one is alike at least so much.
_CANDIDATE = 0.55
_ONE_SIDE = 0.62
#: Where one name is the same and kick-off and competition agree, a person is asked even if the other name
#: says nothing: some clubs have names that share no letter.
SURE_SIDE = 0.95
AT_ONCE = timedelta(minutes=30)
#: No candidate scores less.
WORTH_A_LOOK = 0.44

#: Kick-offs apart by WINDOW cost this much, and competitions that have nothing in common that much: they
#: settle ties and no more.
_TIME_COST = 0.04
_COMPETITION_COST = 0.03


@dataclass(frozen=True, kw_only=True)
class Score:
    """How much speaks for two fixtures being one, 0..1, and what it is made of."""

    value: float
    home: float
    away: float
    apart: timedelta
    agreement: float

    def shortcomings(self) -> tuple[str, ...]:
        """Return what keeps this pair, taken alone, from being linked."""
        found = [
            f"{side} names are only {likeness:.2f} alike"
            for side, likeness in (("home", self.home), ("away", self.away))
            if likeness < LEAST
        ]
        if self.value < ENOUGH and not found:
            found.append(f"the score is {self.value:.2f}, a link needs {ENOUGH}")
        if self.apart > WINDOW:
            found.append(f"the kick-offs are {self.apart.total_seconds() / 3600:.1f} h apart")
        return tuple(found)


def score(left: Fixture, right: Fixture, clubs: Clubs) -> Score | None:
    """Return the score of two fixtures; None where they cannot be one or too little speaks for it."""
    if time_apart(left, right) > REVIEW_WINDOW or exclusion(left, right):
        return None
    made = measured(left, right, clubs)
    best = max(made.home, made.away)
    alike = best >= _ONE_SIDE and made.value >= _CANDIDATE
    # Whether a league in Chinese is this one only the other matches of its round can tell.
    told = made.agreement > 0.5 or in_two_scripts(left.told_competition, right.told_competition)
    one_sided = best >= SURE_SIDE and made.apart <= AT_ONCE and told
    return made if alike or (one_sided and made.value > WORTH_A_LOOK) else None


def time_apart(left: Fixture, right: Fixture) -> timedelta:
    """Return by how much two kick-offs differ at least, after what their sources leave open."""
    return max(abs(left.kickoff_utc - right.kickoff_utc) - left.slack - right.slack, timedelta(0))


def exclusion(left: Fixture, right: Fixture) -> str | None:
    """Return why two fixtures are never one, whatever they are called; None where nothing excludes it."""
    if left.women != right.women:
        return "one is a women's match, the other is not"
    ours, theirs = left.told_competition, right.told_competition
    if _of_other_ages(left, right, ours, theirs):
        return f"the competitions are of other ages: {ours.age or 'none'} and {theirs.age or 'none'}"
    if ours.country and theirs.country and ours.country != theirs.country:
        return f"the competitions are of other countries: {ours.country} and {theirs.country}"
    return None


def _of_other_ages(left: Fixture, right: Fixture, ours: Competition, theirs: Competition) -> bool:
    if ours.age == theirs.age:
        return False
    if ours.age and theirs.age:
        return "youth" not in (ours.age, theirs.age)
    # A competition that nobody tells may be of any age, but then its squads are called after it.
    silent = [one for one, told in ((left, ours), (right, theirs)) if not told.text]
    return all(map(_is_of_first_squads, silent))


def _is_of_first_squads(fixture: Fixture) -> bool:
    return all(read_name(name).squad == "first" for name in (*fixture.home, *fixture.away))


def measured(left: Fixture, right: Fixture, clubs: Clubs) -> Score:
    """Return how alike two fixtures are, candidates or not."""
    apart = time_apart(left, right)
    ours, theirs = left.told_competition, right.told_competition
    country = ours.country or theirs.country
    home = _likeness(left.home, right.home, country, clubs)
    away = _likeness(left.away, right.away, country, clubs)
    agreed = agreement(ours, theirs)
    cost = _TIME_COST * (apart / WINDOW) + _COMPETITION_COST * (1 - agreed)
    value = round((home + away) / 2 - cost, 6)
    return Score(value=value, home=home, away=away, apart=apart, agreement=agreed)


def _likeness(names: tuple[str, ...], others: tuple[str, ...], country: str | None, clubs: Clubs) -> float:
    return max((clubs.likeness(one, other, country) for one in names for other in others), default=0.0)
