"""Turns matches of Titan007's lists into domain records."""

from src.collectors.registry import season_of
from src.collectors.squads import gender_of, squad_level
from src.collectors.titan007.parse_day import ListedMatch
from src.collectors.titan007.states import status_of
from src.domain.match import Score, Source, SourceCompetition, SourceMatch
from src.domain.payload import Parsed
from src.domain.team import SourceTeam


def matches(rows: Parsed[ListedMatch], raw_sha256: str) -> Parsed[SourceMatch]:
    """Return the matches of a list; one in a state that we do not know is rejected."""
    return rows.into(lambda row: [to_match(row, raw_sha256)], lambda row: row.id)


def to_match(row: ListedMatch, raw_sha256: str) -> SourceMatch:
    """Return the match; only one that is over has a score, and no list tells that of 90 minutes apart."""
    status = status_of(row.state)
    names = (row.league, row.home, row.away)
    final = row.score if status.has_result else None
    return SourceMatch(
        source=Source.TITAN007,
        source_match_id=row.id,
        competition=SourceCompetition(
            source=Source.TITAN007, source_id=row.league_id, name=row.league, gender=gender_of(*names)
        ),
        season=row.season or season_of(row.kickoff_utc),
        kickoff_utc=row.kickoff_utc,
        home=SourceTeam(name=row.home, source_id=row.home_id),
        away=SourceTeam(name=row.away, source_id=row.away_id),
        status=status,
        score_final=Score(home=final[0], away=final[1]) if final else None,
        gender=gender_of(*names),
        squad_level=squad_level(*names),
        raw_sha256=raw_sha256,
    )
