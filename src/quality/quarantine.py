"""Decides which quotes must not come among the data at all."""

from src.domain.odds import Market, OddsQuote

#: The sum of 1/price: below, somebody would give money away; above, it is no offer. Both mean a misprint.
_OVERROUND = (0.85, 1.6)
_LARGEST_LINE = {Market.ASIAN_HANDICAP: 12.0, Market.OVER_UNDER: 20.0}


def objection(quote: OddsQuote) -> str | None:
    """Return why a quote is to be quarantined; None where it is to be kept. A line of 0 is a real line.

    What is no quote at all (a price of 1, a line that is no quarter) never becomes an `OddsQuote`.
    """
    if not quote.prices:
        return None
    low, high = _OVERROUND
    if not low <= overround(quote.prices) <= high:
        return f"an overround of {overround(quote.prices):.3f}"
    if quote.line is None:
        return None
    if abs(quote.line) > _LARGEST_LINE[quote.market] or (
        quote.market is Market.OVER_UNDER and quote.line <= 0
    ):
        return f"a line of {quote.line}"
    return None


def overround(prices: tuple[float, ...]) -> float:
    """Return the sum of the inverse prices; 1 is a fair book."""
    return sum(1 / price for price in prices)
