"""Fetches Titan007's pages (the `site` dialect)."""

from datetime import date
from urllib.parse import urlencode

from src.collectors.transport import Expect, Transport
from src.domain.odds import Market
from src.domain.payload import Payload

_PAGES = {Market.ASIAN_HANDICAP: "AsianOdds_n.aspx", Market.OVER_UNDER: "OverDown_n.aspx"}
_HISTORIES = {Market.ASIAN_HANDICAP: "handicap.aspx", Market.OVER_UNDER: "overunder.aspx"}


class Titan007Client:
    """The pages and scripts of Titan007 that we read."""

    def __init__(self, transport: Transport, *, euro_url: str, pages_url: str, days_url: str) -> None:
        self._transport = transport
        self._euro_url, self._pages_url, self._days_url = euro_url, pages_url, days_url

    def finished_day(self, day: date) -> Payload:
        """Fetch the finished matches of a Beijing date."""
        return self._page(f"{self._days_url}/football/Over_{day:%Y%m%d}.htm", "day")

    def coming_day(self, day: date) -> Payload:
        """Fetch the matches to come of a Beijing date."""
        return self._page(f"{self._days_url}/football/Next_{day:%Y%m%d}.htm", "day")

    def odds(self, match_id: str, market: Market) -> Payload:
        """Fetch all bookmakers' quotes of one match on one market."""
        if market is Market.ONE_X_TWO:
            url = f"{self._euro_url}/{match_id}.js"
            return self._transport.get(url, kind=market, expect=Expect.SCRIPT)
        return self._page(f"{self._pages_url}/{_PAGES[market]}?{urlencode({'id': match_id})}", market)

    def changes(self, match_id: str, market: Market, bookmaker: str) -> Payload:
        """Fetch the history of a bookmaker's handicap or total; its 1x2 history is in the 1x2 script."""
        query = urlencode({"id": match_id, "companyID": bookmaker, "l": 0})
        return self._page(f"{self._pages_url}/changeDetail/{_HISTORIES[market]}?{query}", "changes")

    def _page(self, url: str, kind: str) -> Payload:
        return self._transport.get(url, kind=kind, expect=Expect.HTML)
