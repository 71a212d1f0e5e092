"""Fetches FotMob's JSON."""

from datetime import date

from src.collectors.transport import Expect, Transport
from src.domain.payload import Payload


class FotMobClient:
    """The endpoints of FotMob that we read."""

    def __init__(self, transport: Transport, base_url: str) -> None:
        self._transport, self._base_url = transport, base_url

    def day(self, day: date) -> Payload:
        """Fetch all matches that kick off on a UTC date."""
        return self._get(f"/api/data/matches?date={day:%Y%m%d}", "day")

    def details(self, match_id: str) -> Payload:
        """Fetch one match with its figures."""
        return self._get(f"/api/data/matchDetails?matchId={match_id}", "details")

    def _get(self, path: str, kind: str) -> Payload:
        return self._transport.get(self._base_url + path, kind=kind, expect=Expect.JSON)
