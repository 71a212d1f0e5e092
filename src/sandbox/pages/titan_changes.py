"""Titan007's histories of a bookmaker's line: every change of a handicap or a total, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from src.domain.odds import Market
from src.sandbox.pages.titan_shared import beijing, handicap_name, kickoff, total_name
from src.sandbox.world.draws import generator
from src.sandbox.world.fixture import HALF_TIME_ENDS, Fixture, Moment, goal_minutes
from src.sandbox.world.quotes import Prices, Quote, path

#: Prices of the last day are called present ones, older ones early.
_EARLY = timedelta(days=1)
_SEALED = "封"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """One change at `at` (aware), without prices where it seals the line; `minute` is the match clock's."""

    at: datetime
    prices: Prices | None
    state: str
    minute: str = ""
    score: str = ""


def changes_page(
    fixture: Fixture, at: Moment, quotes: Sequence[Quote], market: Market, page_id: int, now: datetime
) -> bytes:
    """Return `handicap.aspx` or `overunder.aspx` of `changeDetail` in GB18030, whichever `market` is meant.

    It has no rows where the bookmaker with this number on the pages of lines does not quote the match. Times
    are Beijing's and have no year. A match that has begun has prices in play above the others.
    """
    rows = [
        row
        for quote in quotes
        if quote.bookmaker.page_id == page_id
        for row in _rows(fixture, at, quote, now)
    ]
    heads = ("大球", "盘口", "小球")
    if market is Market.ASIAN_HANDICAP:
        heads = (fixture.home.titan_name, "盘口", fixture.away.titan_name)
    head = "".join(f"<td>{name}</td>" for name in ("时间", "比分", *heads, "变化时间", "状态"))
    told = "".join(_html(row, market) for row in reversed(rows))
    return (
        '<html><head><meta charset="gb2312"></head><body>\n<div id="odds2"><table>\n'
        f'<tr class="head">{head}</tr>\n{told}</table></div>\n</body></html>\n'
    ).encode("gb18030")


def _rows(fixture: Fixture, at: Moment, quote: Quote, now: datetime) -> Iterator[_Row]:
    changes = path(fixture.number, quote, at.kickoff, now)
    for change in changes:
        early = change.at < at.kickoff - _EARLY
        yield _Row(at=change.at, prices=change.prices, state="早" if early else "即")
    if changes and at.phase.started:
        in_play = _in_play(fixture, kickoff(fixture, at), quote, changes[-1].prices)
        yield from (row for row in in_play if row.at <= now)


def _in_play(fixture: Fixture, begun: datetime, quote: Quote, last: Prices) -> Iterator[_Row]:
    """Yield a price of the first minute, and for each goal a sealed line and the price that follows it."""
    random = generator(fixture.number, quote.bookmaker.euro_id, quote.market, "in play")
    yield _Row(at=begun, prices=_moved(last, random.random()), state="滚", minute="1", score="0-0")
    score = [0, 0]
    for minute, home in goal_minutes(fixture):
        elapsed = timedelta(minutes=minute) + (
            HALF_TIME_ENDS - timedelta(minutes=46) if minute > 45 else timedelta()
        )
        score[0 if home else 1] += 1
        told = f"{score[0]}-{score[1]}"
        yield _Row(at=begun + elapsed, prices=None, state="滚", minute=str(minute), score=told)
        after = begun + elapsed + timedelta(minutes=1)
        yield _Row(
            at=after, prices=_moved(last, random.random()), state="滚", minute=str(minute + 1), score=told
        )


def _moved(last: Prices, tilt: float) -> Prices:
    return Prices((round(1.3 + tilt, 2), round(1.4 + 0.9 * (1 - tilt), 2)), last.line)


def _html(row: _Row, market: Market) -> str:
    cells = (_SEALED,) * 3 if row.prices is None else _price_cells(row.prices, market)
    first, line, second = cells
    local = beijing(row.at)
    return (
        f"<tr><td>{row.minute}</td><td>{row.score}</td>"
        f"<td><b>{first}</b></td><td>{line}</td><td><b>{second}</b></td>"
        f"<td>{local.month}-{local.day} {local:%H:%M}</td><td>{row.state}</td></tr>\n"
    )


def _price_cells(prices: Prices, market: Market) -> tuple[str, str, str]:
    first, second = prices.prices
    line = prices.line or 0.0
    if market is Market.ASIAN_HANDICAP:
        # The home side gives where our line is below 0.
        name = f"{'受让' if line > 0 else ''}{handicap_name(line)}"
    else:
        name = total_name(line)
    return f"{first - 1:.2f}", name, f"{second - 1:.2f}"
