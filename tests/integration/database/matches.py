"""Matches to hang other rows on."""

from datetime import UTC, datetime

from sqlalchemy import text

from src.database.connection import Database
from src.database.matches import ToldMatch, store_matches
from src.domain.match import MatchStatus, Source, SourceCompetition, SourceMatch
from src.domain.team import SourceTeam

KICKOFF = datetime(2026, 3, 7, 15, tzinfo=UTC)
SEEN = datetime(2026, 3, 1, tzinfo=UTC)


def coming_match(match_id: str = "1", kickoff: datetime = KICKOFF) -> SourceMatch:
    """A match of a watched competition that has not begun."""
    return SourceMatch(
        source=Source.FOTMOB,
        source_match_id=match_id,
        competition=SourceCompetition(source=Source.FOTMOB, source_id="47", name="Premier League"),
        season="2025-2026",
        kickoff_utc=kickoff,
        home=SourceTeam(name="Aldham United", source_id="101"),
        away=SourceTeam(name="Brixworth Town", source_id="102"),
        status=MatchStatus.SCHEDULED,
        raw_sha256="0" * 64,
    )


def one_match(database: Database, kickoff: datetime = KICKOFF, match_id: str = "1") -> int:
    """Store a coming match and return its id."""
    told = ToldMatch(match=coming_match(match_id, kickoff), seen_at=SEEN, watched=True)
    with database.session() as session:
        store_matches(session, [told])
        query = text("select match_id from match_links where source_match_id = :id")
        return int(session.execute(query, {"id": match_id}).scalar_one())
