"""Reads Titan007's Asian handicap and over/under pages; pure."""

import math
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.collectors.titan007.text import attributes, beijing_time, decode, plain, refused
from src.collectors.wholeness import check_whole
from src.core.errors import SourceChanged
from src.domain.payload import Parsed, Rejected

_TABLE = re.compile(r"<table\b[^>]*\bid=['\"]?odds\b", re.IGNORECASE)
_ROW = re.compile(r"<tr\b([^<>]*+)>(.*?)(?=<tr\b|</table|\Z)", re.IGNORECASE | re.DOTALL)
_CELL = re.compile(r"<td\b([^<>]*+)>(.*?)</td>", re.IGNORECASE | re.DOTALL)
_PRICED = re.compile(r"<td\b[^<>]*\bgoals\s*=", re.IGNORECASE)
_COMPANY = re.compile(r"(?:\bdata-id|\bcompanyID)\s*=\s*['\"]?(\d{1,9})", re.IGNORECASE)
_SEALED = "封"
_PRICE = re.compile(r"\d{1,2}\.\d{1,3}", re.ASCII)

_Cell = tuple[dict[str, str], str]


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
    is None; `sealed` is whether what is shown now is, prices or not. `opened_at` is UTC, None where the page
    does not tell it.
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
    """Read an AsianOdds or OverDown page; raises BadData where it is cut short, or SourceChanged.

    A bookmaker's row whose prices have none of the marks that tell which ones they are is rejected.
    """
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
        company = _COMPANY.search(found[0])
        if not _has_prices(cells) and not (company and _has_bare_prices(cells)):
            continue
        number = company[1] if company else "?"
        ranks[number] += 1
        try:
            if company is None:
                raise ValueError("a line without a bookmaker")
            rows.append(_line_row(number, ranks[number], cells))
        except UNREADABLE as error:
            rejected.append(refused(f"{number}#{ranks[number]}", error, found[0]))
    if not rows and not rejected and _PRICED.search(text, table.end()):
        raise SourceChanged("the Titan007 page has prices, and no rows that they stand in")
    return parsed(rows, rejected, "the Titan007 page")


def _has_bare_prices(cells: list[tuple[str, str]]) -> bool:
    return sum(bool(_PRICE.fullmatch(plain(inner))) for _, inner in cells) >= 2


def _has_prices(cells: list[tuple[str, str]]) -> bool:
    # The empty hidden row under a main line, header rows and spacers have neither line nor sealed cell.
    return any(
        "goals" in tag.lower() or "oddstype" in tag.lower() or _SEALED in inner for tag, inner in cells
    )


def _line_row(company: str, rank: int, cells: list[tuple[str, str]]) -> LineRow:
    parts: dict[str, list[_Cell]] = {"opening": [], "wholelastodds": [], "wholeodds": []}
    others: list[_Cell] = []
    for tag, inner in cells:
        names = attributes(tag)
        part = names.get("oddstype", "opening" if "title" in names else "").lower()
        parts.get(part, others).append((names, plain(inner)))
    parts["opening"] = parts["opening"] or _untimed(others)
    lines = [cell for cell in others if "goals" in cell[0] or (_SEALED in cell[1] and "colspan" in cell[0])]
    if any(cell not in parts["opening"] for cell in lines) or not any(parts.values()):
        raise ValueError("a line that is neither the opening, the present nor the last one before kick-off")
    opening = parts["opening"]
    return LineRow(
        bookmaker=company,
        name=storable(_name(cells)),
        rank=rank,
        opening=_line(opening),
        opened_at=beijing_time(opening[0][0]["title"]) if opening and opening[0][0].get("title") else None,
        last=_line(parts["wholelastodds"]),
        whole=_line(parts["wholeodds"]),
        # The mark stands in place of the prices, or behind the bookmaker's name while they are still shown.
        sealed=any(_SEALED in text for _, text in parts["wholelastodds"] + others),
    )


def _untimed(cells: list[_Cell]) -> list[_Cell]:
    """Return the opening line among cells that nothing marks but the line's own goals."""
    place = next((n for n, (names, _) in enumerate(cells) if "goals" in names and "oddstype" not in names), 0)
    return cells[place - 1 : place + 2] if place else []


def _name(cells: list[tuple[str, str]]) -> str:
    named = [
        plain(inner).replace(_SEALED, "").strip() for _, inner in cells[:3] if "<input" not in inner.lower()
    ]
    return next((name for name in named if name), "")


def _line(cells: list[_Cell]) -> Line | None:
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
