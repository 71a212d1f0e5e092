"""Collects Titan007's histories of prices: every change from the opening to the closing one."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial

from src.collectors.registry import WATCHED_FOTMOB_IDS
from src.collectors.titan007.addresses import CHANGES, AskedChanges
from src.collectors.titan007.client import Titan007Client
from src.collectors.wiring import titan_transport
from src.core.errors import Misconfigured
from src.database.matches import alignment_candidates
from src.database.odds import store_quotes
from src.database.raw import RawCache
from src.domain.match import Source
from src.domain.odds import Market
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.odds_intake import QuotedMatch, changes_of, line_bookmakers
from src.pipeline.odds_plan import LONGEST_MATCH, imminent_first, playable
from src.pipeline.progress import Progress

#: Whose changes of lines are asked for, by their numbers on the pages of lines: Pinnacle, Bet365 and Crown.
BOOKMAKERS = ("47", "8", "3")

_BATCH = 20


def collect_changes(
    ctx: Context,
    *,
    since: datetime,
    until: datetime,
    markets: Sequence[Market] = tuple(Market),
    bookmakers: Sequence[str] = BOOKMAKERS,
    max_concurrency: int | None = None,
    progress: Progress | None = None,
) -> SourceSummary:
    """Collect the changes of prices on watched, linked matches that kick off from `since` to before `until`.

    The next match comes first, then the last one that was played. A match's 1x2 script has the changes of all
    bookmakers; of lines each of `bookmakers` (their numbers on the pages of lines) has a page on each market.
    What was asked for when a match was over is not asked for again, but read as it was kept. The pages are
    the site's, also where a gateway tells the odds. Prices in play are not stored. Raises Misconfigured where
    a number is of no bookmaker that has a name.
    """
    names = _names(ctx, bookmakers)
    progress = progress or Progress(ctx.database, ctx.fire, "titan007-changes")
    harvest = Harvest(ctx, Source.TITAN007, ctx.clock.now(), progress)
    with titan_transport(ctx.settings, ctx.clock, RawCache(ctx.database)) as transport:
        client = Titan007Client(
            transport,
            euro_url=ctx.settings.titan_euro_url,
            pages_url=ctx.settings.titan_pages_url,
            days_url=ctx.settings.titan_days_url,
        )
        jobs = (
            Job(
                kind=CHANGES,
                subject=(match, asked),
                item=_item(match, asked),
                fetch=partial(client.changes, match.titan_id, asked, match.kickoff_utc + LONGEST_MATCH),
            )
            for match in _matches(harvest, since, until)
            for asked in _asked(markets, bookmakers)
        )
        threads = min(
            ctx.settings.titan_max_concurrency, max_concurrency or ctx.settings.titan_max_concurrency
        )
        for batch in harvest.batches(jobs, concurrency=threads, batch_size=_BATCH):
            quotes = [
                quote
                for (match, asked), payload in batch
                for quote in changes_of(harvest, match, asked, payload, names)
            ]
            with ctx.database.session() as session:
                harvest.count(changed=store_quotes(session, quotes, ctx.fire))
                harvest.mark(session, [_item(match, asked) for (match, asked), _ in batch])
    return harvest.finish()


def _names(ctx: Context, bookmakers: Sequence[str]) -> dict[str, str]:
    with ctx.database.session() as session:
        names = line_bookmakers(session, bookmakers)
    if unknown := [number for number in bookmakers if number not in names]:
        raise Misconfigured(
            f"no bookmaker with the number {', '.join(unknown)} on Titan007's pages of lines has been seen:"
            " a page of changes does not name it; the odds of a match that it quotes have to come first"
        )
    return names


def _matches(harvest: Harvest, since: datetime, until: datetime) -> list[QuotedMatch]:
    with harvest.ctx.database.session() as session:
        found = alignment_candidates(session, Source.TITAN007, sorted(WATCHED_FOTMOB_IDS), since, until)
    matches = playable(match for match in found if match.kickoff_utc < until)
    return [
        QuotedMatch(match_id=match.match_id, titan_id=match.linked, kickoff_utc=match.kickoff_utc)
        for match in imminent_first(matches, harvest.at)
        if match.linked is not None
    ]


def _asked(markets: Sequence[Market], bookmakers: Sequence[str]) -> Iterator[AskedChanges]:
    for market in markets:
        if market is Market.ONE_X_TWO:
            yield AskedChanges(market=market)
        else:
            yield from (AskedChanges(market=market, bookmaker=number) for number in bookmakers)


def _item(match: QuotedMatch, asked: AskedChanges) -> str:
    return "/".join(filter(None, (match.titan_id, asked.market, asked.bookmaker)))
