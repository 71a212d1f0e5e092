"""Cleans out old data."""

from datetime import timedelta

from src.database import checkpoints
from src.database.retention import (
    delete_fine_odds,
    delete_payloads,
    delete_quarantine,
    delete_resolved_signals,
)
from src.pipeline.context import Context


def clean_old_data(ctx: Context, *, keep_days: int = 90, odds_days: int = 30) -> dict[str, int]:
    """Delete what is past keeping, and count it by table.

    Payloads, closed records of the quarantine, signals and checkpoints go after `keep_days`, fine-grained
    odds after `odds_days`. Opening, closing and latest quotes are never deleted. Raises ValueError on a
    number of days below 1.
    """
    if keep_days < 1 or odds_days < 1:
        raise ValueError(f"keep_days and odds_days must be 1 or more, not {keep_days} and {odds_days}")
    now = ctx.clock.now()
    with ctx.database.session() as session:
        closed = delete_quarantine(session, now - timedelta(days=keep_days))
        payloads = delete_payloads(session, now - timedelta(days=keep_days))
        history, repeats = delete_fine_odds(session, now - timedelta(days=odds_days))
        signals = delete_resolved_signals(session, now - timedelta(days=keep_days))
        marks = checkpoints.drop_before(session, now - timedelta(days=keep_days))
    return {
        "quarantine": closed,
        "raw_payloads": payloads,
        "odds_history": history,
        "odds_repeats": repeats,
        "signals": signals,
        "flow_checkpoints": marks,
    }
