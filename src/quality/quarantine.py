"""Decides which quotes must not come among the data at all."""

from src.domain.odds import Market, OddsQuote

_OUTCOMES = {Market.ONE_X_TWO: 3, Market.ASIAN_HANDICAP: 2, Market.OVER_UNDER: 2}

#: The sum of 1/price: below, somebody would give money away; above, it is no offer. Both mean a misprint.
_OVERROUND = (0.85, 1.6)
_LARGEST_LINE = {Market.ASIAN_HANDICAP: 12.0, Market.OVER_UNDER: 20.0}


def objection(quote: OddsQuote) -> str | None:
    """Return why a quote is to be quarantined; None where it is to be kept. A line of 0 is a real line."""
    if len(quote.prices) != _OUTCOMES[quote.market]:
        return f"{len(quote.prices)} prices on a market of {_OUTCOMES[quote.market]} outcomes"
    if not all(1 < price <= 1001 for price in quote.prices):
        return "a price that is not decimal odds"
    low, high = _OVERROUND
    if not low <= overround(quote.prices) <= high:
        return f"an overround of {overround(quote.prices):.3f}"
    return _line_objection(quote)


def _line_objection(quote: OddsQuote) -> str | None:
    if quote.market is Market.ONE_X_TWO:
        return None if quote.line is None else "a line on a market without lines"
    if quote.line is None:
        return "no line"
    if quote.line * 4 != round(quote.line * 4):
        return f"a line of {quote.line}, which is no multiple of a quarter"
    if abs(quote.line) > _LARGEST_LINE[quote.market] or (
        quote.market is Market.OVER_UNDER and quote.line <= 0
    ):
        return f"a line of {quote.line}"
    return None


def overround(prices: tuple[float, ...]) -> float:
    """Return the sum of the inverse prices; 1 is a fair book."""
    return sum(1 / price for price in prices)
