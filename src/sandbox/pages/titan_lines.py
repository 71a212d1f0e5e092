"""Titan007's handicap and totals pages: one row a bookmaker, Hong Kong prices (decimal less the stake)."""

from collections.abc import Sequence
from datetime import datetime

from src.domain.odds import Market
from src.sandbox.pages.titan_shared import beijing, handicap_name, total_name
from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import Fixture, Moment, Phase
from src.sandbox.world.quotes import Change, Prices, Quote, path

#: One row in so many carries no true opening time.
_NO_TIME_ONE_IN = 80
_NO_TIME = "0001-01-01 00:00"
#: One row in so many of a match that has begun is sealed.
_SEALED_ONE_IN = 25


def market_page(fixture: Fixture, at: Moment, quotes: Sequence[Quote], now: datetime) -> bytes:
    """Return `AsianOdds_n.aspx` or `OverDown_n.aspx` in UTF-8, whichever market `quotes` are on.

    The cells are home, line, away with `goals` > 0 where the home side gives; or over, line, under.
    """
    rows: list[str] = []
    for quote in quotes:
        if quote.bookmaker.page_id is not None:
            changes = path(fixture.number, quote, at.kickoff, now)
            if changes:
                rows.append(_row(len(rows), quote, changes, fixture, at))
    return (
        '<html><head><meta charset="utf-8"></head><body>\n'
        f"<div>{fixture.home.titan_name} VS {fixture.away.titan_name}</div>\n"
        f'<table id="odds">\n{"".join(rows)}</table>\n</body></html>\n'
    ).encode()


def _row(place: int, quote: Quote, changes: list[Change], fixture: Fixture, at: Moment) -> str:
    """Return a bookmaker's row and the hidden one below it.

    The three groups of cells are the opening prices, `wholeLastOdds` (what holds now; in play once the match
    has begun) and `wholeOdds` (what held last before kick-off).
    """
    page_id = quote.bookmaker.page_id
    opening, last = changes[0], changes[-1].prices
    opened = f"{beijing(opening.at):%Y-%m-%d %H:%M}"
    if drawn(fixture.number, f"no time {page_id}") < 1 / _NO_TIME_ONE_IN:
        opened = _NO_TIME
    title = f' title="{opened}"'
    kind = ' oddstype="wholeLastOdds"'
    sealed = (
        at.phase.started and drawn(fixture.number, f"sealed {page_id}{quote.market}") < 1 / _SEALED_ONE_IN
    )
    if sealed:
        now_cells = f"<td colspan=3{kind}>封</td>\n"
    else:
        now_cells = _cells(
            _in_play(last, quote, fixture, at) if at.phase.started else last, quote.market, kind
        )
    before = _cells(last, quote.market, ' oddstype="wholeOdds"')
    colour = "#FAFAFA" if place % 2 else "#FFFFFF"
    return (
        f'<tr bgcolor="{colour}">\n<td width="35" class="lb rb"><input type="checkbox" name="oddsShow"'
        f' data-id="{page_id}" value="0"></td>\n<td height="25">{quote.bookmaker.masked}</td>\n'
        f"<td><span class='' companyID='{page_id}'></span></td>\n"
        f"{_cells(opening.prices, quote.market, title)}{now_cells}{before}</tr>\n"
        f'<tr style="display: none;" companyID={page_id}><td colspan="9"></td></tr>\n'
    )


def _cells(prices: Prices, market: Market, attributes: str) -> str:
    first, second = prices.prices
    line = prices.line or 0.0
    if market is Market.ASIAN_HANDICAP:
        goals = -line + 0.0
        name = f"{'受让' if goals < 0 else ''}{handicap_name(goals)}"
    else:
        goals, name = line, total_name(line)
    return (
        f"<td{attributes}>{first - 1:.2f}</td>\n"
        f'<td{attributes} goals="{goals:g}">{name}</td>\n'
        f"<td{attributes}>{second - 1:.2f}</td>\n"
    )


def _in_play(last: Prices, quote: Quote, fixture: Fixture, at: Moment) -> Prices:
    """Return what stood on the board when the page froze: line and prices have gone with the goals.

    A collector that took it for a closing price would learn the result.
    """
    tilt = drawn(fixture.number, f"in play {quote.bookmaker.page_id}{quote.market}")
    line = last.line or 0.0
    if quote.market is Market.OVER_UNDER:
        return Prices((round(1.9 + 0.9 * tilt, 2), round(1.3 + 0.4 * tilt, 2)), max(0.5, sum(at.score) + 0.5))
    late = at.phase is Phase.FINISHED or at.minute > 60
    return Prices(
        (round(1.25 + tilt, 2), round(1.4 + 0.9 * (1 - tilt), 2)), 0.0 if late else line / 2 // 0.25 * 0.25
    )
