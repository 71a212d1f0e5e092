"""Reads how current the data is."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.learning import Freshness

_FRESHNESS = text(
    """
    with watched as (
      select m.* from matches m join competitions c on c.id = m.competition_id and c.watched
    ), near as (
      select m.kickoff_utc,
             exists (select from odds_latest o where o.match_id = m.id and o.market = '1x2') as has_odds,
             exists (select from predictions p where p.match_id = m.id) as has_prediction
        from watched m
       where m.status = 'scheduled' and m.kickoff_utc >= :now
         and m.kickoff_utc < :now + interval '2 days'
    )
    select (select count(*) from watched
             where status in ('finished', 'after_extra_time', 'after_penalties')) as finished,
           (select count(*) from watched
             where status in ('scheduled', 'live') and kickoff_utc < :now - interval '6 hours') as overdue,
           (select count(*) from near where kickoff_utc < :now + interval '1 day') as next_day,
           (select count(*) from near
             where kickoff_utc < :now + interval '1 day' and not has_odds) as without_odds,
           (select count(*) from near) as next_two_days,
           (select count(*) from near where not has_prediction) as without_prediction,
           (select max(updated_at) from watched) as last_match_change,
           (select max(captured_at) from odds_latest) as last_odds,
           (select max(predicted_at) from predictions) as last_prediction
    """
)


def freshness(session: Session, now: datetime) -> Freshness:
    """Return what the watched competitions have and lack at `now`."""
    row = session.execute(_FRESHNESS, {"now": now}).one()
    return Freshness(**row._mapping)
