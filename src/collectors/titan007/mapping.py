"""Turns Titan007's rows into quotes: signs, decimal prices, and which phase a price belongs to.

In-play prices never come among pre-match ones: they are left out here.
"""

from datetime import datetime

from src.collectors.registry import AH_OU, EURO
from src.collectors.titan007.parse_euro import EuroQuote, EuroScript, Prices
from src.collectors.titan007.parse_gateway import GatewayQuote
from src.collectors.titan007.parse_lines import Line, LineRow
from src.collectors.titan007.sight import NO_KICKOFF, Sight, decimal, our_line
from src.domain.odds import Market, OddsQuote, Phase
from src.domain.payload import Parsed


def euro_quotes(script: EuroScript, sight: Sight) -> Parsed[OddsQuote]:
    """Return the opening and the last pre-match 1x2 quotes of a script.

    Of a match that has begun, the last price before the kick-off is the closing one.
    """
    return Parsed(rows=script.quotes).into(
        lambda row: [_euro(sight, row, *told) for told in _phases(row, sight)], lambda row: row.bookmaker
    )


def _phases(row: EuroQuote, sight: Sight) -> list[tuple[Phase, Prices, datetime | None]]:
    opened_at = row.changes[0][0] if row.changes else sight.at_unknown
    told: list[tuple[Phase, Prices, datetime | None]] = []
    if sight.is_prematch(opened_at):
        told.append((Phase.OPENING, row.opening, opened_at))
    last = _last_before(row, sight)
    if last is not None:
        told.append((sight.phase, last[1], last[0]))
    return told


def _last_before(row: EuroQuote, sight: Sight) -> tuple[datetime, Prices] | None:
    if sight.is_prematch(row.current_at):
        return row.current_at, row.current
    return next((change for change in reversed(row.changes) if sight.is_prematch(change[0])), None)


def _euro(sight: Sight, row: EuroQuote, phase: Phase, prices: Prices, at: datetime | None) -> OddsQuote:
    return sight.quote(EURO, row.bookmaker, row.name, Market.ONE_X_TWO, phase, prices, at)


def line_quotes(rows: Parsed[LineRow], market: Market, sight: Sight) -> Parsed[OddsQuote]:
    """Return the opening and the last pre-match quotes of an Asian handicap or over/under page.

    Once the match has begun, what the page shows last is in play and left out. Where the kick-off is not
    known, what is not the opening price is rejected. A line that is sealed before the kick-off is a
    suspended quote without prices.
    """
    known = rows.into(lambda row: _of_row(row, market, sight), lambda row: f"{row.bookmaker}#{row.rank}")
    if sight.kickoff is not None:
        return known
    doubtful = Parsed(rows=tuple(row for row in rows.rows if row.last or row.whole)).into(
        _refuse, lambda row: f"{row.bookmaker}#{row.rank}"
    )
    return Parsed(rows=known.rows, rejected=known.rejected + doubtful.rejected)


def _refuse(_: LineRow) -> list[OddsQuote]:
    raise ValueError(NO_KICKOFF)


def _of_row(row: LineRow, market: Market, sight: Sight) -> list[OddsQuote]:
    quotes = []
    opened_at = row.opened_at or sight.at_unknown
    if row.opening and sight.is_prematch(opened_at):
        quotes.append(_line(sight, market, row, row.opening, Phase.OPENING, opened_at))
    if sight.kickoff is None:
        return quotes
    last = row.whole if sight.begun else row.whole or row.last
    if row.sealed and not sight.begun:
        quotes.append(
            sight.quote(
                AH_OU,
                row.bookmaker,
                row.name,
                market,
                Phase.PREMATCH,
                (),
                None,
                rank=row.rank,
                suspended=True,
            )
        )
    elif last:
        quotes.append(_line(sight, market, row, last, sight.phase, sight.at_unknown))
    return quotes


def _line(
    sight: Sight, market: Market, row: LineRow, line: Line, phase: Phase, at: datetime | None
) -> OddsQuote:
    return sight.quote(
        AH_OU, row.bookmaker, row.name, market, phase, decimal(line), at,
        line=our_line(market, line.goals), rank=row.rank,
    )  # fmt: skip


def gateway_quotes(rows: Parsed[GatewayQuote], market: Market, sight: Sight) -> Parsed[OddsQuote]:
    """Return the quotes of a gateway's answer; a price from the kick-off on is in play and left out.

    The gateway tells no opening prices. What it told after the kick-off without a time may be in play, and
    is left out as well.
    """
    return rows.into(lambda row: _gateway(row, market, sight), lambda row: row.bookmaker)


def _gateway(row: GatewayQuote, market: Market, sight: Sight) -> list[OddsQuote]:
    if sight.kickoff is None:
        raise ValueError(NO_KICKOFF)
    if not sight.is_prematch(row.at or sight.captured_at):
        return []
    namespace = EURO if market is Market.ONE_X_TWO else AH_OU
    if row.values is None:
        return [
            sight.quote(namespace, row.bookmaker, row.name, market, sight.phase, (), row.at, suspended=True)
        ]
    line: float | None = None
    prices: tuple[float, ...] = row.values
    if market is not Market.ONE_X_TWO:
        told = Line(first=row.values[0], goals=row.values[1], second=row.values[2])
        line, prices = our_line(market, told.goals), decimal(told)
    return [sight.quote(namespace, row.bookmaker, row.name, market, sight.phase, prices, row.at, line=line)]
