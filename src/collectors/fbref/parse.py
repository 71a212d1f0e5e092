"""Reads FBref's Scores & Fixtures pages; pure."""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from lxml import etree, html

from src.core.errors import SourceChanged
from src.domain.match import Score
from src.domain.payload import Parsed, Rejected

_TABLE_ID = re.compile(r"sched_(?P<season>\d{4}(?:-\d{4})?)_(?P<competition>\d+)_|sched_all")
_MATCH = re.compile(r"/en/matches/([0-9a-f]{8})(?:/|$)")
_SQUAD = re.compile(r"/en/squads/([0-9a-f]{8})(?:/|$)")
# A dash of any length stands between the goals; those of a shoot-out are in brackets outside.
_SCORE = re.compile(r"(?:\((\d+)\)\s*)?(\d+)\s*[\u2013\u2014-]\s*(\d+)(?:\s*\((\d+)\))?")


@dataclass(frozen=True, kw_only=True)
class Squad:
    """A team on a schedule; the id is FBref's of the squad, so men's and women's differ."""

    id: str
    name: str
    xg: float | None


@dataclass(frozen=True, kw_only=True)
class ScheduledMatch:
    """A row of a schedule; `id` is None until the match has a page, `kickoff_utc` until it has a time."""

    id: str | None
    competition_id: str | None
    season: str | None
    kickoff_utc: datetime | None
    home: Squad
    away: Squad
    score: Score | None
    penalties: Score | None
    notes: str


def parse_schedule(body: bytes) -> Parsed[ScheduledMatch]:
    """Read a schedule in any of its column layouts; raises SourceChanged where it has no schedule table."""
    try:
        # FBref writes UTF-8, whatever a page says or leaves out.
        page = html.fromstring(body, parser=html.HTMLParser(encoding="utf-8"))
    except etree.ParserError as error:
        raise SourceChanged(f"the FBref page is empty: {error}") from error
    tables = _find(page, '//table[starts-with(@id, "sched")]')
    if not tables:
        raise SourceChanged("the FBref page has no table whose id begins with `sched`")
    rows: dict[object, ScheduledMatch] = {}
    rejected: list[Rejected] = []
    for table in tables:
        found = _TABLE_ID.match(table.get("id", ""))
        told = found.groupdict() if found else {}
        for element in _find(table, "./tbody/tr"):
            cells = {cell.get("data-stat", ""): cell for cell in _find(element, "./*[@data-stat]")}
            if not _is_match(cells):
                continue
            try:
                row = _row(cells, told.get("competition"), told.get("season"))
            except (KeyError, ValueError, OverflowError) as error:
                rejected.append(_rejected(element, cells, error))
            else:
                # A fixture may stand in the table of its stage and in that of the whole season.
                rows[row.id or (row.kickoff_utc, row.home.id, row.away.id)] = row
    return Parsed(rows=tuple(rows.values()), rejected=tuple(rejected))


def _find(element: html.HtmlElement, path: str) -> list[html.HtmlElement]:
    return cast("list[html.HtmlElement]", element.xpath(path))


def _is_match(cells: dict[str, html.HtmlElement]) -> bool:
    # Spacers have empty cells; header rows inside the body repeat the column names without a link.
    return "home_team" in cells and cells["home_team"].find(".//a") is not None


def _row(
    cells: dict[str, html.HtmlElement], competition_id: str | None, season: str | None
) -> ScheduledMatch:
    score, penalties = _score(_text(cells.get("score")))
    return ScheduledMatch(
        id=_match_id(cells),
        competition_id=competition_id,
        season=season,
        kickoff_utc=_kickoff(cells.get("start_time")),
        home=_squad(cells["home_team"], cells.get("home_xg")),
        away=_squad(cells["away_team"], cells.get("away_xg")),
        score=score,
        penalties=penalties,
        notes=_text(cells.get("notes")),
    )


def _match_id(cells: dict[str, html.HtmlElement]) -> str | None:
    for name in ("score", "match_report"):
        for link in cells[name].iterfind(".//a") if name in cells else ():
            if found := _MATCH.search(link.get("href", "")):
                return found[1]
    return None


def _squad(cell: html.HtmlElement, xg: html.HtmlElement | None) -> Squad:
    for link in cell.iterfind(".//a"):
        if found := _SQUAD.search(link.get("href", "")):
            return Squad(id=found[1], name=_text(link), xg=_expected(_text(xg)))
    raise ValueError("a team without a link to its squad")


def _expected(text: str) -> float | None:
    goals = float(text) if text else None
    if goals is not None and not math.isfinite(goals):
        raise ValueError(f"not a number of goals: {text!r}")
    return goals


def _kickoff(cell: html.HtmlElement | None) -> datetime | None:
    times = _find(cell, ".//*[@data-venue-epoch]") if cell is not None else []
    return datetime.fromtimestamp(int(times[0].get("data-venue-epoch", "")), UTC) if times else None


def _score(text: str) -> tuple[Score | None, Score | None]:
    if not text:
        return None, None
    found = _SCORE.fullmatch(text)
    if found is None:
        raise ValueError(f"not a score: {text!r}")
    shootout = Score(home=int(found[1]), away=int(found[4])) if found[1] and found[4] else None
    return Score(home=int(found[2]), away=int(found[3])), shootout


def _text(element: html.HtmlElement | None) -> str:
    return " ".join(element.text_content().split()) if element is not None else ""


def _rejected(element: html.HtmlElement, cells: dict[str, html.HtmlElement], error: Exception) -> Rejected:
    names = [_text(cells.get(name)) for name in ("date", "home_team", "away_team")]
    return Rejected(
        key=_match_id(cells) or "/".join(names),
        reason=f"{type(error).__name__}: {error}",
        record=etree.tostring(element, encoding="utf-8"),
    )
