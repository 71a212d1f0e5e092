"""Goal probabilities of a match: two Poisson counts with the low scores tied, and fair prices from them."""

from functools import lru_cache
from math import exp
from random import Random

MOST = 9
#: Dixon and Coles (1997), "Modelling Association Football Scores and Inefficiencies in the Football Betting
#: Market": tau moves mass between 0-0, 1-0, 0-1 and 1-1; below 0 there are more draws than chance gives.
RHO = -0.07

Grid = tuple[tuple[float, ...], ...]


@lru_cache(maxsize=4096)
def grid(home: float, away: float) -> Grid:
    """Return P(home goals = i, away goals = j) for expected goals `home` and `away`, summing to 1."""
    first, second = _poisson(home), _poisson(away)
    cells = [[p * q for q in second] for p in first]
    cells[0][0] *= 1 - home * away * RHO
    cells[0][1] *= 1 + home * RHO
    cells[1][0] *= 1 + away * RHO
    cells[1][1] *= 1 - RHO
    total = sum(map(sum, cells))
    return tuple(tuple(cell / total for cell in row) for row in cells)


def sample(cells: Grid, random: Random) -> tuple[int, int]:
    """Draw a score."""
    left = random.random()
    for home, row in enumerate(cells):
        for away, chance in enumerate(row):
            left -= chance
            if left <= 0:
                return home, away
    return 0, 0


def outcome(cells: Grid) -> tuple[float, float, float]:
    """Return P(home win, draw, away win)."""
    home = sum(sum(row[:i]) for i, row in enumerate(cells))
    draw = sum(row[i] for i, row in enumerate(cells))
    return home, draw, 1 - home - draw


@lru_cache(maxsize=64)
def margins(cells: Grid) -> dict[int, float]:
    """Return P(home goals - away goals = m) by m."""
    shares: dict[int, float] = {}
    for home, row in enumerate(cells):
        for away, chance in enumerate(row):
            shares[home - away] = shares.get(home - away, 0.0) + chance
    return shares


@lru_cache(maxsize=64)
def totals(cells: Grid) -> dict[int, float]:
    """Return P(home goals + away goals = t) by t."""
    shares: dict[int, float] = {}
    for home, row in enumerate(cells):
        for away, chance in enumerate(row):
            shares[home + away] = shares.get(home + away, 0.0) + chance
    return shares


def win_share(shares: dict[int, float], line: float) -> float:
    """Return the fair inverse price of "result + line > 0", a stake back on 0, halves on quarter lines.

    With W what is won and L what is lost in expectation per unit staked at evens, fair odds are 1 + L / W.
    """
    won = lost = 0.0
    for result, chance in shares.items():
        value = result + line
        if value >= 0.5:
            won += chance
        elif value <= -0.5:
            lost += chance
        elif value > 0:
            won += chance / 2
        elif value < 0:
            lost += chance / 2
    return won / (won + lost)


def handicap_line(cells: Grid) -> float:
    """Return the quarter line (negative: home gives) on which the two sides are nearest to even."""
    return _nearest_even(margins(cells), [quarter / 4 for quarter in range(-12, 13)])


def total_line(cells: Grid) -> float:
    """Return the quarter line on which over and under are nearest to even."""
    return -_nearest_even(totals(cells), [-quarter / 4 for quarter in range(19, 4, -1)])


def _nearest_even(shares: dict[int, float], lines: list[float]) -> float:
    low, high = 0, len(lines) - 1
    while high - low > 1:  # the share grows with the line
        middle = (low + high) // 2
        if win_share(shares, lines[middle]) < 0.5:
            low = middle
        else:
            high = middle
    return min(lines[low], lines[high], key=lambda line: abs(win_share(shares, line) - 0.5))


def _poisson(mean: float) -> list[float]:
    chance, chances = exp(-mean), []
    for count in range(MOST + 1):
        chances.append(chance)
        chance *= mean / (count + 1)
    return chances
