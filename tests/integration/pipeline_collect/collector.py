"""A process that collects two days: `python -m tests…pipeline_collect.collector DATABASE URL FIRE`."""

import sys
from datetime import timedelta
from uuid import UUID

from src.core.clock import FixedClock
from src.core.settings import Settings
from src.database.connection import Database
from src.domain.fire import FireId
from src.domain.summary import SourceSummary
from src.pipeline.collect import collect_details, collect_fixtures, collect_odds, collect_schedules
from src.pipeline.context import Context
from tests.conftest import NOW
from tests.integration.pipeline_collect.conftest import pointed_at

SINCE, UNTIL = NOW - timedelta(days=1), NOW + timedelta(days=1)


def collect(ctx: Context) -> dict[str, SourceSummary]:
    """Collect as the daily flow does, in small batches."""
    return {
        "fixtures": collect_fixtures(ctx, since=SINCE.date(), until=UNTIL.date()),
        "details": collect_details(ctx, since=SINCE, until=UNTIL),
        "schedules": collect_schedules(ctx),
        "odds": collect_odds(ctx, since=SINCE, until=UNTIL, batch_size=5, max_concurrency=3),
    }


def working(database_url: str, url: str, fire: UUID) -> Context:
    """Return a context at NOW whose sources are all at `url`."""
    settings = Settings(_env_file=None, database_url=database_url)  # type: ignore[call-arg]
    ctx = Context(
        settings=settings, clock=FixedClock(NOW), database=Database(database_url), fire=FireId(fire)
    )
    return pointed_at(ctx, url, database_url)


def main() -> None:
    database_url, url, fire = sys.argv[1:]
    collect(working(database_url, url, UUID(fire)))


if __name__ == "__main__":
    main()
