"""Who plays: what names tell of gender and of squads, in the languages that the sources write."""

import re

from src.domain.match import Gender
from src.domain.team import SquadLevel

_WOMEN = re.compile(
    r"\((?:w|f)\)|\bwomen|\bladies\b|\bf[eé]mm?in|\bfemen|\bfrauen|\bkvinn|\bdamallsv|\bvrouwen|\btoppserien\b"
    r"|\bnwsl\b|\bwsl\b|\bliga f\b|女",
    re.IGNORECASE,
)
_YOUTH = re.compile(r"\b(?:u|sub|under)[ -]?(1[4-9]|2[0-3])(?!\d)", re.IGNORECASE)
_YOUTH_WORDS = re.compile(r"\bprimavera\b", re.IGNORECASE)
_SECOND = re.compile(
    r"(?:\s(?:ii|iii|b|c)\s*(?:\(w\))?$)|\breserves?\b|^jong\s|\bb\s?team\b|[bc]队$|预备队|二队",
    re.IGNORECASE,
)


def gender_of(*names: str) -> Gender:
    """Return women where any of the names says so: of a competition, of either team, of a squad's page."""
    return Gender.WOMEN if any(_WOMEN.search(name) for name in names) else Gender.MEN


def squad_level(competition: str, home: str, away: str) -> SquadLevel:
    """Return the level of a match: what its competition is for, or else what both squads are.

    A second or youth squad among first ones, as in many leagues, plays a match of the first level.
    """
    # The letter of a `Serie C` tells no squad: only a team's does.
    if of_competition := _youth(competition):
        return of_competition
    of_home, of_away = _of_team(home), _of_team(away)
    return of_home if of_home is of_away else SquadLevel.FIRST


def _youth(name: str) -> SquadLevel | None:
    if found := _YOUTH.search(name):
        return SquadLevel(f"u{found[1]}")
    return SquadLevel.U20 if _YOUTH_WORDS.search(name) else None


def _of_team(name: str) -> SquadLevel:
    return _youth(name) or (SquadLevel.SECOND if _SECOND.search(name) else SquadLevel.FIRST)
