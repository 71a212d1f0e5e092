"""What alignment needs of a match that a source has told."""

from datetime import timedelta

from src.collectors.alignment.fixture import HALF_A_DAY, Fixture
from src.collectors.registry import BY_FBREF_ID, BY_TITAN_ID
from src.domain.match import Source, SourceCompetition, SourceMatch

_COUNTRY_OF_WATCHED = {"47": "ENG", "87": "ESP", "54": "GER", "55": "ITA", "53": "FRA"}


def of_match(match: SourceMatch) -> Fixture:
    """Return what alignment needs of a match; the competition as we call it, where we follow it."""
    name, country = _competition(match.competition)
    home, away = (
        tuple(dict.fromkeys(filter(None, (team.name, team.short_name)))) for team in (match.home, match.away)
    )
    return Fixture(
        key=match.source_match_id,
        kickoff_utc=match.kickoff_utc,
        home=home,
        away=away,
        competition=name,
        country=country,
        gender=match.gender,
        slack=timedelta(0) if match.time_known else HALF_A_DAY,
    )


def _competition(told: SourceCompetition) -> tuple[str, str | None]:
    if told.source is Source.FBREF:
        known = BY_FBREF_ID.get(told.source_id)
    else:
        known = BY_TITAN_ID.get(told.source_id) if told.source is Source.TITAN007 else None
        # A league's number alone is not enough: cups and leagues have numbers of their own.
        known = known if known and known.titan_name == told.name else None
    if known is None:
        return told.name, told.country
    return known.name, _COUNTRY_OF_WATCHED.get(known.fotmob_id)
