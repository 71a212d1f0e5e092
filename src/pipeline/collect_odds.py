"""Collects Titan007's quotes: day lists find its ids, scripts tell names to link by, pages tell lines."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from src.collectors.registry import WATCHED_FOTMOB_IDS
from src.collectors.titan007.client import Titan007Client
from src.collectors.titan007.gateway import TitanGateway
from src.collectors.titan007.parse_day import ListedMatch, parse_day
from src.collectors.wiring import titan_gateway_transport, titan_transport
from src.database.matches import AlignmentCandidate, alignment_candidates
from src.database.odds import LinkedQuote, closed_markets, store_quotes
from src.database.raw import RawCache
from src.domain.match import Source
from src.domain.odds import Market
from src.domain.payload import Payload
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.odds_intake import (
    GAP,
    QuotedMatch,
    Script,
    link_scripts,
    quotes_of,
    read_scripts,
    script_quotes,
)
from src.pipeline.odds_plan import (
    DayList,
    day_lists,
    imminent_first,
    playable,
    wanted_quotes,
    worth_a_script,
)
from src.pipeline.progress import Progress


@dataclass(frozen=True, kw_only=True)
class _Arrived(Script):
    """A script with the payload that it is from."""

    payload: Payload


@dataclass
class _Block:
    """Scripts that have to be linked together; of what is in `unread`, there was nothing to read."""

    scripts: list[_Arrived]
    unread: list[str]


def collect_odds(
    ctx: Context,
    *,
    since: datetime,
    until: datetime,
    markets: Sequence[Market] = tuple(Market),
    batch_size: int = 20,
    max_concurrency: int | None = None,
    progress: Progress | None = None,
    most_matches: int | None = None,
) -> SourceSummary:
    """Collect quotes of watched matches that kick off from `since` to before `until`, most imminent first.

    Fetches on min(`max_concurrency`, TITAN_MAX_CONCURRENCY) threads and writes `batch_size` matches at a
    time. Finished matches whose closing quotes are stored are not asked for again, nor is what `progress` has
    as done; a pause asked of it raises PauseRequested. `most_matches` leaves all but so many, the most
    imminent ones, out; to link these the scripts of all that they may be are read.
    """
    progress = progress or Progress(ctx.database, ctx.fire, "titan007")
    with ExitStack() as stack:
        client = Titan007Client(
            stack.enter_context(titan_transport(ctx.settings, ctx.clock, RawCache(ctx.database))),
            euro_url=ctx.settings.titan_euro_url,
            pages_url=ctx.settings.titan_pages_url,
            days_url=ctx.settings.titan_days_url,
        )
        quotes: Titan007Client | TitanGateway = client
        if (base_url := ctx.settings.titan_base_url) is not None:
            gateway = titan_gateway_transport(ctx.settings, ctx.clock, RawCache(ctx.database))
            quotes = TitanGateway(stack.enter_context(gateway), base_url)
        threads = min(
            ctx.settings.titan_max_concurrency, max_concurrency or ctx.settings.titan_max_concurrency
        )
        run = _OddsRun(ctx, client, quotes, since, until, markets, batch_size, threads, progress)
        run.most_matches = most_matches
        run.find_links()
        run.fetch_linked()
        return run.harvest.finish()


class _OddsRun:
    """One run over one window.

    `client` reads the lists and the scripts to link by, `quotes` what is quoted on the linked matches.
    """

    most_matches: int | None = None

    def __init__(
        self,
        ctx: Context,
        client: Titan007Client,
        quotes: Titan007Client | TitanGateway,
        since: datetime,
        until: datetime,
        markets: Sequence[Market],
        batch_size: int,
        threads: int,
        progress: Progress,
    ) -> None:
        self.ctx, self.client, self.quotes, self.markets = ctx, client, quotes, markets
        self.since, self.until = since, until
        self.batch_size, self.threads = batch_size, threads
        self.harvest = Harvest(ctx, Source.TITAN007, ctx.clock.now(), progress)

    def matches(self) -> list[AlignmentCandidate]:
        """Return the window's matches as they are linked now."""
        with self.ctx.database.session() as session:
            found = alignment_candidates(
                session, Source.TITAN007, sorted(WATCHED_FOTMOB_IDS), self.since, self.until
            )
        matches = playable(match for match in found if match.kickoff_utc < self.until)
        return imminent_first(matches, self.harvest.at)[: self.most_matches]

    def find_links(self) -> None:
        """Read day lists and scripts for the matches without a link, and store those scripts' quotes."""
        matches = self.matches()
        unlinked = [match for match in matches if match.linked is None]
        if not unlinked:
            return
        known = {match.linked for match in matches if match.linked}
        listed = worth_a_script(self._listed(unlinked), unlinked, known)
        now = self.harvest.at
        listed.sort(key=lambda match: (match.kickoff_utc < now, abs(match.kickoff_utc - now)))
        market = Market.ONE_X_TWO
        jobs = (
            Job(
                kind=market,
                subject=match,
                item=_item(match.id, market),
                fetch=partial(self.client.odds, match.id, market),
            )
            for match in listed
        )
        for block in self._kickoff_blocks(jobs):
            self._link(block)

    def _listed(self, unlinked: list[AlignmentCandidate]) -> list[ListedMatch]:
        jobs = (
            Job(kind="day", subject=item, item=item.name, fetch=partial(self._day, item))
            for item in day_lists(unlinked, self.harvest.at)
        )
        listed: list[ListedMatch] = []
        for batch in self.harvest.batches(jobs, concurrency=self.threads, batch_size=self.batch_size):
            for item, payload in batch:
                # A list is never done: each attempt needs what stands on it.
                first = not self.harvest.progress.arrived_earlier(item.name)
                listed += self.harvest.read(payload, partial(parse_day, day=item.day), counts=first)
        self.harvest.keep_numbers()
        return listed

    def _day(self, item: DayList) -> Payload:
        fetch = self.client.finished_day if item.finished else self.client.coming_day
        return fetch(item.day)

    def _kickoff_blocks(self, jobs: Iterator[Job[ListedMatch]]) -> Iterator[_Block]:
        # All that may compete for one match have to be assigned together: a pause leaves the block it falls
        # into, and the next attempt reads its scripts from what was kept raw.
        block = _Block([], [])
        for batch in self.harvest.batches(jobs, concurrency=self.threads, batch_size=self.batch_size):
            for listed, payload in batch:
                last = block.scripts[-1].listed if block.scripts else listed
                apart = abs(listed.kickoff_utc - last.kickoff_utc) > GAP
                if apart and len(block.scripts) >= self.batch_size:
                    yield block
                    block = _Block([], [])
                rows = read_scripts(self.harvest, payload, listed.id)
                block.scripts += [_Arrived(listed=listed, script=row, payload=payload) for row in rows]
                if not rows:
                    block.unread.append(_item(listed.id, Market.ONE_X_TWO))
        yield block

    def _link(self, block: _Block) -> None:
        self.harvest.count(changed=link_scripts(self.ctx, block.scripts, self.harvest.at))
        wanted = bool(block.scripts) and Market.ONE_X_TWO in self.markets
        linked = {match.linked: match for match in self._matches_near(block.scripts)} if wanted else {}
        quotes = [
            quote
            for item in block.scripts
            if (match := linked.get(item.listed.id)) is not None
            for quote in script_quotes(self.harvest, _quoted(match), item.payload, [item.script])
        ]
        self._store(
            quotes, [*block.unread, *(_item(item.listed.id, Market.ONE_X_TWO) for item in block.scripts)]
        )

    def _matches_near(self, scripts: Sequence[Script]) -> list[AlignmentCandidate]:
        """Return the matches around some scripts' kick-offs, linked ones with their ids."""
        kickoffs = [item.script.kickoff_utc for item in scripts]
        with self.ctx.database.session() as session:
            return alignment_candidates(
                session,
                Source.TITAN007,
                sorted(WATCHED_FOTMOB_IDS),
                min(kickoffs) - GAP,
                max(kickoffs) + GAP,
            )

    def fetch_linked(self) -> None:
        """Fetch what is wanted of the linked matches and not done by now."""
        matches = imminent_first(self.matches(), self.harvest.at)
        finished = [match.match_id for match in matches if match.status.has_result]
        with self.ctx.database.session() as session:
            done = closed_markets(session, finished)
        wanted = wanted_quotes(matches, self.markets, done, self.harvest.at)
        jobs = (
            Job(
                kind=market,
                subject=(match, market),
                item=_item(match.linked or "", market),
                fetch=partial(self.quotes.odds, match.linked or "", market),
            )
            for match, market in wanted
        )
        for batch in self.harvest.batches(jobs, concurrency=self.threads, batch_size=self.batch_size):
            self._store(
                [
                    quote
                    for (match, market), payload in batch
                    for quote in quotes_of(self.harvest, _quoted(match), market, payload)
                ],
                [_item(match.linked or "", market) for (match, market), _ in batch],
            )

    def _store(self, quotes: Sequence[LinkedQuote], items: Iterable[str]) -> None:
        with self.ctx.database.session() as session:
            self.harvest.count(changed=store_quotes(session, quotes, self.ctx.fire))
            self.harvest.mark(session, items)


def _quoted(match: AlignmentCandidate) -> QuotedMatch:
    return QuotedMatch(match_id=match.match_id, titan_id=match.linked or "", kickoff_utc=match.kickoff_utc)


def _item(titan_id: str, market: Market) -> str:
    return f"{titan_id}/{market}"
