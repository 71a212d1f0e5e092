"""Fetches FotMob's JSON, by its API or by its pages' data, whichever answers."""

from collections.abc import Callable
from datetime import date
from threading import Lock
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from src.collectors.fotmob.page import build_id, redirect
from src.collectors.fotmob.parse_league import season as season_told
from src.collectors.transport import Expect, Transport
from src.core.errors import BadData, SourceChanged
from src.core.logging import get_logger
from src.domain.payload import Payload

log = get_logger(__name__)


def asked_league(url: str) -> tuple[str, str | None]:
    """Return the competition's id and the season that a league's address asks for; raises BadData.

    The season is as `2025-2026`, None where the current one is asked for.
    """
    asked = parse_qs(urlsplit(url).query)
    if "id" not in asked:
        raise BadData(f"{url} is no address of a league, as .../leagues?id=47")
    return asked["id"][0], season_told(asked.get("season", [None])[0])


class FotMobClient:
    """What we read of FotMob; safe for use by the threads of a pool.

    Leagues and details come by the JSON API or by `/_next/data/{buildId}/…json`: the way that answered last
    is asked first, and the other one where it answers 404 or 403. Where neither answers, the error is that
    of the way asked first.
    """

    def __init__(self, transport: Transport, base_url: str) -> None:
        self._transport, self._base_url = transport, base_url
        self._lock = Lock()
        self._build_id: str | None = None
        self._by_page = False

    def day(self, day: date) -> Payload:
        """Fetch all matches that kick off on a UTC date."""
        return self._json(f"/api/data/matches?date={day:%Y%m%d}", "day")

    def league(self, competition_id: str, slug: str, season: str | None = None) -> Payload:
        """Fetch a competition's matches of a season as `2025-2026`, by default the current one.

        `slug` is the name of the league in FotMob's addresses.
        """
        asked = {"season": season.replace("-", "/")} if season else {}
        query = urlencode({"id": competition_id} | asked)
        page = f"/leagues/{quote(competition_id)}/overview/{quote(slug)}.json?{query}"
        return self._either(f"/api/data/leagues?{query}", page, "league")

    def details(self, match_id: str) -> Payload:
        """Fetch one match with its figures."""
        query = urlencode({"matchId": match_id})
        return self._either(f"/api/data/matchDetails?{query}", f"/match/{quote(match_id)}.json", "details")

    def _either(self, api: str, page: str, kind: str) -> Payload:
        ways: list[Callable[[], Payload]] = [
            lambda: self._json(api, kind),
            lambda: self._page_data(page, kind),
        ]
        by_page = self._by_page
        first, second = (ways[1], ways[0]) if by_page else (ways[0], ways[1])
        try:
            return first()
        except SourceChanged as error:
            try:
                payload = second()
            except SourceChanged:
                raise error from None
        log.info("fotmob_other_way", by_page=not by_page, kind=kind)
        self._by_page = not by_page
        return payload

    def _page_data(self, path: str, kind: str) -> Payload:
        payload = self._of_build(path, kind)
        # Some addresses only know where the page is.
        target = redirect(payload.body)
        if target is None:
            return payload
        _, mark, query = path.partition("?")
        return self._of_build(f"{target}.json{mark}{query}", kind)

    def _of_build(self, path: str, kind: str) -> Payload:
        build = self._build(stale=None)
        try:
            return self._json(f"/_next/data/{build}{path}", kind)
        except SourceChanged:
            # Each release of the site has a new id, and takes the data of the old one away.
            renewed = self._build(stale=build)
            if renewed == build:
                raise
            return self._json(f"/_next/data/{renewed}{path}", kind)

    def _build(self, stale: str | None) -> str:
        with self._lock:
            if self._build_id is None or self._build_id == stale:
                page = self._transport.get(f"{self._base_url}/", kind="page", expect=Expect.HTML)
                self._build_id = build_id(page.body)
            return self._build_id

    def _json(self, path: str, kind: str) -> Payload:
        return self._transport.get(self._base_url + path, kind=kind, expect=Expect.JSON)
