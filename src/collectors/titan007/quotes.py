"""Reads a market's payload into quotes: the site's scripts and pages, or the gateway's JSON."""

from src.collectors.titan007.mapping import euro_quotes, gateway_quotes, line_quotes
from src.collectors.titan007.parse_euro import parse_euro
from src.collectors.titan007.parse_gateway import is_gateway, parse_gateway
from src.collectors.titan007.parse_lines import parse_lines
from src.collectors.titan007.sight import Sight
from src.domain.odds import Market, OddsQuote
from src.domain.payload import Parsed


def read_quotes(body: bytes, market: Market, sight: Sight) -> Parsed[OddsQuote]:
    """Return a payload's opening and last pre-match quotes; raises BadData or SourceChanged."""
    if is_gateway(body):
        return gateway_quotes(parse_gateway(body, market), market, sight)
    if market is not Market.ONE_X_TWO:
        return line_quotes(parse_lines(body), market, sight)
    scripts = parse_euro(body)
    told = [euro_quotes(script, sight.of(script)) for script in scripts.rows]
    return Parsed(
        rows=tuple(quote for part in told for quote in part.rows),
        rejected=scripts.rejected + tuple(item for part in told for item in part.rejected),
    )
