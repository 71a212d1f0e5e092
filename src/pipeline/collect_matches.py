"""Collects matches from FotMob: day lists make the canonical matches, details their figures."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from functools import partial

from src.collectors.fotmob.client import FotMobClient
from src.collectors.fotmob.mapping import matches, stats
from src.collectors.fotmob.parse_day import parse_day
from src.collectors.fotmob.parse_details import parse_details
from src.collectors.registry import WATCHED_FOTMOB_IDS
from src.collectors.transport import Transport
from src.collectors.wiring import fotmob_transport
from src.database.matches import ToldMatch, store_stats
from src.database.raw import RawCache
from src.database.unreported import matches_without_stats
from src.domain.match import Source, SourceMatch, TeamStat
from src.domain.payload import Parsed, Payload
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.progress import Progress
from src.pipeline.reading import Reading
from src.pipeline.told_matches import store_told

_CONCURRENCY = 4
_BATCH = 20


def collect_fixtures(
    ctx: Context, *, since: date, until: date, progress: Progress | None = None
) -> SourceSummary:
    """Collect FotMob's day lists from `since` to `until` (UTC dates, both included).

    They create and update matches, teams and competitions. A source that gives nothing is told in the
    summary's `error`; Postgres being away raises Transient, and a pause asked of `progress` PauseRequested.
    """
    progress = progress or Progress(ctx.database, ctx.fire, "fotmob-fixtures")
    harvest = Harvest(ctx, Source.FOTMOB, ctx.clock.now(), progress)
    days = [since + timedelta(days=n) for n in range((until - since).days + 1)]
    with fotmob_transport(ctx.settings, ctx.clock, RawCache(ctx.database)) as transport:
        client = _client(ctx, transport)
        jobs = (
            Job(kind="day", subject=day, item=day.isoformat(), fetch=partial(client.day, day)) for day in days
        )
        for batch in harvest.batches(jobs, concurrency=_CONCURRENCY, batch_size=_BATCH):
            told = [item for _, payload in batch for item in matches_of(harvest, payload)]
            with ctx.database.session() as session:
                harvest.count(changed=store_told(session, told, harvest.at).changed)
                harvest.mark(session, (day.isoformat() for day, _ in batch))
    return harvest.finish()


def matches_of(reading: Reading, payload: Payload) -> list[ToldMatch]:
    """Return the matches that a day list tells; what cannot be read is quarantined."""
    return as_told(reading.read(payload, lambda body: matches(parse_day(body), payload.sha256)), payload)


def as_told(found: Iterable[SourceMatch], payload: Payload) -> list[ToldMatch]:
    """Return FotMob's matches as told at the time of their payload."""
    return [
        ToldMatch(
            match=match,
            seen_at=payload.fetched_at,
            watched=match.competition.source_id in WATCHED_FOTMOB_IDS,
        )
        for match in found
    ]


def collect_details(
    ctx: Context, *, since: datetime, until: datetime, progress: Progress | None = None
) -> SourceSummary:
    """Collect FotMob's figures of watched, finished matches of the window that have none yet."""
    progress = progress or Progress(ctx.database, ctx.fire, "fotmob-details")
    harvest = Harvest(ctx, Source.FOTMOB, ctx.clock.now(), progress)
    with ctx.database.session() as session:
        wanted = matches_without_stats(session, Source.FOTMOB, since, until)
    with fotmob_transport(ctx.settings, ctx.clock, RawCache(ctx.database)) as transport:
        client = _client(ctx, transport)
        jobs = (
            Job(kind="details", subject=match_id, item=match_id, fetch=partial(client.details, match_id))
            for match_id in wanted
        )
        for batch in harvest.batches(jobs, concurrency=_CONCURRENCY, batch_size=_BATCH):
            figures = [(payload, figures_of(harvest, payload)) for _, payload in batch]
            with ctx.database.session() as session:
                for payload, told in figures:
                    harvest.count(changed=store_stats(session, told, payload.fetched_at))
                harvest.mark(session, (match_id for match_id, _ in batch))
    return harvest.finish()


def figures_of(reading: Reading, payload: Payload) -> tuple[TeamStat, ...]:
    """Return the figures that a match's details tell; what cannot be read is quarantined."""
    told = stats(Parsed(rows=reading.read(payload, parse_details)))
    reading.reject(payload, told.rejected)
    return told.rows


def _client(ctx: Context, transport: Transport) -> FotMobClient:
    return FotMobClient(transport, ctx.settings.fotmob_base_url)
