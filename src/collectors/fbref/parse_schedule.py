"""Reads FBref's Scores & Fixtures pages; pure."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from lxml import etree, html

from src.collectors.fbref.page import cells_of, find, hidden_tables, match_id, read_page, squad_link, text_of
from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.core.errors import SourceChanged
from src.domain.match import Score
from src.domain.payload import Parsed, Rejected

# `sched_2025-2026_9_1`, `sched_2024_22_1`, `sched_2020-2021_110`; in `sched_3232_1` are a number of FBref's
# own for the season and a stage.
_TABLE_ID = re.compile(
    r"sched_(?P<season>\d{4}-\d{4}(?=_\d+(?:_|$))|\d{4}(?=_\d+_\d))_(?P<competition>\d+)(?:_|$)", re.ASCII
)
#: A number of FBref's own for the season may stand between, as in `/en/comps/9/3232/schedule/`.
_ADDRESS = re.compile(
    r"/en/comps/(\d+)/(?:(?P<season>\d{4}-\d{4})/|\d+/)?schedule(?:/(?P<year>\d{4}(?:-\d{4})?)-)?", re.ASCII
)
_COMPETITION = re.compile(r"/en/comps/(\d+)/", re.ASCII)
_TITLE = re.compile(r"Scores & Fixtures\s*(?P<season>\d{4}(?:-\d{4})?)?\s*(?P<name>.*?)(?:\s+Table)?")
_PAGE_TITLE = re.compile(r"(?:\d{4}(?:-\d{4})?\s+)?(.+?)\s+Scores & Fixtures\b.*")
# A dash of any length stands between the goals; those of a shoot-out are in brackets outside.
# A star leads to a note.
_SCORE = re.compile(r"(?:\((\d+)\)\s*)?(\d+)\s*[\u2010-\u2015\u2212-]\s*(\d+)\*?(?:\s*\((\d+)\))?", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Squad:
    """A team on a schedule; the id is FBref's of the squad, so men's and women's of one name differ.

    `page` is the last part of its page's address, as `Chelsea-Women-Stats`.
    """

    id: str
    name: str
    page: str
    xg: float | None


@dataclass(frozen=True, kw_only=True)
class ScheduledMatch:
    """A row of a schedule.

    `id` is None until the match has a page, `kickoff_utc` until it has a time; `day` is the venue's calendar
    day, `venue_time` the venue's clock at kick-off as `20:00`. `round` and `stage` as the page has them.
    """

    id: str | None
    competition_id: str | None
    competition: str | None
    season: str | None
    day: date | None
    kickoff_utc: datetime | None
    venue_time: str | None
    stage: str | None
    home: Squad
    away: Squad
    score: Score | None
    penalties: Score | None
    notes: str


@dataclass(frozen=True, kw_only=True)
class _Table:
    competition_id: str | None
    competition: str | None
    season: str | None


def parse_schedule(body: bytes) -> Parsed[ScheduledMatch]:
    """Read a schedule in any of its column layouts; raises SourceChanged where it has no schedule table.

    What a layout leaves out (round, week, expected goals, attendance, notes) is None or empty. A fixture in
    several tables (its stage's, the whole season's) is one row; spacers and repeated heads are none.
    """
    page = read_page(body)
    tables = [table for table in hidden_tables(page) if table.get("id", "").startswith("sched")]
    if not tables:
        raise SourceChanged("the FBref page has no table whose id begins with `sched`")
    rows: dict[object, ScheduledMatch] = {}
    rejected: list[Rejected] = []
    for table in tables:
        of = _told_by(table, page)
        for element in find(table, "./tbody/tr | ./tr"):
            cells = cells_of(element)
            if not _is_match(element, cells):
                continue
            try:
                row = _row(cells, of)
            except UNREADABLE as error:
                rejected.append(_rejected(element, cells, error))
            else:
                rows[row.id or (row.day, row.home.id, row.away.id)] = row
    return parsed(rows.values(), rejected, "the FBref schedule")


def _told_by(table: html.HtmlElement, page: html.HtmlElement) -> _Table:
    found = _TABLE_ID.match(table.get("id", ""))
    season, competition = (found["season"], found["competition"]) if found else (None, None)
    if competition is None:
        # The table of all stages (`sched_all`) and those of 2019 have neither; the page's address has both.
        for link in find(page, '//link[@rel="canonical"]'):
            if address := _ADDRESS.search(link.get("href", "")):
                competition, season = address[1], address["season"] or address["year"]
    if competition is None:
        # A round leads to the competition that it is of.
        rounds = find(table, './/*[@data-stat="round"]//a')
        found_links = (_COMPETITION.search(link.get("href", "")) for link in rounds)
        competition = next((link[1] for link in found_links if link), None)
    captions = find(table, "./caption")
    titled = _TITLE.fullmatch(text_of(captions[0])) if captions else None
    name = titled["name"] if titled else ""
    if not name:
        titles = find(page, "//title")
        of_page = _PAGE_TITLE.fullmatch(text_of(titles[0])) if titles else None
        name = of_page[1] if of_page else ""
    return _Table(competition_id=competition, competition=storable(name) or None, season=season)


def _is_match(element: html.HtmlElement, cells: Mapping[str, html.HtmlElement]) -> bool:
    # Spacers have empty cells, and heads inside the body repeat the names of the columns.
    kind = (element.get("class") or "").split()
    if "spacer" in kind or "thead" in kind or not any(text_of(cell) for cell in cells.values()):
        return False
    return "home_team" in cells and not all(cell.tag == "th" for cell in cells.values())


def _row(cells: Mapping[str, html.HtmlElement], of: _Table) -> ScheduledMatch:
    score, penalties = _score(text_of(cells.get("score")))
    kickoff, clock = _kickoff(cells.get("start_time"))
    return ScheduledMatch(
        id=_id(cells),
        competition_id=of.competition_id,
        competition=of.competition,
        season=of.season,
        day=_day(text_of(cells.get("date"))),
        kickoff_utc=kickoff,
        venue_time=clock,
        stage=_stage(cells),
        home=_squad(cells["home_team"], cells.get("home_xg")),
        away=_squad(cells["away_team"], cells.get("away_xg")),
        score=score,
        penalties=penalties,
        notes=storable(text_of(cells.get("notes"))),
    )


def _id(cells: Mapping[str, html.HtmlElement]) -> str | None:
    for name in ("score", "match_report"):
        for link in cells[name].iterfind(".//a") if name in cells else ():
            if found := match_id(link.get("href", "")):
                return found
    return None


def _stage(cells: Mapping[str, html.HtmlElement]) -> str | None:
    told = (storable(text_of(cells.get(name))) for name in ("round", "gameweek"))
    return next((text for text in told if text), None)


def _squad(cell: html.HtmlElement, xg: html.HtmlElement | None) -> Squad:
    number, name, page = squad_link(cell)
    # lxml puts a sign of its own in the place of bytes that are no UTF-8.
    if not name or "\ufffd" in name:
        raise ValueError(f"a team without a name or with a broken one: {name[:40]!r}")
    return Squad(id=number, name=storable(name), page=storable(page), xg=_expected(text_of(xg)))


def _expected(text: str) -> float | None:
    goals = float(text) if text else None
    if goals is not None and not (math.isfinite(goals) and 0 <= goals < 50):
        raise ValueError(f"not a number of expected goals: {text[:20]!r}")
    return goals


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _kickoff(cell: html.HtmlElement | None) -> tuple[datetime | None, str | None]:
    times = find(cell, ".//*[@data-venue-epoch]") if cell is not None else []
    if not times:
        return None, None
    at = datetime.fromtimestamp(int(times[0].get("data-venue-epoch", "")), UTC)
    return at, times[0].get("data-venue-time") or text_of(times[0]) or None


def _score(text: str) -> tuple[Score | None, Score | None]:
    if not text:
        return None, None
    found = _SCORE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a score: {text[:40]!r}")
    shootout = Score(home=int(found[1]), away=int(found[4])) if found[1] and found[4] else None
    return Score(home=int(found[2]), away=int(found[3])), shootout


def _rejected(element: html.HtmlElement, cells: Mapping[str, html.HtmlElement], error: Exception) -> Rejected:
    names = [text_of(cells.get(name)) for name in ("date", "home_team", "away_team")]
    return Rejected(
        key=_id(cells) or "/".join(names),
        reason=f"{type(error).__name__}: {error}",
        record=etree.tostring(element, encoding="utf-8", with_tail=False),
    )
