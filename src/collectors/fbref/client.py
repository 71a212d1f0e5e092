"""Fetches FBref's pages."""

import re
from urllib.parse import quote, urlsplit

from src.collectors.registry import WatchedCompetition
from src.collectors.transport import Expect, Transport
from src.core.errors import BadData
from src.domain.payload import Payload

_SCHEDULE = re.compile(r"/comps/([^/]+)/([^/]+)/schedule/")


def asked_schedule(url: str) -> tuple[str, str]:
    """Return the competition's id and the season that a schedule's address asks for; raises BadData."""
    found = _SCHEDULE.search(urlsplit(url).path)
    if found is None:
        raise BadData(f"{url} is no address of a schedule, as .../comps/9/2025-2026/schedule/...")
    return found[1], found[2]


class FBrefClient:
    """The pages of FBref that we read."""

    def __init__(self, transport: Transport, base_url: str) -> None:
        self._transport, self._base_url = transport, base_url

    def schedule(self, competition: WatchedCompetition, season: str) -> Payload:
        """Fetch all fixtures of a season, as `2025-2026`."""
        page = f"{season}-{competition.fbref_slug}-Scores-and-Fixtures"
        url = f"{self._base_url}/en/comps/{competition.fbref_id}/{season}/schedule/{page}"
        return self._transport.get(url, kind="schedule", expect=Expect.HTML)

    def match(self, match_id: str) -> Payload:
        """Fetch a match's page with its figures; the name behind the id in its address is of no account."""
        return self._transport.get(
            f"{self._base_url}/en/matches/{quote(match_id, safe='')}", kind="stats", expect=Expect.HTML
        )
