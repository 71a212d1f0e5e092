"""Reads all that is kept of some matches' odds again, in place of what is stored of them.

A replay adds; a price that a parser read wrongly would stand beside the right one. Here a match's sightings
of the source go, and come again from its payloads, in one transaction.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from src.collectors.titan007.addresses import CHANGES, asked_match
from src.core.logging import get_logger
from src.database.locks import AdvisoryLock, take_turns
from src.database.odds import LinkedQuote, first_capture, store_quotes
from src.database.odds_moved import forget_quotes
from src.database.raw_log import Fetch, fetches, load_fetched
from src.domain.match import Source
from src.domain.odds import Market
from src.pipeline.context import Context
from src.pipeline.odds_intake import QuotedMatch, told_again
from src.pipeline.reading import Reading
from src.pipeline.replay.sources import named_bookmakers, quoted_matches

log = get_logger(__name__)

_SOURCE = Source.TITAN007
_KINDS = frozenset((*(market.value for market in Market), CHANGES))
_EVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class OddsAnew:
    """What came of the matches in question: of `matches` read anew, `taken` sightings went and `stored` came.

    `kept` matches have odds from before their oldest kept payload, and stay as they are.
    """

    matches: int
    kept: int
    taken: int
    stored: int


def read_odds_anew(ctx: Context, *, since: datetime, until: datetime | None = None) -> OddsAnew:
    """Read the odds of matches of which any were fetched from `since` to before `until` (aware) anew.

    All payloads of such a match are read, older ones too. Nothing is fetched. The collection may run
    meanwhile. Raises Transient where Postgres is away.
    """
    now = ctx.clock.now()
    end = until or now + timedelta(microseconds=1)
    reading = Reading(ctx, _SOURCE, now, seen_again=False)
    with ctx.database.session() as session:
        meant = {asked_match(fetch.url) for fetch in _odds(session, since, end)}
        all_fetches = _by_match(_odds(session, _EVER, now), meant)
        matches = quoted_matches(session, [found[0] for found in all_fetches.values()])
    told = [_anew(ctx, reading, match, all_fetches[key], now) for key, match in sorted(matches.items())]
    done = [part for part in told if part is not None]
    summary = OddsAnew(
        matches=len(done),
        kept=len(told) - len(done),
        taken=sum(taken for taken, _ in done),
        stored=sum(stored for _, stored in done),
    )
    log.info("odds_read_anew", **vars(summary))
    return summary


def _anew(
    ctx: Context, reading: Reading, match: QuotedMatch, known: Sequence[Fetch], at: datetime
) -> tuple[int, int] | None:
    with ctx.database.session() as session:
        # A collection keeps a payload before it stores its quotes: what is stored by now is found here.
        take_turns(session, AdvisoryLock.ODDS)
        first = first_capture(session, match.match_id, _SOURCE)
        newer = _by_match(_odds(session, at, None), {match.titan_id}).get(match.titan_id, [])
        wanted = [*known, *newer]
        if first is not None and first < wanted[0].fetched_at:
            return None
        quotes = _quotes(session, reading, match, wanted)
        taken = forget_quotes(session, match.match_id, _SOURCE)
        return taken, store_quotes(session, quotes)


def _quotes(
    session: Session, reading: Reading, match: QuotedMatch, wanted: Sequence[Fetch]
) -> list[LinkedQuote]:
    names = named_bookmakers(session, wanted)
    return [
        quote
        for payload in load_fetched(session, wanted)
        for quote in told_again(reading, match, payload, names)
    ]


def _odds(session: Session, since: datetime, until: datetime | None) -> list[Fetch]:
    return [fetch for fetch in fetches(session, _SOURCE, since, until) if fetch.kind in _KINDS]


def _by_match(found: Sequence[Fetch], wanted: set[str]) -> dict[str, list[Fetch]]:
    by_match: dict[str, list[Fetch]] = defaultdict(list)
    for fetch in found:
        if (titan_id := asked_match(fetch.url)) in wanted:
            by_match[titan_id].append(fetch)
    return by_match
