"""Who plays a match: for whom it is, and which squads, by the names of its competition and its teams."""

from src.collectors.alignment.names import age_of, fold, is_women, read_name
from src.domain.match import Gender
from src.domain.team import SquadLevel

#: What a name tells of a squad, beside an age; younger than all that we tell apart counts as the youngest.
_LEVELS = {
    "first": SquadLevel.FIRST,
    "second": SquadLevel.SECOND,
    "third": SquadLevel.SECOND,
    "youth": SquadLevel.U20,
    **{f"u{age}": SquadLevel.U14 for age in range(10, 14)},
}


def gender_of(*names: str) -> Gender:
    """Return women where any of the names says so: of a competition, of either team, of a squad's page."""
    return Gender.WOMEN if any(map(is_women, names)) else Gender.MEN


def squad_level(competition: str, home: str, away: str) -> SquadLevel:
    """Return the level of a match: what its competition is for, or else what both squads are.

    A second or youth squad among first ones, as in many leagues, plays a match of the first level.
    """
    # The letter of a `Serie C` tells no squad: only a team's does.
    if age := age_of(competition):
        return _level(age)
    if "primavera" in fold(competition).split():
        return SquadLevel.U20
    of_home, of_away = (_level(read_name(name).squad) for name in (home, away))
    return of_home if of_home is of_away else SquadLevel.FIRST


def _level(squad: str) -> SquadLevel:
    return _LEVELS.get(squad) or SquadLevel(squad)
