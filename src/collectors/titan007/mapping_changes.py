"""Turns Titan007's histories and odds in play into quotes; in-play prices are told as such."""

from collections.abc import Sequence
from datetime import datetime

from src.collectors.registry import AH_OU, EURO
from src.collectors.titan007.parse_changes import Changes
from src.collectors.titan007.parse_euro import EuroQuote, EuroScript
from src.collectors.titan007.parse_lines import Line
from src.collectors.titan007.parse_live_odds import LiveTriple
from src.collectors.titan007.sight import Sight, decimal, our_line
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed

#: The bookmakers of odds in play, whom the script tells by their place alone.
LIVE_PLACES = "titan-live-place"


def euro_changes(script: EuroScript, sight: Sight) -> Parsed[OddsQuote]:
    """Return every change of a 1x2 script as a quote; the phases are as in `change_quotes`."""
    return Parsed(rows=script.quotes).into(lambda row: _euro(sight, row), lambda row: row.bookmaker)


def _euro(sight: Sight, row: EuroQuote) -> list[OddsQuote]:
    phases = _phases(sight, [(at, False) for at, _ in row.changes])
    return [
        sight.quote(EURO, row.bookmaker, row.name, Market.ONE_X_TWO, phase, prices, at)
        for phase, (at, prices) in zip(phases, row.changes, strict=True)
    ]


def change_quotes(rows: Parsed[Changes], bookmaker: str, sight: Sight) -> Parsed[OddsQuote]:
    """Return every change of one bookmaker's line as a quote.

    The first one is the opening price. In play is what the page says or what is from the kick-off on; where
    there is such a price, or the match has begun, the last one before it is the closing price. A sealed line
    is a suspended quote without prices.
    """
    told = [
        (row.market, phase, change.at, change.line)
        for row in rows.rows
        for phase, change in zip(
            _phases(sight, [(change.at, change.in_play) for change in row.changes]), row.changes, strict=True
        )
    ]
    return Parsed(rows=tuple(told), rejected=rows.rejected).into(
        lambda row: [_change(sight, bookmaker, *row)], lambda row: f"{row[2]:%m-%d %H:%M}"
    )


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


def _change(
    sight: Sight, bookmaker: str, market: Market, phase: Phase, at: datetime, line: Line | None
) -> OddsQuote:
    if line is None:
        return sight.quote(AH_OU, bookmaker, "", market, phase, (), at, suspended=True)
    return sight.quote(
        AH_OU, bookmaker, "", market, phase, decimal(line), at, line=our_line(market, line.goals)
    )


def live_quotes(rows: Parsed[LiveTriple], sight: Sight) -> Parsed[OddsQuote]:
    """Return the quotes beside a match in play: those of minutes are in play, the others pre-match."""
    return rows.into(
        lambda row: [_live(sight, row)], lambda row: f"{row.label}/{row.market}/{row.period}/{row.bookmaker}"
    )


def _live(sight: Sight, row: LiveTriple) -> OddsQuote:
    line = None
    prices: tuple[float, ...] = row.values
    if row.market is not Market.ONE_X_TWO:
        told = Line(first=row.values[0], goals=row.values[1], second=row.values[2])
        line, prices = our_line(row.market, told.goals), decimal(told)
    phase = Phase.INPLAY if row.in_play else Phase.PREMATCH
    at = None if row.in_play else sight.at_unknown
    return sight.quote(
        LIVE_PLACES, str(row.bookmaker), "", row.market, phase, prices, at, line=line, period=row.period
    )
