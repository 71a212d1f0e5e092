"""The bookmakers' de-vigged view of matches: Pinnacle's where it quotes, else the mean of all."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.domain.devig import devig
from src.domain.prediction import Probabilities

#: The sharpest of the bookmakers we read: its closing odds are the yardstick of the literature.
PREFERRED = "pinnacle"

# Only what was before the kick-off as it is known now: where that has become earlier, the label is of no
# account. A price of unknown time that was read after kick-off is stored as of just before it.
_QUOTES = """
    select distinct on (h.match_id, h.bookmaker_id) h.match_id, lower(b.name) as bookmaker, h.prices
      from odds_history h
      join bookmakers b on b.id = h.bookmaker_id
      join matches m on m.id = h.match_id
     where h.market = '1x2' and h.period = 'ft' and h.line_rank = 1 and not h.suspended
       and cardinality(h.prices) = 3 and 1 < all (h.prices)
       and h.phase = '{phase}' and h.observed_at < m.kickoff_utc and b.kind = 'bookmaker'
     order by h.match_id, h.bookmaker_id, {order}
"""
# Opening and closing quotes are kept for good, finer ones are cleaned away: features read only what stays.
_OPENING = _QUOTES.format(phase="opening", order="h.observed_at, h.prices")
_CLOSING = _QUOTES.format(phase="closing", order="h.observed_at desc, h.prices desc")
_LATEST = """
    select l.match_id, lower(b.name) as bookmaker, l.prices
      from odds_latest l
      join bookmakers b on b.id = l.bookmaker_id
      join matches m on m.id = l.match_id
     where l.market = '1x2' and l.period = 'ft' and l.line_rank = 1 and not l.suspended
       and cardinality(l.prices) = 3 and 1 < all (l.prices)
       and m.status = 'scheduled' and l.observed_at < m.kickoff_utc and b.kind = 'bookmaker'
"""
_VIEW = """
    with quotes as ({quotes})
    select match_id,
           array_agg(prices[1] order by bookmaker) as home,
           array_agg(prices[2] order by bookmaker) as draw,
           array_agg(prices[3] order by bookmaker) as away
      from (select q.*, bool_or(bookmaker = :preferred) over (partition by match_id) as has_preferred
              from quotes q) q
     where bookmaker = :preferred or not has_preferred
     group by match_id
"""


def opening_views(session: Session) -> dict[int, Probabilities]:
    """Return the opening view of every match that has one: each bookmaker's first quote."""
    return _views(session, _OPENING)


def closing_views(session: Session) -> dict[int, Probabilities]:
    """Return the closing view of every match that has one."""
    return _views(session, _CLOSING)


def latest_views(session: Session) -> dict[int, Probabilities]:
    """Return the latest pre-match view of every scheduled match that has one."""
    return _views(session, _LATEST)


def _views(session: Session, quotes: str) -> dict[int, Probabilities]:
    rows = session.execute(text(_VIEW.format(quotes=quotes)), {"preferred": PREFERRED})
    return {row.match_id: _mean_view(row) for row in rows}


def _mean_view(row: Any) -> Probabilities:
    views = [devig(prices) for prices in zip(row.home, row.draw, row.away, strict=True)]
    return Probabilities(
        home=_mean([view.home for view in views]),
        draw=_mean([view.draw for view in views]),
        away=_mean([view.away for view in views]),
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
