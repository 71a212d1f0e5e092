"""What the quality rules look at, and their reports."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.tables.learning import QualityReportRow
from src.domain.fire import FireId
from src.domain.match import MatchStatus, Score
from src.domain.odds import Market
from src.domain.quality import MatchRecord, QuoteRecord, SourceRecord
from src.domain.summary import QualityReport

_MATCHES = text("""
    select m.id, m.kickoff_utc, m.status, m.home_team_id, m.away_team_id, m.home_goals, m.away_goals,
           m.final_home_goals, m.final_away_goals, c.watched,
           (select count(*) from odds_latest o where o.match_id = m.id) as quotes
    from matches m join competitions c on c.id = m.competition_id and c.watched
    where m.kickoff_utc >= :since and m.kickoff_utc < :until
""")

_QUOTES = text("""
    select o.match_id, m.kickoff_utc, o.market, o.line, o.prices, o.observed_at
    from odds_latest o join matches m on m.id = o.match_id
    where m.kickoff_utc >= :since and m.kickoff_utc < :until and not o.suspended
""")

_SOURCES = text("""
    select source, (select max(last_seen_at) from raw_payloads p where p.source = s.source) as last_seen_at
    from unnest(cast(:sources as text[])) as s (source)
""")


def match_records(session: Session, since: datetime, until: datetime, now: datetime) -> list[MatchRecord]:
    """Return the watched competitions' matches that kick off from `since` to before `until`."""
    return [
        MatchRecord(
            match_id=row.id,
            now=now,
            kickoff_utc=row.kickoff_utc,
            status=MatchStatus(row.status),
            home_team_id=row.home_team_id,
            away_team_id=row.away_team_id,
            score_90=_score(row.home_goals, row.away_goals),
            score_final=_score(row.final_home_goals, row.final_away_goals),
            watched=row.watched,
            quotes=row.quotes,
        )
        for row in session.execute(_MATCHES, {"since": since, "until": until})
    ]


def quote_records(session: Session, since: datetime, until: datetime) -> list[QuoteRecord]:
    """Return the latest quotes on offer of the matches that kick off from `since` to before `until`."""
    return [
        QuoteRecord(
            match_id=row.match_id,
            kickoff_utc=row.kickoff_utc,
            market=Market(row.market),
            line=row.line,
            prices=tuple(row.prices),
            observed_at=row.observed_at,
        )
        for row in session.execute(_QUOTES, {"since": since, "until": until})
    ]


def source_records(session: Session, sources: Sequence[str], now: datetime) -> list[SourceRecord]:
    """Return when each of the sources last answered."""
    return [
        SourceRecord(source=row.source, now=now, last_seen_at=row.last_seen_at)
        for row in session.execute(_SOURCES, {"sources": list(sources)})
    ]


def store_report(
    session: Session,
    report: QualityReport,
    since: datetime,
    until: datetime,
    at: datetime,
    fire: FireId | None = None,
) -> None:
    """Keep a report."""
    session.add(
        QualityReportRow(
            **report.as_dict(), window_start=since, window_end=until, created_at=at, fire_id=fire
        )
    )


def _score(home: int | None, away: int | None) -> Score | None:
    return None if home is None or away is None else Score(home=home, away=away)
