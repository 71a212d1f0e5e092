"""Reads the history of a bookmaker's line (`handicap.aspx`, `overunder.aspx` of `changeDetail`); pure."""

import re
from dataclasses import dataclass
from datetime import datetime

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.titan007.line_names import line_of
from src.collectors.titan007.parse_lines import Line, hong_kong
from src.collectors.titan007.text import decode, nearest_year, plain, refused
from src.collectors.wholeness import check_whole
from src.core.errors import SourceChanged
from src.domain.odds import Market
from src.domain.payload import Parsed, Rejected

_ROW = re.compile(r"<tr\b[^<>]*+>(.*?)(?=<tr\b|</table|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<t[dh]\b([^<>]*+)>(.*?)</t[dh]>", re.IGNORECASE | re.DOTALL)
_SPAN = re.compile(r"\bcolspan\s*=\s*['\"]?(\d)", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")
_SEALED = "封"
_CHANGED, _STATE, _LINE_HEAD = "变化时间", "状态", re.compile(r"盘口?")

#: Whose prices stand left of a total's line; of a handicap's it is the home team, which may be 大阪.
_OVER = {"大", "大球"}

#: Early, first, current and in play, as the last column says.
_STATES = {"早": False, "初": False, "即": False, "滚": True}


@dataclass(frozen=True, kw_only=True)
class Change:
    """A line from `at` on (UTC); None while it was sealed. `goals` above 0: the home side gives."""

    at: datetime
    line: Line | None
    in_play: bool


@dataclass(frozen=True, kw_only=True)
class Changes:
    """The changes of a bookmaker's line on a market, oldest first; the page does not name the bookmaker."""

    market: Market
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class _Columns:
    line: int
    changed: int
    state: int
    width: int


def parse_changes(body: bytes, near: datetime) -> Parsed[Changes]:
    """Read a history; its times have no year and take that next to `near` (UTC).

    Raises BadData where it is cut short or no text of ours, SourceChanged where it has no such table.
    """
    check_whole(body, "the Titan007 history")
    columns: _Columns | None = None
    market = Market.ASIAN_HANDICAP
    changes: list[Change] = []
    rejected: list[Rejected] = []
    for number, found in enumerate(_ROW.finditer(decode(body))):
        cells = _cells(found[1])
        if columns is None:
            columns = _columns(cells)
            if columns is not None and cells[columns.line - 1] in _OVER:
                market = Market.OVER_UNDER
            continue
        if not any(cells):
            continue
        try:
            changes.append(_change(cells, columns, near))
        except UNREADABLE as error:
            rejected.append(refused(f"row {number}", error, found[0]))
    if columns is None:
        raise SourceChanged(f"the Titan007 history has no table with the columns {_CHANGED} and {_STATE}")
    # The page has the newest first, and times have no seconds.
    changes.reverse()
    changes.sort(key=lambda change: change.at)
    told = [Changes(market=market, changes=tuple(changes))] if changes or not rejected else []
    return parsed(told, rejected, "the Titan007 history")


def _cells(row: str) -> list[str]:
    texts: list[str] = []
    for tag, inner in _CELL.findall(row):
        span = _SPAN.search(tag)
        texts += [plain(inner)] * (int(span[1]) if span else 1)
    return texts


def _columns(cells: list[str]) -> _Columns | None:
    lines = [place for place, text in enumerate(cells) if _LINE_HEAD.fullmatch(text)]
    if _CHANGED not in cells or _STATE not in cells or not lines or lines[0] == 0:
        return None
    return _Columns(lines[0], cells.index(_CHANGED), cells.index(_STATE), len(cells))


def _change(cells: list[str], columns: _Columns, near: datetime) -> Change:
    if len(cells) != columns.width:
        raise ValueError(f"{len(cells)} cells instead of {columns.width}")
    found = _TIME.fullmatch(cells[columns.changed])
    if found is None:
        raise ValueError(f"not a change's time: {cells[columns.changed][:20]!r}")
    state = cells[columns.state]
    if state not in _STATES:
        raise ValueError(f"not a state of a price: {state[:20]!r}")
    month, day, hour, minute = map(int, found.groups())
    first, goals, second = cells[columns.line - 1 : columns.line + 2]
    sealed = _SEALED in first + goals + second
    return Change(
        at=nearest_year(month, day, hour, minute, near),
        line=None if sealed else Line(first=hong_kong(first), goals=line_of(goals), second=hong_kong(second)),
        in_play=_STATES[state],
    )
