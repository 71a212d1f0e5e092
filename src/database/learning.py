"""Reads the rows that a model learns from and the fixtures it is asked about."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.features import PLAYED
from src.database.market_view import closing_views, latest_views
from src.domain.devig import outcome
from src.domain.learning import ComingFixture, LearningRow

_LEARNING = text(
    """
    select m.id, m.kickoff_utc, m.home_goals, m.away_goals, f.values
      from matches m
      join competitions c on c.id = m.competition_id and c.watched
      join features f on f.match_id = m.id and f.version = :version and f.as_of <= m.kickoff_utc
     where m.status = any(:played) and m.home_goals is not null and m.away_goals is not null
       and m.kickoff_utc >= coalesce(:since, '-infinity'::timestamptz) and m.kickoff_utc < :until
     order by m.kickoff_utc, m.id
    """
)
_COMING = text(
    """
    select m.id, m.kickoff_utc, f.values
      from matches m
      join competitions c on c.id = m.competition_id and c.watched
      left join features f on f.match_id = m.id and f.version = :version
     where m.status = 'scheduled' and m.kickoff_utc >= :since and m.kickoff_utc < :until
     order by m.kickoff_utc, m.id
    """
)


def learning_rows(
    session: Session, version: str, *, since: datetime | None, until: datetime
) -> list[LearningRow]:
    """Return the watched competitions' played matches with features of `version`, oldest first."""
    closing = closing_views(session)
    found = session.execute(
        _LEARNING, {"version": version, "played": list(PLAYED), "since": since, "until": until}
    )
    return [
        LearningRow(
            match_id=row.id,
            kickoff_utc=row.kickoff_utc,
            values=row.values,
            label=outcome(row.home_goals, row.away_goals),
            closing=closing.get(row.id),
        )
        for row in found
    ]


def coming_fixtures(
    session: Session, version: str, *, since: datetime, until: datetime
) -> list[ComingFixture]:
    """Return the watched competitions' scheduled matches of the window, soonest first."""
    latest = latest_views(session)
    found = session.execute(_COMING, {"version": version, "since": since, "until": until})
    return [
        ComingFixture(
            match_id=row.id, kickoff_utc=row.kickoff_utc, values=row.values, latest=latest.get(row.id)
        )
        for row in found
    ]


def played_count(session: Session) -> int:
    """Return how many matches of the watched competitions have a result to learn from."""
    return int(
        session.execute(
            text(
                """
                select count(*) from matches m
                  join competitions c on c.id = m.competition_id and c.watched
                 where m.status = any(:played) and m.home_goals is not null
                """
            ),
            {"played": list(PLAYED)},
        ).scalar_one()
    )
