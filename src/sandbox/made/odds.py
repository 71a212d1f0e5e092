"""Prices of a made match: the true probabilities seen through noise, with a margin."""

from collections.abc import Sequence
from math import exp
from random import Random

from src.domain.odds import Market
from src.sandbox.made import goals
from src.sandbox.world.bookmakers import BOOKMAKERS, Bookmaker
from src.sandbox.world.draws import generator
from src.sandbox.world.quotes import Prices, Quote

#: Standard deviations of the market's error in log expected goals, shared by all bookmakers.
OPENING_ERROR = 0.075
CLOSING_ERROR = 0.025
#: And of each bookmaker's own error in its prices.
_OWN_ERROR = 0.008
#: Margins on two-way markets are smaller than on 1X2.
_TWO_WAY = 0.6


def quotes_of(
    number: int,
    home: float,
    away: float,
    seed: int,
    market: Market,
    bookmakers: Sequence[Bookmaker] = BOOKMAKERS,
) -> Sequence[Quote]:
    """Return the quotes on `market` of the fixture `number` with true expected goals `home` and `away`."""
    early, late = (_priced(cells, market) for cells in _seen_by_the_market(number, home, away, seed))
    random = generator(seed, number, market)
    return [
        Quote(
            bookmaker,
            market,
            Prices(_with_margin(early[1], _margin(bookmaker, market), random), early[0]),
            Prices(_with_margin(late[1], _margin(bookmaker, market), random), late[0]),
        )
        for bookmaker in bookmakers
        if market is Market.ONE_X_TWO or bookmaker.page_id is not None
    ]


def closing_lines(number: int, home: float, away: float, seed: int) -> tuple[float, float]:
    """Return the closing (handicap, total) of a fixture."""
    _, late = _seen_by_the_market(number, home, away, seed)
    return goals.handicap_line(late), goals.total_line(late)


def _seen_by_the_market(number: int, home: float, away: float, seed: int) -> tuple[goals.Grid, goals.Grid]:
    """Return the goal probabilities that the market believes in at opening and at closing."""
    random = generator(seed, number, "market")
    # The closing error is part of the opening one: the market learns, it does not start anew.
    late = [random.gauss(0, CLOSING_ERROR) for _ in range(2)]
    early = [error + random.gauss(0, OPENING_ERROR) for error in late]
    first, last = (
        goals.grid(round(home * exp(errors[0]), 3), round(away * exp(errors[1]), 3))
        for errors in (early, late)
    )
    return first, last


def _priced(cells: goals.Grid, market: Market) -> tuple[float | None, tuple[float, ...]]:
    """Return the line (None for 1X2) and the fair chances of the outcomes."""
    if market is Market.ONE_X_TWO:
        return None, goals.outcome(cells)
    if market is Market.ASIAN_HANDICAP:
        line = goals.handicap_line(cells)
        first = goals.win_share(goals.margins(cells), line)
    else:
        line = goals.total_line(cells)
        first = goals.win_share(goals.totals(cells), -line)
    return line, (first, 1 - first)


def _margin(bookmaker: Bookmaker, market: Market) -> float:
    return bookmaker.margin * (1.0 if market is Market.ONE_X_TWO else _TWO_WAY)


def _with_margin(chances: tuple[float, ...], margin: float, random: Random) -> tuple[float, ...]:
    """Return decimal prices of noisy `chances` whose inverses sum to about 1 + `margin`."""
    noisy = [chance * exp(random.gauss(0, _OWN_ERROR)) for chance in chances]
    scale = (1 + margin) / sum(noisy)
    return tuple(_tick(1 / (chance * scale)) for chance in noisy)


def _tick(price: float) -> float:
    """Round as price boards do: finer where prices are short."""
    step = 0.01 if price < 4 else 0.05 if price < 8 else 0.25
    return max(1.01, round(round(price / step) * step, 2))
