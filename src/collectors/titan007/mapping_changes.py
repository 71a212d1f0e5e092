"""Turns Titan007's histories and odds in play into quotes; in-play prices are told as such."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from src.collectors.registry import AH_OU
from src.collectors.titan007.mapping import euro_price, euro_quotes
from src.collectors.titan007.parse_changes import Change, Changes
from src.collectors.titan007.parse_euro import EuroScript
from src.collectors.titan007.parse_lines import Line
from src.collectors.titan007.parse_live_odds import LiveTriple
from src.collectors.titan007.sight import Sight, ToldPrice, decimal, our_line
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed

#: The bookmakers of odds in play, whom the script tells by their place alone.
LIVE_PLACES = "titan-live-place"

_SECOND = timedelta(seconds=1)


def euro_changes(script: EuroScript, sight: Sight) -> Parsed[OddsQuote]:
    """Return every change of a 1x2 script as a quote; phases and times are as in `change_quotes`."""
    return sight.quotes(_of_script(script, sight))


def change_quotes(rows: Parsed[Changes], bookmaker: str, sight: Sight) -> Parsed[OddsQuote]:
    """Return every change of one bookmaker's line as a quote.

    The first one is the opening price. In play is what the page says or what is from the kick-off on; where
    there is such a price, or the match has begun, the last one before it is the closing price. A sealed line
    is a suspended quote without prices. Times have no seconds: of the changes of one minute, each is told a
    second after the one before.
    """
    return sight.quotes(_of_line(rows, bookmaker, sight), rows.rejected)


def stored_euro_changes(script: EuroScript, sight: Sight) -> Parsed[OddsQuote]:
    """Return what is stored of a script that was asked for its changes: those before the kick-off.

    What `euro_quotes` tells of it is among them, so that it does not matter which of the two was asked.
    """
    ends = euro_quotes(script, sight)
    changes = sight.quotes(price for price in _of_script(script, sight) if price.phase is not Phase.INPLAY)
    rejected = {item.key: item for item in (*ends.rejected, *changes.rejected)}
    return Parsed(rows=tuple(dict.fromkeys(ends.rows + changes.rows)), rejected=tuple(rejected.values()))


def stored_changes(rows: Parsed[Changes], bookmaker: str, sight: Sight) -> Parsed[OddsQuote]:
    """Return what is stored of the changes of one bookmaker's line: those before the kick-off.

    None is a closing price. That is told by the page of all bookmakers' lines, which is not asked for any
    more once there is one: a single bookmaker's must not stand for it.
    """
    told = (price for price in _of_line(rows, bookmaker, sight) if price.phase is not Phase.INPLAY)
    return sight.quotes(
        (replace(price, phase=Phase.PREMATCH) if price.phase is Phase.CLOSING else price for price in told),
        rows.rejected,
    )


def _of_script(script: EuroScript, sight: Sight) -> Iterator[ToldPrice]:
    for row in script.quotes:
        times = _in_order([at for at, _ in row.changes])
        phases = _phases(sight, [(at, False) for at in times])
        for at, phase, (_, prices) in zip(times, phases, row.changes, strict=True):
            yield euro_price(row, phase, prices, at)


def _of_line(rows: Parsed[Changes], bookmaker: str, sight: Sight) -> Iterator[ToldPrice]:
    for row in rows.rows:
        times = _in_order([change.at for change in row.changes])
        in_play = [change.in_play for change in row.changes]
        phases = _phases(sight, list(zip(times, in_play, strict=True)))
        for at, phase, change in zip(times, phases, row.changes, strict=True):
            yield _change(bookmaker, row.market, phase, at, change)


def _in_order(times: Sequence[datetime]) -> list[datetime]:
    told: list[datetime] = []
    for at in times:
        told.append(at if not told or told[-1] < at else told[-1] + _SECOND)
    return told


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


def _change(bookmaker: str, market: Market, phase: Phase, at: datetime, change: Change) -> ToldPrice:
    return ToldPrice(
        namespace=AH_OU,
        bookmaker=bookmaker,
        name="",
        market=market,
        phase=phase,
        prices=decimal(change.line) if change.line else (),
        at=at,
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
