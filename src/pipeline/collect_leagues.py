"""Collects whole seasons of FotMob's leagues: hundreds of matches in one payload."""

from collections.abc import Sequence
from functools import partial

from src.collectors.fotmob.client import FotMobClient, asked_league
from src.collectors.fotmob.document import MatchRow
from src.collectors.fotmob.mapping import matches
from src.collectors.fotmob.parse_league import parse_league
from src.collectors.registry import WATCHED
from src.collectors.wiring import fotmob_transport
from src.core.errors import BadData
from src.database.matches import ToldMatch
from src.database.raw import RawCache
from src.domain.match import Source, SourceMatch
from src.domain.payload import Parsed, Payload
from src.domain.summary import SourceSummary
from src.pipeline.collect_matches import as_told
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.progress import Progress
from src.pipeline.reading import Reading
from src.pipeline.told_matches import store_told


def collect_leagues(
    ctx: Context, *, seasons: Sequence[str] | None = None, progress: Progress | None = None
) -> SourceSummary:
    """Collect all matches of the watched competitions in `seasons`, as `2025-2026` (default: the current).

    They are the matches that the day lists tell, in two orders of magnitude fewer requests; what a day list
    has told since is not undone. A source that gives nothing is told in the summary's `error`.
    """
    progress = progress or Progress(ctx.database, ctx.fire, "fotmob-leagues")
    harvest = Harvest(ctx, Source.FOTMOB, ctx.clock.now(), progress)
    asked: Sequence[str | None] = seasons or [None]
    leagues = {f"{it.fotmob_id}/{season or 'current'}": (it, season) for season in asked for it in WATCHED}
    with fotmob_transport(ctx.settings, ctx.clock, RawCache(ctx.database)) as transport:
        client = FotMobClient(transport, ctx.settings.fotmob_base_url)
        jobs = (
            Job(
                kind="league",
                subject=item,
                item=item,
                fetch=partial(client.league, competition.fotmob_id, competition.fotmob_slug, season),
            )
            for item, (competition, season) in leagues.items()
        )
        for batch in harvest.batches(jobs, concurrency=1, batch_size=1):
            for item, payload in batch:
                found = league_of(harvest, payload)
                with ctx.database.session() as session:
                    harvest.count(changed=store_told(session, found, harvest.at).changed)
                    harvest.mark(session, [item])
    return harvest.finish()


def league_of(reading: Reading, payload: Payload) -> list[ToldMatch]:
    """Return the matches of the league and season that was asked for; what cannot be read is quarantined."""
    asked = asked_league(payload.url)

    def read(body: bytes) -> Parsed[SourceMatch]:
        rows = parse_league(body)
        _check(rows, *asked)
        return matches(rows, payload.sha256)

    return as_told(reading.read(payload, read), payload)


def _check(rows: Parsed[MatchRow], competition: str, season: str | None) -> None:
    # An unknown season is answered with the current one.
    for row in rows.rows:
        if row.competition_id != competition or (season and row.season not in {None, season}):
            raise BadData(
                f"the league is {row.competition_id} in {row.season}, not {competition} in {season}"
            )
