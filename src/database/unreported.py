"""Played matches of which a source still owes its figures."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.match import MatchStatus, Source

_RESULTS = [status.value for status in MatchStatus if status.has_result]

_WITHOUT = """
    select l.source_match_id
    from matches m
    join competitions c on c.id = m.competition_id and c.watched
    join match_links l on l.match_id = m.id and l.source = :source
    where m.kickoff_utc >= :since and m.kickoff_utc < :until and m.status = any(:results)
        and not exists (
            select from team_stats s where s.match_id = m.id and s.source = l.source and {told})
    order by m.kickoff_utc desc, l.source_match_id
"""
_WITHOUT_STATS = text(_WITHOUT.format(told="true"))
# A schedule tells expected goals alone, and not those of every season.
_WITHOUT_REPORT = text(_WITHOUT.format(told="s.unit <> 'xg'"))


def matches_without_stats(session: Session, source: Source, since: datetime, until: datetime) -> list[str]:
    """Return the source's ids of watched, finished matches that have no figures of it, newest first."""
    values = {"source": source, "since": since, "until": until, "results": _RESULTS}
    return list(session.scalars(_WITHOUT_STATS, values))


def matches_without_report(session: Session, source: Source, since: datetime, until: datetime) -> list[str]:
    """Return those that have no figures of it but expected goals, newest first."""
    values = {"source": source, "since": since, "until": until, "results": _RESULTS}
    return list(session.scalars(_WITHOUT_REPORT, values))
