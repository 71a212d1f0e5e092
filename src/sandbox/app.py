"""The sandbox as an ASGI application: addresses of the three sites below one prefix each."""

import json
import re
import zlib
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any
from urllib.parse import parse_qs

from src.core.clock import Clock
from src.domain.odds import Market
from src.sandbox.pages import (
    fbref,
    fbref_match,
    fotmob,
    fotmob_details,
    titan_changes,
    titan_days,
    titan_euro,
    titan_lines,
)
from src.sandbox.world.fixture import Fixture, moment
from src.sandbox.world.index import Index, World

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_JSON = "application/json; charset=utf-8"
_HTML = "text/html; charset=utf-8"
_INDEX = """Matchbeat sandbox: three sources on one port. World: {kind}, {matches} matches.
/health
/fotmob/api/data/matches?date=YYYYMMDD
/fotmob/api/data/matchDetails?matchId=ID
/fotmob/api/data/leagues?id=ID&season=2025/2026
/fotmob/_next/data/BUILD/match/ID.json, with the BUILD that the page /fotmob/ names
/fbref/en/comps/{{comp}}/{{season}}/schedule/{{season}}-{{name}}-Scores-and-Fixtures
/fbref/en/matches/ID
/titan/days/football/Next_YYYYMMDD.htm
/titan/days/football/Over_YYYYMMDD.htm
/titan/euro/ID.js
/titan/pages/AsianOdds_n.aspx?id=ID
/titan/pages/OverDown_n.aspx?id=ID
/titan/pages/changeDetail/handicap.aspx?id=ID&companyID=BOOKMAKER
/titan/pages/changeDetail/overunder.aspx?id=ID&companyID=BOOKMAKER
"""
#: So many addresses are remembered with the time of their last change.
_MOST_ADDRESSES = 50_000
#: Titan007 answers an unknown match with status 200 and a page that says 404.
_TITAN_NOT_FOUND = "<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; one that is a payload gets an ETag and a Last-Modified, and is told once."""

    body: bytes
    media: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    is_payload: bool = False


def _not_found(what: str) -> Reply:
    return Reply(f"not in this world: {what}\n".encode(), "text/plain; charset=utf-8", 404)


def _soft_not_found() -> Reply:
    return Reply(_TITAN_NOT_FOUND.encode(), _HTML)


class Sandbox:
    """Serves one world as it stands at the clock's time."""

    def __init__(self, world: World, clock: Clock) -> None:
        self._index = Index(world)
        self._clock = clock
        self._changes: dict[str, tuple[str, datetime]] = {}
        self._routes: list[tuple[re.Pattern[str], Callable[..., Reply]]] = [
            (re.compile(r"/titan/euro/(\d{1,9})\.js"), self._euro),
            (re.compile(r"/fotmob/api/data/matches"), self._day_list),
            (re.compile(r"/fotmob/api/data/matchDetails"), self._details),
            (re.compile(r"/fotmob/api/data/leagues"), self._league),
            (re.compile(r"/fotmob/"), self._fotmob_front),
            (
                re.compile(r"/fotmob/_next/data/(\w+)/leagues/\d{1,6}/overview/[\w-]+\.json"),
                self._league_data,
            ),
            (re.compile(r"/fotmob/_next/data/(\w+)/match/(\d{1,9})\.json"), self._page_data),
            (re.compile(r"/titan/days/football/(Next|Over)_(\d{8})\.htm"), self._titan_day),
            (re.compile(r"/titan/pages/(AsianOdds|OverDown)_n\.aspx"), self._titan_page),
            (re.compile(r"/titan/pages/changeDetail/(handicap|overunder)\.aspx"), self._titan_changes),
            (re.compile(r"/fbref/en/comps/(\d{1,6})/(?:(\d{4}-\d{4})/)?schedule/[^/]*"), self._schedule),
            (re.compile(r"/fbref/en/matches/([0-9a-f]{8})(?:/[^/]*)?"), self._match_page),
            (re.compile(r"/health"), self._health),
            (re.compile(r"/"), self._front),
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection."""
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            reply = self._answer(scope)
            length = str(len(reply.body))
            headers = {"content-type": reply.media, "content-length": length, **reply.headers}
            encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
            await send({"type": "http.response.start", "status": reply.status, "headers": encoded})
            body = b"" if scope["method"] == "HEAD" or reply.status == 304 else reply.body
            await send({"type": "http.response.body", "body": body})

    def _answer(self, scope: Scope) -> Reply:
        if scope["method"] not in {"GET", "HEAD"}:
            return Reply(b"only GET and HEAD\n", "text/plain", 405, {"allow": "GET, HEAD"})
        path = scope["path"]
        for pattern, handle in self._routes:
            if found := pattern.fullmatch(path):
                now = self._clock.now()
                reply = handle(now, _query(scope), *found.groups())
                return self._validated(reply, scope, now) if reply.is_payload else reply
        return _not_found(path)

    def _validated(self, reply: Reply, scope: Scope, now: datetime) -> Reply:
        """Return the payload with its validators, or 304 where the reader has it.

        It was last modified when these bytes were first asked for; a restart forgets that.
        """
        address = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        tag = f'W/"{zlib.crc32(reply.body):08x}-{len(reply.body)}"'
        if len(self._changes) >= _MOST_ADDRESSES:
            self._changes.clear()
        if self._changes.get(address, ("",))[0] != tag:
            self._changes[address] = (tag, now)
        changed = self._changes[address][1]
        # Readers ask first: what a page shows depends on the clock.
        headers = {
            "etag": tag,
            "last-modified": format_datetime(changed.astimezone(UTC), usegmt=True),
            "cache-control": "no-cache",
        }
        if _has_it(scope, tag, changed):
            return Reply(b"", reply.media, 304, headers)
        return replace(reply, headers=headers)

    def _day_list(self, now: datetime, query: dict[str, str]) -> Reply:
        day = _day(query.get("date", ""))
        if day is None:
            return Reply(b'{"error":"date must be YYYYMMDD"}', _JSON, 400)
        body = fotmob.day_list(day, self._index.on_utc_day(day, now))
        return Reply(body, _JSON, is_payload=True)

    def _details(self, now: datetime, query: dict[str, str]) -> Reply:
        asked = query.get("matchId", "")
        fixture = self._index.by_fotmob_id.get(int(asked)) if asked.isdecimal() else None
        if fixture is None:
            return _not_found(f"FotMob match {asked!r}")
        return Reply(fotmob_details.match_details(fixture, moment(fixture, now)), _JSON, is_payload=True)

    def _league(self, now: datetime, query: dict[str, str]) -> Reply:
        asked, label = query.get("id", ""), query.get("season", "").replace("/", "-")
        number = self._index.fbref_by_fotmob.get(asked)
        found = None if number is None else self._index.season(number, label or None)
        if found is None:
            return _not_found(f"FotMob league {asked!r}, season {label or 'current'}")
        season, fixtures = found
        body = fotmob.league(season, ((fixture, moment(fixture, now)) for fixture in fixtures))
        return Reply(body, _JSON, is_payload=True)

    def _league_data(self, now: datetime, query: dict[str, str], build: str) -> Reply:
        reply = self._league(now, query)
        if build != _build(now):
            return _not_found(f"build {build!r}")
        return replace(reply, body=b'{"pageProps":%b}' % reply.body) if reply.is_payload else reply

    def _fotmob_front(self, now: datetime, _query: dict[str, str]) -> Reply:
        return Reply(fotmob.front_page(_build(now)), _HTML, is_payload=True)

    def _page_data(self, now: datetime, _query: dict[str, str], build: str, asked: str) -> Reply:
        fixture = self._index.by_fotmob_id.get(int(asked))
        if fixture is None or build != _build(now):
            return _not_found(f"FotMob match {asked!r} in build {build!r}")
        details = fotmob_details.match_details(fixture, moment(fixture, now))
        return Reply(b'{"pageProps":%b}' % details, _JSON, is_payload=True)

    def _schedule(self, now: datetime, _query: dict[str, str], competition: str, label: str | None) -> Reply:
        found = self._index.season(int(competition), label)
        if found is None:
            return _not_found(f"FBref competition {competition}, season {label or 'current'}")
        season, fixtures = found
        body = fbref.schedule(season, fixtures, now, with_xg=season != self._index.latest_season)
        return Reply(body, _HTML, is_payload=True)

    def _match_page(self, now: datetime, _query: dict[str, str], asked: str) -> Reply:
        fixture = self._index.by_fbref_id.get(asked)
        if fixture is None:
            return _not_found(f"FBref match {asked!r}")
        with_xg = fixture.season != self._index.latest_season
        body = fbref_match.match_page(fixture, moment(fixture, now), with_xg=with_xg)
        return (
            _not_found(f"FBref match {asked!r} yet") if body is None else Reply(body, _HTML, is_payload=True)
        )

    def _euro(self, now: datetime, _query: dict[str, str], asked: str) -> Reply:
        fixture = self._index.by_titan_id.get(int(asked))
        if fixture is None:
            return _soft_not_found()
        quotes = self._index.world.quotes(fixture, Market.ONE_X_TWO)
        body = titan_euro.euro_js(fixture, moment(fixture, now), quotes, now)
        return Reply(body, "application/x-javascript", is_payload=True)

    def _titan_day(self, now: datetime, _query: dict[str, str], kind: str, asked: str) -> Reply:
        day = _day(asked)
        if day is None:
            return _soft_not_found()
        seen = self._index.on_beijing_day(day, now)
        if kind == "Next":
            body = titan_days.next_list(seen, self._index)
        else:
            body = titan_days.over_list(seen, self._index)
        # No charset in the header: the page itself names it, as the site does.
        return Reply(body, "text/html", is_payload=True)

    def _titan_page(self, now: datetime, query: dict[str, str], kind: str) -> Reply:
        fixture = self._titan_match(query)
        if fixture is None:
            return _soft_not_found()
        market = Market.ASIAN_HANDICAP if kind == "AsianOdds" else Market.OVER_UNDER
        quotes = self._index.world.quotes(fixture, market)
        body = titan_lines.market_page(fixture, moment(fixture, now), quotes, now)
        return Reply(body, _HTML, is_payload=True)

    def _titan_changes(self, now: datetime, query: dict[str, str], kind: str) -> Reply:
        fixture, number = self._titan_match(query), query.get("companyID", "")
        if fixture is None or not number.isdecimal():
            return _soft_not_found()
        market = Market.ASIAN_HANDICAP if kind == "handicap" else Market.OVER_UNDER
        quotes = self._index.world.quotes(fixture, market)
        body = titan_changes.changes_page(fixture, moment(fixture, now), quotes, market, int(number), now)
        # As with the day lists, the page itself names its charset.
        return Reply(body, "text/html", is_payload=True)

    def _titan_match(self, query: dict[str, str]) -> Fixture | None:
        asked = query.get("id", "")
        return self._index.by_titan_id.get(int(asked)) if asked.isdecimal() else None

    def _health(self, now: datetime, _query: dict[str, str]) -> Reply:
        world = self._index.world
        told = {"status": "ok", "world": world.kind, "now": now.isoformat(), "matches": len(world.fixtures)}
        told |= {
            "first": world.fixtures[0].kickoff.isoformat(),
            "last": world.fixtures[-1].kickoff.isoformat(),
        }
        return Reply(json.dumps(told).encode(), _JSON)

    def _front(self, _now: datetime, _query: dict[str, str]) -> Reply:
        world = self._index.world
        text = _INDEX.format(kind=world.kind, matches=len(world.fixtures))
        return Reply(text.encode(), "text/plain; charset=utf-8")


def _build(now: datetime) -> str:
    """Return the id in the addresses of FotMob's page data; it changes with each release, here every day."""
    return f"sandbox{now:%Y%m%d}"


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _query(scope: Scope) -> dict[str, str]:
    raw = scope["query_string"]
    return {name: values[-1] for name, values in parse_qs(raw.decode("latin-1")).items()} if raw else {}


def _day(text: str) -> date | None:
    try:
        return date(int(text[:4]), int(text[4:6]), int(text[6:])) if len(text) == 8 else None
    except ValueError:
        return None


def _has_it(scope: Scope, tag: str, changed: datetime) -> bool:
    asked = dict(scope["headers"])
    if b"if-none-match" in asked:
        return tag.encode() in asked[b"if-none-match"]
    try:
        since = parsedate_to_datetime(asked.get(b"if-modified-since", b"").decode("latin-1"))
    except ValueError:
        return False
    return since.tzinfo is not None and changed.replace(microsecond=0) <= since
