"""Takes in what Titan007's payloads tell: links by its scripts, quotes of the linked matches."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy.orm import Session

from src.collectors.alignment.align import Fixture
from src.collectors.registry import AH_OU, BY_TITAN_ID, bookmaker_name, is_mapped
from src.collectors.titan007.addresses import CHANGES, AskedChanges, asked_changes
from src.collectors.titan007.mapping import euro_quotes, gateway_quotes, line_quotes
from src.collectors.titan007.mapping_changes import stored_changes, stored_euro_changes
from src.collectors.titan007.parse_changes import Changes, parse_changes
from src.collectors.titan007.parse_day import ListedMatch
from src.collectors.titan007.parse_euro import EuroScript, parse_euro
from src.collectors.titan007.parse_gateway import is_gateway, parse_gateway
from src.collectors.titan007.parse_lines import parse_lines
from src.collectors.titan007.sight import Sight
from src.core.errors import BadData
from src.database.bookmakers import bookmaker_names
from src.database.match_links import LinkedMatch
from src.database.odds import LinkedQuote
from src.database.recordset import recordset
from src.domain.match import Source
from src.domain.odds import Market, OddsQuote
from src.domain.payload import Parsed, Payload, Rejected
from src.pipeline.linking import link_fixtures
from src.pipeline.reading import Reading
from src.quality.quarantine import objection

#: Matches further apart than this share no window of alignment, so that a batch may end between them.
GAP = timedelta(hours=7)


@dataclass(frozen=True, kw_only=True)
class QuotedMatch:
    """A match of ours under Titan007's id; `kickoff_utc` is ours."""

    match_id: int
    titan_id: str
    kickoff_utc: datetime


def quoted(titan_id: str, match: LinkedMatch) -> QuotedMatch:
    """Return what Titan007's id is linked to, as its quotes are read for it."""
    return QuotedMatch(match_id=match.match_id, titan_id=titan_id, kickoff_utc=match.kickoff_utc)


@dataclass(frozen=True, kw_only=True)
class Script:
    """A match on a day list, and the script that it was looked up by."""

    listed: ListedMatch
    script: EuroScript


def link_scripts(session: Session, scripts: Iterable[Script], at: datetime) -> int:
    """Align matches to ours by the names and the kick-off of their scripts; return how many links are new."""
    fixtures = [
        (
            BY_TITAN_ID[item.listed.league_id].fotmob_id,
            Fixture(
                key=item.listed.id,
                kickoff_utc=item.script.kickoff_utc,
                # The list's Chinese names say something where an operator's aliases know them.
                home=tuple(filter(None, (item.script.home, item.listed.home))),
                away=tuple(filter(None, (item.script.away, item.listed.away))),
            ),
        )
        for item in scripts
    ]
    return link_fixtures(session, Source.TITAN007, fixtures, at)


def read_scripts(
    reading: Reading, payload: Payload, titan_id: str, *, counts: bool = True
) -> tuple[EuroScript, ...]:
    """Return the scripts of a payload that was asked for as the 1x2 odds of a match; it has one at most."""
    return reading.read(payload, partial(parse_euro, asked=titan_id), counts=counts)


def quotes_of(reading: Reading, match: QuotedMatch, market: Market, payload: Payload) -> list[LinkedQuote]:
    """Return the quotes of a payload about a match that are to be kept; the others are quarantined."""
    if is_gateway(payload.body):
        told = Parsed(rows=reading.read(payload, partial(parse_gateway, market=market)))
        return _kept(reading, match, payload, gateway_quotes(told, market, _sight(match, payload)))
    if market is Market.ONE_X_TWO:
        return script_quotes(reading, match, payload, read_scripts(reading, payload, match.titan_id))
    lines = Parsed(rows=reading.read(payload, parse_lines))
    return _kept(reading, match, payload, line_quotes(lines, market, _sight(match, payload)))


def script_quotes(
    reading: Reading, match: QuotedMatch, payload: Payload, scripts: Sequence[EuroScript]
) -> list[LinkedQuote]:
    """Return the quotes of scripts that were read before; what is not to be kept is quarantined."""
    sight = _sight(match, payload)
    return [
        quote
        for script in scripts
        for quote in _kept(reading, match, payload, euro_quotes(script, sight.of(script)))
    ]


def line_bookmakers(session: Session, numbers: Collection[str]) -> dict[str, str]:
    """Return the names of bookmakers by their numbers on the pages of lines; unknown numbers are left out."""
    known = {number: bookmaker_name(AH_OU, number, "") for number in numbers if is_mapped(AH_OU, number)}
    return bookmaker_names(session, AH_OU, numbers) | known


def changes_of(
    reading: Reading, match: QuotedMatch, asked: AskedChanges, payload: Payload, names: Mapping[str, str]
) -> list[LinkedQuote]:
    """Return the changes before the kick-off that are to be kept; what is not to be kept is quarantined.

    `names` are those of the bookmakers by their numbers on the pages of lines. A page of one that is not
    among them is left unread: it does not name its bookmaker, and must not make one without a name.
    """
    sight = _sight(match, payload)
    if asked.bookmaker is None:
        scripts = read_scripts(reading, payload, match.titan_id)
        told = [stored_euro_changes(script, sight.of(script)) for script in scripts]
    elif name := names.get(asked.bookmaker):
        rows = reading.read(payload, partial(_read_changes, market=asked.market, near=match.kickoff_utc))
        quotes = stored_changes(Parsed(rows=rows), asked.bookmaker, sight)
        named = tuple(replace(quote, bookmaker_name=name) for quote in quotes.rows)
        told = [replace(quotes, rows=named)]
    else:
        return []
    return [quote for quotes in told for quote in _kept(reading, match, payload, quotes)]


def _read_changes(body: bytes, market: Market, near: datetime) -> Parsed[Changes]:
    told = parse_changes(body, near)
    if market is Market.ASIAN_HANDICAP and any(row.market is not market for row in told.rows):
        raise BadData("the history is of a total, and that of a handicap was asked for")
    # The head of a handicap is two names, so that one of a total may pass for it.
    return replace(told, rows=tuple(replace(row, market=market) for row in told.rows))


def told_again(
    reading: Reading, match: QuotedMatch, payload: Payload, names: Mapping[str, str]
) -> list[LinkedQuote]:
    """Return the quotes of a payload of odds that was kept, whichever it was asked for as.

    `names` are as in `changes_of`.
    """
    if payload.kind == CHANGES:
        return changes_of(reading, match, asked_changes(payload.url), payload, names)
    return quotes_of(reading, match, Market(payload.kind), payload)


def _kept(
    reading: Reading, match: QuotedMatch, payload: Payload, quotes: Parsed[OddsQuote]
) -> list[LinkedQuote]:
    reading.unmapped |= {
        quote.bookmaker_name
        for quote in quotes.rows
        if not is_mapped(quote.bookmaker_namespace, quote.bookmaker_id)
    }
    reasons = [(quote, objection(quote)) for quote in quotes.rows]
    refused = [_rejected(quote, reason, payload.kind) for quote, reason in reasons if reason]
    reading.reject(payload, [*quotes.rejected, *refused])
    return [LinkedQuote(match_id=match.match_id, quote=quote) for quote, reason in reasons if not reason]


def _sight(match: QuotedMatch, payload: Payload) -> Sight:
    return Sight(match_id=match.titan_id, kickoff=match.kickoff_utc, captured_at=payload.fetched_at)


def _rejected(quote: OddsQuote, reason: str, kind: str) -> Rejected:
    key = f"{quote.source_match_id}/{quote.market}/{quote.bookmaker_id}/{quote.line_rank}/{quote.phase}"
    if kind == CHANGES:
        # There a bookmaker has many prices of one phase.
        key += f"/{quote.observed_at:%Y-%m-%d %H:%M:%S}"
    return Rejected(key=key, reason=reason, record=recordset([asdict(quote)]).encode())
