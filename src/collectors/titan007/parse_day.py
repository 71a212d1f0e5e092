"""Reads Titan007's day lists; pure."""

import re
from dataclasses import dataclass
from datetime import date, datetime

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.collectors.titan007.text import attributes, decode, nearest_month, nearest_year, plain, refused
from src.collectors.wholeness import check_whole
from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected

_ROW = re.compile(r"<tr\b([^<>]*+)>(.*?)(?=<tr\b|</table|\Z)", re.IGNORECASE | re.DOTALL)
_ROW_ID = re.compile(r"tr1_\d+")
_CELL = re.compile(r"<td\b[^<>]*+>(.*?)</td>", re.IGNORECASE | re.DOTALL)
_MARKS = re.compile(r"<span[^>]*\bname=['\"]?(?:order|yellow|red)\b.*?</span>", re.IGNORECASE | re.DOTALL)
_DAY_TIME = re.compile(r"(\d{1,2})日\s*(\d{1,2}):(\d{2})")
_MONTH_DAY_TIME = re.compile(r"(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")
_SCORE = re.compile(r"(\d{1,2})\s*-\s*(\d{1,2})", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class ListedMatch:
    """A match of a list; names are Chinese, `state` is what the list says (`完`, `推迟`, empty).

    `league_id` is of Titan007's leagues or of its cups, which have numbers of their own. `score` is what the
    list shows; it does not tell whether extra time is in it.
    """

    id: str
    league_id: str
    league: str
    kickoff_utc: datetime
    state: str
    home: str
    away: str
    home_id: str | None = None
    away_id: str | None = None
    season: str | None = None
    score: tuple[int, int] | None = None


def parse_day(body: bytes, day: date) -> Parsed[ListedMatch]:
    """Read the day list of a Beijing date, which its times lean on.

    Raises BadData where it is cut short, SourceChanged where it is no list.
    """
    check_whole(body, "the Titan007 day list")
    text = decode(body)
    if "<table" not in text.lower():
        raise SourceChanged("the Titan007 day list has no table")
    rows: dict[str, ListedMatch] = {}
    rejected: list[Rejected] = []
    for found in _ROW.finditer(text):
        tag = attributes(found[1])
        if "sid" not in tag and not _ROW_ID.match(tag.get("id", "")):
            continue
        try:
            row = _listed(tag, found[2], day)
        except UNREADABLE as error:
            rejected.append(refused(tag.get("sid") or tag.get("id") or "?", error, found[0]))
        else:
            rows[row.id] = row
    return parsed(rows.values(), rejected, "the Titan007 day list")


def _listed(tag: dict[str, str], inner: str, day: date) -> ListedMatch:
    cells = _CELL.findall(inner)
    match_id = tag["sid"]
    if not re.fullmatch(r"[0-9]{1,12}", match_id):
        raise ValueError(f"not a match id: {match_id[:40]!r}")
    home, away = _team(cells[3]), _team(cells[5])
    if not home or not away:
        raise ValueError("a team without a name")
    return ListedMatch(
        id=match_id,
        league_id=storable(tag["name"].split(",")[0]),
        league=storable(plain(cells[0])),
        kickoff_utc=_kickoff(plain(cells[1]), day),
        state=storable(plain(cells[2])),
        home=home,
        away=away,
        score=score_of(plain(cells[4])),
    )


def _team(cell: str) -> str:
    return storable(plain(_MARKS.sub("", cell)))


def score_of(text: str) -> tuple[int, int] | None:
    """Return the score of `0-3`; None for the lone dash of a match without one."""
    if text.strip() in {"", "-"}:
        return None
    found = _SCORE.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"not a score: {text[:20]!r}")
    return int(found[1]), int(found[2])


def _kickoff(text: str, day: date) -> datetime:
    if found := _DAY_TIME.search(text):
        of_month, hour, minute = map(int, found.groups())
        return nearest_month(of_month, hour, minute, day)
    if found := _MONTH_DAY_TIME.search(text):
        month, of_month, hour, minute = map(int, found.groups())
        noon = nearest_month(day.day, 12, 0, day)
        return nearest_year(month, of_month, hour, minute, noon)
    raise ValueError(f"not a kick-off time: {text[:40]!r}")
