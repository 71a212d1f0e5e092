"""Collects FBref's schedules: links to the canonical matches, and expected goals where there are any."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.orm import Session

from src.collectors.fbref.client import FBrefClient
from src.collectors.fbref.mapping import to_fixture, to_stats
from src.collectors.fbref.parse_schedule import ScheduledMatch, parse_schedule
from src.collectors.registry import WATCHED, WatchedCompetition, season_of
from src.collectors.wiring import fbref_transport
from src.core.errors import BadData
from src.database.matches import store_stats
from src.database.raw import RawCache
from src.domain.match import Source
from src.domain.payload import Parsed, Payload
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.linking import link_fixtures
from src.pipeline.progress import Progress
from src.pipeline.reading import Reading


def collect_schedules(
    ctx: Context, *, seasons: Sequence[str] | None = None, progress: Progress | None = None
) -> SourceSummary:
    """Collect FBref's schedule of each watched competition in `seasons` (default: the current one)."""
    progress = progress or Progress(ctx.database, ctx.fire, "fbref")
    harvest = Harvest(ctx, Source.FBREF, ctx.clock.now(), progress)
    pages = [
        (competition, season) for season in seasons or [season_of(harvest.at)] for competition in WATCHED
    ]
    with fbref_transport(ctx.settings, ctx.clock, RawCache(ctx.database)) as transport:
        client = FBrefClient(transport, ctx.settings.fbref_base_url)
        jobs = (
            Job(kind="schedule", subject=page, item=_item(*page), fetch=partial(client.schedule, *page))
            for page in pages
        )
        for batch in harvest.batches(jobs, concurrency=1, batch_size=1):
            for (competition, season), payload in batch:
                rows = schedule_of(harvest, payload, competition, season)
                with ctx.database.session() as session:
                    harvest.count(changed=store_schedule(session, competition, rows, payload.fetched_at))
                    harvest.mark(session, [_item(competition, season)])
    return harvest.finish()


def _item(competition: WatchedCompetition, season: str) -> str:
    return f"{competition.fbref_id}/{season}"


def schedule_of(
    reading: Reading, payload: Payload, competition: WatchedCompetition, season: str
) -> tuple[ScheduledMatch, ...]:
    """Return the rows of the schedule that was asked for; what cannot be read is quarantined."""

    def read(body: bytes) -> Parsed[ScheduledMatch]:
        parsed = parse_schedule(body)
        told = {(row.competition_id, row.season) for row in parsed.rows if row.competition_id}
        # Two competitions may share a title, and an unknown season is answered with the current one.
        if told - {(competition.fbref_id, season)}:
            raise BadData(f"the page is of {sorted(told)}, not of {competition.fbref_id} in {season}")
        return parsed

    return reading.read(payload, read)


def store_schedule(
    session: Session, competition: WatchedCompetition, rows: Sequence[ScheduledMatch], seen_at: datetime
) -> int:
    """Align the fixtures of a schedule to our matches and write its figures; return how many rows changed."""
    fixtures = [(competition.fotmob_id, fixture) for row in rows if (fixture := to_fixture(row)) is not None]
    linked = link_fixtures(session, Source.FBREF, fixtures, seen_at)
    return linked + store_stats(session, (stat for row in rows for stat in to_stats(row)), seen_at)
