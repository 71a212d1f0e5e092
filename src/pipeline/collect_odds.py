"""Collects Titan007's quotes: day lists find its ids, scripts tell names to link by, pages tell lines."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import partial

from src.collectors.alignment.align import Fixture
from src.collectors.registry import BY_TITAN_ID, WATCHED_FOTMOB_IDS
from src.collectors.titan007.client import Titan007Client
from src.collectors.titan007.gateway import TitanGateway
from src.collectors.titan007.mapping import euro_quotes, gateway_quotes, line_quotes
from src.collectors.titan007.parse_day import ListedMatch, parse_day
from src.collectors.titan007.parse_euro import EuroScript, parse_euro
from src.collectors.titan007.parse_gateway import is_gateway, parse_gateway
from src.collectors.titan007.parse_lines import parse_lines
from src.collectors.titan007.sight import Sight
from src.collectors.wiring import titan_gateway_transport, titan_transport
from src.database.matches import AlignmentCandidate, alignment_candidates
from src.database.odds import LinkedQuote, closed_markets, store_quotes
from src.database.raw import RawCache
from src.database.recordset import recordset
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote
from src.domain.payload import Parsed, Payload, Rejected
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.harvest import Harvest, Job
from src.pipeline.linking import link_fixtures
from src.pipeline.odds_plan import (
    DayList,
    day_lists,
    imminent_first,
    playable,
    wanted_quotes,
    worth_a_script,
)
from src.pipeline.progress import Progress
from src.quality.quarantine import objection

#: Matches further apart than this share no window of alignment, so a batch may end between them.
_GAP = timedelta(hours=7)

#: Nor is a match further from the window than this linked by a script that was read for it.
_AROUND = timedelta(hours=24)

Scripts = list[tuple[ListedMatch, Payload, EuroScript]]


def collect_odds(
    ctx: Context,
    *,
    since: datetime,
    until: datetime,
    markets: Sequence[Market] = tuple(Market),
    batch_size: int = 20,
    max_concurrency: int | None = None,
    progress: Progress | None = None,
) -> SourceSummary:
    """Collect quotes of watched matches that kick off from `since` to before `until`, most imminent first.

    Fetches on min(`max_concurrency`, TITAN_MAX_CONCURRENCY) threads and writes `batch_size` matches at a
    time. Finished matches whose closing quotes are stored are not asked for again, nor is what `progress` has
    as done; a pause asked of it raises PauseRequested.
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
        run.find_links()
        run.fetch_linked()
        return run.harvest.finish()


class _OddsRun:
    """One run over one window.

    `client` reads the lists and the scripts to link by, `quotes` what is quoted on the linked matches.
    """

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
        return playable(match for match in found if match.kickoff_utc < self.until)

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
        for scripts in self._kickoff_blocks(jobs):
            self._link(scripts)

    def _listed(self, unlinked: list[AlignmentCandidate]) -> list[ListedMatch]:
        jobs = (
            Job(kind="day", subject=item, item=item.name, fetch=partial(self._day, item))
            for item in day_lists(unlinked, self.harvest.at)
        )
        return [
            match
            for batch in self.harvest.batches(jobs, concurrency=self.threads, batch_size=self.batch_size)
            for item, payload in batch
            for match in self.harvest.read(payload, partial(parse_day, day=item.day))
        ]

    def _day(self, item: DayList) -> Payload:
        fetch = self.client.finished_day if item.finished else self.client.coming_day
        return fetch(item.day)

    def _kickoff_blocks(self, jobs: Iterator[Job[ListedMatch]]) -> Iterator[Scripts]:
        # All that may compete for one match have to be assigned together: a pause leaves the block it falls
        # into, and the next attempt reads its scripts from what was kept raw.
        scripts: Scripts = []
        for batch in self.harvest.batches(jobs, concurrency=self.threads, batch_size=self.batch_size):
            for listed, payload in batch:
                apart = bool(scripts) and abs(listed.kickoff_utc - scripts[-1][0].kickoff_utc) > _GAP
                if apart and len(scripts) >= self.batch_size:
                    yield scripts
                    scripts = []
                rows = self.harvest.read(payload, partial(parse_euro, asked=listed.id))
                scripts += [(listed, payload, row) for row in rows]
                if not rows:
                    self._store((), also=[_item(listed.id, Market.ONE_X_TWO)])
        if scripts:
            yield scripts

    def _link(self, scripts: Scripts) -> None:
        fixtures = [
            (
                BY_TITAN_ID[listed.league_id].fotmob_id,
                Fixture(
                    key=listed.id,
                    kickoff_utc=script.kickoff_utc,
                    # The list's Chinese names say something where an operator's aliases know them.
                    home=tuple(filter(None, (script.home, listed.home))),
                    away=tuple(filter(None, (script.away, listed.away))),
                ),
            )
            for listed, _, script in scripts
        ]
        self.harvest.count(changed=link_fixtures(self.ctx, Source.TITAN007, fixtures, self.harvest.at))
        wanted = Market.ONE_X_TWO in self.markets
        linked = {match.linked: match for match in self.matches_near(scripts)} if wanted else {}
        self._store(
            (
                (linked[listed.id], Market.ONE_X_TWO, payload, self._euro(linked[listed.id], payload, script))
                for listed, payload, script in scripts
                if listed.id in linked
            ),
            also=[_item(listed.id, Market.ONE_X_TWO) for listed, _, _ in scripts],
        )

    def matches_near(self, scripts: Scripts) -> list[AlignmentCandidate]:
        """Return the matches around some scripts' kick-offs, linked ones with their ids."""
        kickoffs = [script.kickoff_utc for _, _, script in scripts]
        with self.ctx.database.session() as session:
            return alignment_candidates(
                session,
                Source.TITAN007,
                sorted(WATCHED_FOTMOB_IDS),
                min(kickoffs) - _GAP,
                max(kickoffs) + _GAP,
            )

    def fetch_linked(self) -> None:
        """Fetch what is wanted of the linked matches and not done by now."""
        matches = imminent_first(self.matches(), self.harvest.at)
        finished = [match.match_id for match in matches if match.status.has_result]
        with self.ctx.database.session() as session:
            done = closed_markets(session, finished)
        wanted = self._left_over() + wanted_quotes(matches, self.markets, done, self.harvest.at)
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
            self._store((*subject, payload, self._quotes(*subject, payload)) for subject, payload in batch)

    def _left_over(self) -> list[tuple[AlignmentCandidate, Market]]:
        """Return the matches around the window that were linked by their scripts in an earlier attempt.

        It ended before it stored what the scripts quote; matches inside the window are asked for anyway.
        """
        if Market.ONE_X_TWO not in self.markets:
            return []
        with self.ctx.database.session() as session:
            around = alignment_candidates(
                session,
                Source.TITAN007,
                sorted(WATCHED_FOTMOB_IDS),
                self.since - _AROUND,
                self.until + _AROUND,
            )
        return [
            (match, Market.ONE_X_TWO)
            for match in around
            if not self.since <= match.kickoff_utc < self.until
            and self.harvest.progress.arrival(_item(match.linked or "", Market.ONE_X_TWO))
        ]

    def _quotes(self, match: AlignmentCandidate, market: Market, payload: Payload) -> list[OddsQuote]:
        if is_gateway(payload.body):
            told = Parsed(rows=self.harvest.read(payload, partial(parse_gateway, market=market)))
            return self._told(payload, gateway_quotes(told, market, _sight(match, payload)))
        if market is Market.ONE_X_TWO:
            scripts = self.harvest.read(payload, partial(parse_euro, asked=match.linked))
            return [quote for script in scripts for quote in self._euro(match, payload, script)]
        lines = Parsed(rows=self.harvest.read(payload, parse_lines))
        return self._told(payload, line_quotes(lines, market, _sight(match, payload)))

    def _euro(self, match: AlignmentCandidate, payload: Payload, script: EuroScript) -> list[OddsQuote]:
        return self._told(payload, euro_quotes(script, _sight(match, payload).of(script)))

    def _told(self, payload: Payload, quotes: Parsed[OddsQuote]) -> list[OddsQuote]:
        self.harvest.reject(payload, quotes.rejected)
        return list(quotes.rows)

    def _store(
        self,
        found: Iterable[tuple[AlignmentCandidate, Market, Payload, list[OddsQuote]]],
        also: Iterable[str] = (),
    ) -> None:
        """Store quotes, and mark their items and `also` as done."""
        kept: list[LinkedQuote] = []
        items = list(also)
        for match, market, payload, quotes in found:
            items.append(_item(match.linked or "", market))
            reasons = [(quote, objection(quote)) for quote in quotes]
            self.harvest.reject(payload, [_rejected(quote, reason) for quote, reason in reasons if reason])
            kept += [
                LinkedQuote(match_id=match.match_id, quote=quote) for quote, reason in reasons if not reason
            ]
        with self.ctx.database.session() as session:
            self.harvest.count(changed=store_quotes(session, kept, self.ctx.fire))
            self.harvest.progress.mark(session, items, self.harvest.at)


def _sight(match: AlignmentCandidate, payload: Payload) -> Sight:
    return Sight(match_id=match.linked or "", kickoff=match.kickoff_utc, captured_at=payload.fetched_at)


def _item(titan_id: str, market: Market) -> str:
    return f"{titan_id}/{market}"


def _rejected(quote: OddsQuote, reason: str) -> Rejected:
    key = f"{quote.source_match_id}/{quote.market}/{quote.bookmaker_id}/{quote.line_rank}/{quote.phase}"
    return Rejected(key=key, reason=reason, record=recordset([asdict(quote)]).encode())
