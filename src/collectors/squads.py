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
    """Return the level that a match is played on.

    A second squad in a league of first ones plays on the first level; youth is told by any of the names.
    """
    for name in (competition, home, away):
        if found := _YOUTH.search(name):
            return SquadLevel(f"u{found[1]}")
        if _YOUTH_WORDS.search(name):
            return SquadLevel.U20
    both_second = _SECOND.search(home) and _SECOND.search(away)
    return SquadLevel.SECOND if both_second else SquadLevel.FIRST
