"""Brings the features up to date with the matches."""

from datetime import datetime

from src.core.logging import get_logger
from src.database.features import match_facts, store_features
from src.features.build import build_features
from src.pipeline.context import Context

log = get_logger(__name__)


def refresh_features(ctx: Context, *, since: datetime | None = None) -> dict[str, int]:
    """Build the features of all played and coming matches and store the rows that are new or changed.

    Ratings and form hang on the whole history, so the pass always begins at its start; `since` leaves rows of
    earlier kick-offs as they are stored. Running it again writes nothing.
    """
    now = ctx.clock.now()
    with ctx.database.session() as session:
        facts = match_facts(session, now)
        built = build_features(facts, now=now)
        first = {fact.match_id for fact in facts if since is None or fact.kickoff_utc >= since}
        wanted = [features for features in built if features.match_id in first]
        created, updated = store_features(session, wanted, now)
    summary = {
        "matches": len(built),
        "checked": len(wanted),
        "created": created,
        "updated": updated,
        "coming": sum(features.as_of == now for features in wanted),
        "without_market": sum(features.values["market_home"] is None for features in wanted),
    }
    log.info("features_refreshed", **summary)
    return summary
