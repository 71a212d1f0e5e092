"""Fetches odds from a JSON gateway, `{TITAN_BASE_URL}/{euro,handicap,overunder}` (the `api` dialect)."""

from urllib.parse import urlencode

from src.collectors.transport import Expect, Transport
from src.domain.odds import Market
from src.domain.payload import Payload

_PATHS = {Market.ONE_X_TWO: "euro", Market.ASIAN_HANDICAP: "handicap", Market.OVER_UNDER: "overunder"}


class TitanGateway:
    """The gateway's three markets; it stands in for `Titan007Client.odds`, the site still has the day lists.

    That a match is asked for by `?id=` is assumed, as most of the format is (see `parse_gateway`). A token
    that the gateway wants is a header of the transport's session.
    """

    def __init__(self, transport: Transport, base_url: str) -> None:
        self._transport, self._base_url = transport, base_url.rstrip("/")

    def odds(self, match_id: str, market: Market) -> Payload:
        """Fetch all bookmakers' quotes of one match on one market."""
        url = f"{self._base_url}/{_PATHS[market]}?{urlencode({'id': match_id})}"
        return self._transport.get(url, kind=market, expect=Expect.JSON)
