"""Turns Titan007's rows into quotes: signs, decimal prices, and which phase a price belongs to.

In-play prices never come among pre-match ones: they are left out here.
"""

from collections.abc import Iterator
from datetime import datetime

from src.collectors.registry import AH_OU, EURO
from src.collectors.titan007.parse_euro import EuroQuote, EuroScript, Prices
from src.collectors.titan007.parse_gateway import GatewayQuote
from src.collectors.titan007.parse_lines import Line, LineRow
from src.collectors.titan007.sight import NO_KICKOFF, Sight, ToldPrice, decimal, our_line
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed


def euro_quotes(script: EuroScript, sight: Sight) -> Parsed[OddsQuote]:
    """Return the opening and the last pre-match 1x2 quotes of a script.

    Of a match that has begun, the last price before the kick-off is the closing one.
    """
    return sight.quotes(price for row in script.quotes for price in _euro(row, sight))


def _euro(row: EuroQuote, sight: Sight) -> Iterator[ToldPrice]:
    opened_at = row.changes[0][0] if row.changes else sight.at_unknown
    if sight.is_prematch(opened_at):
        yield euro_price(row, Phase.OPENING, row.opening, opened_at)
    last = _last_before(row, sight)
    if last is not None:
        yield euro_price(row, sight.phase, last[1], last[0])


def _last_before(row: EuroQuote, sight: Sight) -> tuple[datetime, Prices] | None:
    if sight.is_prematch(row.current_at):
        return row.current_at, row.current
    return next((change for change in reversed(row.changes) if sight.is_prematch(change[0])), None)


def euro_price(row: EuroQuote, phase: Phase, prices: Prices, at: datetime | None) -> ToldPrice:
    """Return a price of a 1x2 script."""
    return ToldPrice(
        namespace=EURO,
        bookmaker=row.bookmaker,
        name=row.name,
        market=Market.ONE_X_TWO,
        phase=phase,
        prices=prices,
        at=at,
    )


def line_quotes(rows: Parsed[LineRow], market: Market, sight: Sight) -> Parsed[OddsQuote]:
    """Return the opening and the last pre-match quotes of an Asian handicap or over/under page.

    Once the match has begun, what the page shows last is in play and left out. Where the kick-off is not
    known, what is not the opening price is rejected. A line that is sealed before the kick-off is a
    suspended quote without prices.
    """
    doubtful = Parsed(
        rows=tuple(row for row in rows.rows if sight.kickoff is None and (row.last or row.whole))
    )
    refused = doubtful.into(_refuse, lambda row: f"{row.bookmaker}#{row.rank}").rejected
    told = (price for row in rows.rows for price in _of_row(row, market, sight))
    return sight.quotes(told, rows.rejected + refused)


def _refuse(_: LineRow) -> list[OddsQuote]:
    raise ValueError(NO_KICKOFF)


def _of_row(row: LineRow, market: Market, sight: Sight) -> Iterator[ToldPrice]:
    opened_at = row.opened_at or sight.at_unknown
    if row.opening and sight.is_prematch(opened_at):
        yield _line(market, row, row.opening, Phase.OPENING, opened_at)
    if sight.kickoff is None:
        return
    last = row.whole if sight.begun else row.whole or row.last
    if row.sealed and not sight.begun:
        yield _line(market, row, None, sight.phase, None)
    elif last:
        yield _line(market, row, last, sight.phase, sight.at_unknown)


def _line(market: Market, row: LineRow, line: Line | None, phase: Phase, at: datetime | None) -> ToldPrice:
    return ToldPrice(
        namespace=AH_OU,
        bookmaker=row.bookmaker,
        name=row.name,
        market=market,
        phase=phase,
        prices=decimal(line) if line else (),
        at=at,
        line=our_line(market, line.goals) if line else None,
        rank=row.rank,
    )


def gateway_quotes(rows: Parsed[GatewayQuote], market: Market, sight: Sight) -> Parsed[OddsQuote]:
    """Return the quotes of a gateway's answer; a price from the kick-off on is in play and left out.

    The gateway tells no opening prices. What it told after the kick-off without a time may be in play, and
    is left out as well. Where the kick-off is not known, all of them are rejected.
    """
    told = rows.into(lambda row: _gateway(row, market, sight), lambda row: row.bookmaker)
    return sight.quotes(told.rows, told.rejected)


def _gateway(row: GatewayQuote, market: Market, sight: Sight) -> list[ToldPrice]:
    if sight.kickoff is None:
        raise ValueError(NO_KICKOFF)
    if not sight.is_prematch(row.at or sight.captured_at):
        return []
    line: float | None = None
    prices: tuple[float, ...] = row.values or ()
    if row.values is not None and market is not Market.ONE_X_TWO:
        told = Line(first=row.values[0], goals=row.values[1], second=row.values[2])
        line, prices = our_line(market, told.goals), decimal(told)
    return [
        ToldPrice(
            namespace=EURO if market is Market.ONE_X_TWO else AH_OU,
            bookmaker=row.bookmaker,
            name=row.name,
            market=market,
            phase=sight.phase,
            prices=prices,
            at=row.at,
            line=line,
        )
    ]
