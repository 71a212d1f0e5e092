"""Fetches Titan007's pages (the `site` dialect)."""

from datetime import date, datetime
from urllib.parse import urlencode

from src.collectors.titan007.addresses import CHANGES, AskedChanges
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

    def changes(self, match_id: str, asked: AskedChanges, final_at: datetime | None = None) -> Payload:
        """Fetch all changes of the prices on a match: of one bookmaker's line, or of all bookmakers' 1x2.

        What was fetched at `final_at` or later, when the match was over, is not asked for again.
        """
        if asked.bookmaker is None:
            # Kept apart from the script as it is asked for its opening and present prices alone: a replay has
            # the address to tell by. What stands behind the # is not sent.
            url = f"{self._euro_url}/{match_id}.js#{CHANGES}"
            return self._transport.get(url, kind=CHANGES, expect=Expect.SCRIPT, final_at=final_at)
        query = urlencode({"id": match_id, "companyID": asked.bookmaker, "l": 0})
        page = _HISTORIES[asked.market]
        return self._page(f"{self._pages_url}/changeDetail/{page}?{query}", CHANGES, final_at)

    def _page(self, url: str, kind: str, final_at: datetime | None = None) -> Payload:
        return self._transport.get(url, kind=kind, expect=Expect.HTML, final_at=final_at)
