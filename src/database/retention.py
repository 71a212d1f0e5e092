"""Deletes what has served its time; opening and closing quotes, matches and fires stay for good.

Checkpoints of runs go by `src.database.checkpoints.drop_before`.
"""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

_PAYLOADS = text("""
    with gone as (
        delete from raw_payloads p where p.last_seen_at < :before
            and not exists (select from quarantine q where q.raw_sha256 = p.sha256 and q.state = 'open')
        returning 1
    )
    select count(*) from gone
""")

# A payload that is told again and again is kept, but not each time of old.
_FETCHES = text("""
    delete from raw_fetches f using raw_payloads p
    where f.fetched_at < :before and p.id = f.raw_id and p.last_seen_at >= :before
""")

_QUARANTINE = text("""
    with gone as (delete from quarantine where state <> 'open' and ended_at < :before returning 1)
    select count(*) from gone
""")

# A price of a match to come is what its next sighting is compared with. Of a key without an opening quote
# the first price stands for it, of one without a closing quote the last before the kick-off.
_HISTORY = text("""
    with played as (
        select m.id, m.kickoff_utc from matches m
        where m.kickoff_utc < :before
            and exists (select from odds_history h where h.match_id = m.id and h.phase = 'prematch')
    ), ranked as (
        select h.*, h.observed_at < p.kickoff_utc as in_time,
            bool_or(h.phase = 'opening') over key as opened, bool_or(h.phase = 'closing') over key as closed,
            row_number() over (key_phase order by h.observed_at, h.line, h.prices) as nth,
            row_number() over (
                key_phase order by h.observed_at < p.kickoff_utc desc, h.observed_at desc, h.line desc,
                h.prices desc) as nth_last
        from odds_history h join played p on p.id = h.match_id
        window key as (partition by h.match_id, h.bookmaker_id, h.market, h.period, h.line_rank),
            key_phase as (
                partition by h.match_id, h.bookmaker_id, h.market, h.period, h.line_rank, h.phase)
    ), gone as (
        delete from odds_history h using ranked r
        where r.phase = 'prematch' and (r.opened or r.nth > 1)
            and (r.closed or r.nth_last > 1 or not r.in_time)
            and h.match_id = r.match_id and h.market = r.market and h.phase = r.phase
            and h.bookmaker_id = r.bookmaker_id and h.period = r.period and h.line_rank = r.line_rank
            and h.observed_at = r.observed_at and h.line is not distinct from r.line
            and h.prices = r.prices
        returning 1
    )
    select count(*) from gone
""")

_REPEATS = text("""
    with gone as (
        delete from odds_repeats r using matches m
        where m.id = r.match_id and m.kickoff_utc < :before
        returning 1
    )
    select count(*) from gone
""")

_SIGNALS = text("""
    with gone as (delete from signals where resolved_at < :before returning 1)
    select count(*) from gone
""")


def delete_payloads(session: Session, before: datetime) -> int:
    """Delete raw payloads last seen before `before`, but none that an open quarantined record points at.

    Of the others, the times before `before` at which they were fetched go.
    """
    session.execute(_FETCHES, {"before": before})
    return int(session.execute(_PAYLOADS, {"before": before}).scalar_one())


def delete_quarantine(session: Session, before: datetime) -> int:
    """Delete quarantined records that were mended or dropped before `before`."""
    return int(session.execute(_QUARANTINE, {"before": before}).scalar_one())


def delete_fine_odds(session: Session, before: datetime) -> tuple[int, int]:
    """Delete the changes and repeats between opening and closing of matches played before `before`.

    Where nobody told a key's opening or closing quote, the first or last change before the kick-off stays.
    """
    history = int(session.execute(_HISTORY, {"before": before}).scalar_one())
    return history, int(session.execute(_REPEATS, {"before": before}).scalar_one())


def delete_resolved_signals(session: Session, before: datetime) -> int:
    """Delete signals that were resolved before `before`."""
    return int(session.execute(_SIGNALS, {"before": before}).scalar_one())
