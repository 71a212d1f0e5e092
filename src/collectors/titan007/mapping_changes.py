"""Turns Titan007's histories and odds in play into quotes; in-play prices are told as such."""

from collections.abc import Sequence
from datetime import datetime

from src.collectors.registry import AH_OU
from src.collectors.titan007.mapping import euro_price
from src.collectors.titan007.parse_changes import Change, Changes
from src.collectors.titan007.parse_euro import EuroScript
from src.collectors.titan007.parse_lines import Line
from src.collectors.titan007.parse_live_odds import LiveTriple
from src.collectors.titan007.sight import Sight, ToldPrice, decimal, our_line
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed

#: The bookmakers of odds in play, whom the script tells by their place alone.
LIVE_PLACES = "titan-live-place"


def euro_changes(script: EuroScript, sight: Sight) -> Parsed[OddsQuote]:
    """Return every change of a 1x2 script as a quote; the phases are as in `change_quotes`."""
    return sight.quotes(
        euro_price(row, phase, prices, at)
        for row in script.quotes
        for phase, (at, prices) in zip(
            _phases(sight, [(at, False) for at, _ in row.changes]), row.changes, strict=True
        )
    )


def change_quotes(rows: Parsed[Changes], bookmaker: str, sight: Sight) -> Parsed[OddsQuote]:
    """Return every change of one bookmaker's line as a quote.

    The first one is the opening price. In play is what the page says or what is from the kick-off on; where
    there is such a price, or the match has begun, the last one before it is the closing price. A sealed line
    is a suspended quote without prices.
    """
    told = (
        _change(bookmaker, row.market, phase, change)
        for row in rows.rows
        for phase, change in zip(
            _phases(sight, [(change.at, change.in_play) for change in row.changes]), row.changes, strict=True
        )
    )
    return sight.quotes(told, rows.rejected)


def _phases(sight: Sight, changes: Sequence[tuple[datetime, bool]]) -> list[Phase]:
    before = [n for n, (at, in_play) in enumerate(changes) if not in_play and sight.is_prematch(at)]
    phases = [Phase.INPLAY] * len(changes)
    for number in before:
        phases[number] = Phase.PREMATCH
    if before and (sight.begun or len(before) < len(changes)):
        phases[before[-1]] = Phase.CLOSING
    if before:
        phases[before[0]] = Phase.OPENING
    return phases


def _change(bookmaker: str, market: Market, phase: Phase, change: Change) -> ToldPrice:
    return ToldPrice(
        namespace=AH_OU,
        bookmaker=bookmaker,
        name="",
        market=market,
        phase=phase,
        prices=decimal(change.line) if change.line else (),
        at=change.at,
        line=our_line(market, change.line.goals) if change.line else None,
    )


def live_quotes(rows: Parsed[LiveTriple], sight: Sight) -> Parsed[OddsQuote]:
    """Return the quotes beside a match in play: those of minutes are in play, the others pre-match."""
    return sight.quotes((_live(sight, row) for row in rows.rows), rows.rejected)


def _live(sight: Sight, row: LiveTriple) -> ToldPrice:
    line: float | None = None
    prices: tuple[float, ...] = row.values
    if row.market is not Market.ONE_X_TWO:
        told = Line(first=row.values[0], goals=row.values[1], second=row.values[2])
        line, prices = our_line(row.market, told.goals), decimal(told)
    return ToldPrice(
        namespace=LIVE_PLACES,
        bookmaker=row.bookmaker,
        name="",
        market=row.market,
        phase=Phase.INPLAY if row.in_play else Phase.PREMATCH,
        prices=prices,
        at=None if row.in_play else sight.at_unknown,
        line=line,
        period=row.period,
    )
