"""Collects FBref's pages of played matches: the figures of both sides."""

from datetime import datetime
from functools import partial

from src.collectors.fbref.client import FBrefClient
from src.collectors.fbref.mapping import stats
from src.collectors.fbref.parse_stats import parse_stats
from src.collectors.wiring import fbref_transport
from src.database.matches import store_stats
from src.database.raw import RawCache
from src.database.unreported import matches_without_report
from src.domain.match import Source, TeamStat
from src.domain.payload import Parsed, Payload
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.progress import Progress
from src.pipeline.reading import Reading


def collect_reports(
    ctx: Context, *, since: datetime, until: datetime, progress: Progress | None = None
) -> SourceSummary:
    """Collect the pages of watched, finished matches that kicked off from `since` to before `until`.

    Those that FBref's schedule has been linked to and that have no figures of a page yet, newest first: one
    page every FBREF_INTERVAL_SECONDS. A source that gives nothing is told in the summary's `error`.
    """
    progress = progress or Progress(ctx.database, ctx.fire, "fbref-reports")
    harvest = Harvest(ctx, Source.FBREF, ctx.clock.now(), progress)
    with ctx.database.session() as session:
        wanted = matches_without_report(session, Source.FBREF, since, until)
    with fbref_transport(ctx.settings, ctx.clock, RawCache(ctx.database)) as transport:
        client = FBrefClient(transport, ctx.settings.fbref_base_url)
        jobs = (
            Job(kind="stats", subject=match_id, item=match_id, fetch=partial(client.match, match_id))
            for match_id in wanted
        )
        for batch in harvest.batches(jobs, concurrency=1, batch_size=1):
            for match_id, payload in batch:
                figures = report_of(harvest, payload)
                with ctx.database.session() as session:
                    harvest.count(changed=store_stats(session, figures, payload.fetched_at))
                    harvest.mark(session, [match_id])
    return harvest.finish()


def report_of(reading: Reading, payload: Payload) -> tuple[TeamStat, ...]:
    """Return the figures of a match's page; what cannot be read is quarantined."""
    told = stats(Parsed(rows=reading.read(payload, parse_stats)))
    reading.reject(payload, told.rejected)
    return told.rows
