"""Prices of a world's bookmakers and how they move from opening to closing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from src.domain.odds import Market
from src.sandbox.world.bookmakers import Bookmaker
from src.sandbox.world.draws import generator

#: No bookmaker quotes a match earlier than this before its kick-off.
QUOTED_AHEAD = timedelta(days=7)
_LAST_CHANGE = timedelta(minutes=4)
#: Where in the week before kick-off a price may change, as shares of that week.
_STEPS = (0.3, 0.6, 0.82, 0.95)


@dataclass(frozen=True, slots=True)
class Prices:
    """Decimal prices at one instant: (home, draw, away), (home, away) or (over, under).

    `line` is None for 1X2; for the Asian handicap negative means that the home side gives.
    """

    prices: tuple[float, ...]
    line: float | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """One bookmaker's opening and closing prices on one market of a fixture."""

    bookmaker: Bookmaker
    market: Market
    opening: Prices
    closing: Prices


@dataclass(frozen=True, slots=True)
class Change:
    """Prices that hold from `at` (aware UTC, whole minutes)."""

    at: datetime
    prices: Prices


def path(number: int, quote: Quote, kickoff: datetime, now: datetime) -> list[Change]:
    """Return the prices of `quote` that were set until `now`, oldest first; empty before it is quoted.

    The first is the opening price, the last before kick-off the closing one; nothing changes afterwards.
    """
    if now < kickoff - QUOTED_AHEAD:
        return []
    random = generator(number, quote.bookmaker.euro_id, quote.market)
    opened = kickoff - QUOTED_AHEAD + timedelta(minutes=random.randint(0, 12 * 60))
    span = kickoff - _LAST_CHANGE - opened
    changes = [Change(opened, quote.opening)]
    for share in _STEPS:
        at = opened + span * min(1.0, share + random.uniform(-0.03, 0.03))
        changes.append(Change(at.replace(second=0, microsecond=0), _between(quote, share, random.random())))
    last = kickoff - _LAST_CHANGE - timedelta(minutes=random.randint(0, 40))
    changes.append(Change(max(last, changes[-1].at + timedelta(minutes=1)), quote.closing))
    seen = [change for change in changes if change.at <= now]
    return [
        change
        for before, change in zip([None, *seen], seen, strict=False)
        if not before or before.prices != change.prices
    ]


def _between(quote: Quote, share: float, noise: float) -> Prices:
    """Interpolate; a line moves at once, halfway, and its prices then lie about those of the closing line."""
    opening, closing = quote.opening, quote.closing
    if opening.line != closing.line:
        near, weight = (opening, 0.0) if share < 0.5 else (closing, 1.0)
        wobble = (noise - 0.5) * 0.06 * (1 - abs(share - weight))
        first, second = near.prices
        return Prices((_round(first + wobble), _round(second - wobble)), near.line)
    step = min(1.0, max(0.0, share + (noise - 0.5) * 0.2))
    return Prices(
        tuple(_round(a + (b - a) * step) for a, b in zip(opening.prices, closing.prices, strict=True)),
        closing.line,
    )


def _round(price: float) -> float:
    return max(1.01, round(price, 2))
