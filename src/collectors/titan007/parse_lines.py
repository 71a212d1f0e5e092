"""Reads Titan007's Asian handicap and over/under pages; pure."""

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.collectors.titan007.text import attributes, beijing_time, decode, plain
from src.collectors.wholeness import check_whole
from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected

_TABLE = re.compile(r"<table\b[^>]*\bid=['\"]?odds\b", re.IGNORECASE)
_ROW = re.compile(r"<tr\b([^<>]*+)>(.*?)(?=<tr\b|</table|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<td\b([^<>]*+)>(.*?)</td>", re.IGNORECASE | re.DOTALL)
_COMPANY = re.compile(r"(?:\bdata-id|\bcompanyID)\s*=\s*['\"]?(\d{1,9})", re.IGNORECASE)
_SEALED = "封"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line with its Hong Kong prices; `goals` as the page has it: above 0 the home side gives."""

    first: float
    goals: float
    second: float


@dataclass(frozen=True, kw_only=True)
class LineRow:
    """One bookmaker's line: `opening`, `last` as shown now (in play once it runs), `whole` before kick-off.

    `rank` is 1 for the main line and grows with the hidden rows below it. A part that is sealed or absent
    is None; `sealed` is whether what is shown now is. `opened_at` is UTC.
    """

    bookmaker: str
    name: str
    rank: int
    opening: Line | None
    opened_at: datetime | None
    last: Line | None
    whole: Line | None
    sealed: bool


def parse_lines(body: bytes) -> Parsed[LineRow]:
    """Read an AsianOdds or OverDown page; raises BadData where it is cut short, or SourceChanged."""
    check_whole(body, "the Titan007 page")
    text = decode(body)
    table = _TABLE.search(text)
    if table is None:
        raise SourceChanged("the Titan007 page has no table `odds`")
    rows: list[LineRow] = []
    rejected: list[Rejected] = []
    ranks: Counter[str] = Counter()
    for found in _ROW.finditer(text, table.end()):
        cells = _CELL.findall(found[2])
        if not _has_prices(cells):
            continue
        company = _COMPANY.search(found[0])
        number = company[1] if company else "?"
        ranks[number] += 1
        try:
            if company is None:
                raise ValueError("a line without a bookmaker")
            rows.append(_line_row(number, ranks[number], cells))
        except UNREADABLE as error:
            reason = f"{type(error).__name__}: {error}"
            rejected.append(
                Rejected(key=f"{number}#{ranks[number]}", reason=reason, record=found[0].encode())
            )
    return parsed(rows, rejected, "the Titan007 page")


def _has_prices(cells: list[tuple[str, str]]) -> bool:
    # The empty hidden row under a main line, header rows and spacers have neither line nor sealed cell.
    return any(
        "goals" in tag.lower() or "oddstype" in tag.lower() or _SEALED in inner for tag, inner in cells
    )


def _line_row(company: str, rank: int, cells: list[tuple[str, str]]) -> LineRow:
    parts: dict[str, list[tuple[dict[str, str], str]]] = {"opening": [], "wholelastodds": [], "wholeodds": []}
    unnamed = []
    for tag, inner in cells:
        names = attributes(tag)
        part = names.get("oddstype", "opening" if "title" in names else "").lower()
        if part in parts:
            parts[part].append((names, plain(inner)))
        elif "goals" in names or _SEALED in inner:
            unnamed.append(part)
    if unnamed or not any(parts.values()):
        raise ValueError("a line that is neither the opening, the present nor the last one before kick-off")
    opening = parts["opening"]
    return LineRow(
        bookmaker=company,
        name=storable(_name(cells)),
        rank=rank,
        opening=_line(opening),
        opened_at=beijing_time(opening[0][0]["title"]) if opening and opening[0][0]["title"] else None,
        last=_line(parts["wholelastodds"]),
        whole=_line(parts["wholeodds"]),
        sealed=any(_SEALED in text for _, text in parts["wholelastodds"]),
    )


def _name(cells: list[tuple[str, str]]) -> str:
    named = [plain(inner) for tag, inner in cells[:3] if "<input" not in inner.lower()]
    return next((name for name in named if name), "")


def _line(cells: list[tuple[dict[str, str], str]]) -> Line | None:
    texts = [text for _, text in cells]
    if not cells or any(_SEALED in text for text in texts) or not any(texts):
        return None
    if len(cells) != 3:
        raise ValueError(f"a line of {len(cells)} cells instead of 3")
    return Line(first=hong_kong(texts[0]), goals=_goals(cells[1][0]["goals"]), second=hong_kong(texts[2]))


def _goals(text: str) -> float:
    goals = float(text)
    if not math.isfinite(goals):
        raise ValueError(f"not a line: {text!r}")
    return goals


def hong_kong(text: str) -> float:
    """Return a Hong Kong price: what a stake of 1 wins, without the stake."""
    price = float(text)
    if not 0 < price <= 50:
        raise ValueError(f"not a Hong Kong price: {text[:20]!r}")
    return price
