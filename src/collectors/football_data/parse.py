"""Reads football-data.co.uk's season files; pure."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from math import isfinite
from typing import TypedDict

from src.collectors.football_data.columns import TOTAL, PriceColumns, first_places, price_columns
from src.collectors.football_data.divisions import division_of
from src.collectors.text import storable, text_in
from src.core.errors import BadData, SourceChanged
from src.domain.match import Score
from src.domain.odds import Market
from src.domain.payload import Parsed, Rejected

NEEDED = ("Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG")

#: Other names of columns: those of the files of a country's one league, and of some early seasons.
_OTHER_NAMES = {
    "Home": "HomeTeam", "HT": "HomeTeam", "Away": "AwayTeam", "AT": "AwayTeam",
    "HG": "FTHG", "AG": "FTAG", "Res": "FTR",
}  # fmt: skip
_LINE_END = re.compile(r"\r\n|\n|\r")
#: A season as the files of a country's one league tell it.
_SEASON = re.compile(r"(\d{4})(?:/(\d{4}))?", re.ASCII)
#: From 2026/27 on; all other figures are counts.
EXPECTED_GOALS = "expected_goals"
#: Figures by our key, with the columns of the home and the away side.
FIGURES = {
    "shots": ("HS", "AS"),
    "shots_on_target": ("HST", "AST"),
    "fouls": ("HF", "AF"),
    "corners": ("HC", "AC"),
    "yellow_cards": ("HY", "AY"),
    "red_cards": ("HR", "AR"),
    EXPECTED_GOALS: ("HxG", "AxG"),
}
_LARGEST_PRICE = 1001
#: A league match is never laid further; a cell beyond is another column's price, slipped by one.
_LARGEST_HANDICAP = 5.0
#: A season has a few hundred goals; a count beyond this is another column's figure.
_LARGEST_COUNT = 100
_LARGEST_EXPECTED = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedMarket:
    """One bookmaker's decimal prices on one market; a `line` below 0 means that the home side gives."""

    code: str
    market: Market
    closing: bool
    line: float | None
    prices: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """A row of a file. `time` is the United Kingdom's for every league, None where the file has none.

    `figures` are (home, away) by key, as `shots`; what the file leaves out is not in it. `season` (`2012` or
    `2012-2013`) and `league` are told by the files of a country's one league alone.
    """

    line: int
    division: str
    season: str | None = None
    league: str | None = None
    date: date
    time: time | None
    home: str
    away: str
    score: Score
    half_time: Score | None
    figures: dict[str, tuple[float, float]]
    markets: tuple[PricedMarket, ...]


def parse_history(body: bytes, file: str = "history.csv") -> Parsed[HistoryRow]:
    """Read a season's file, whatever columns it has.

    A row that cannot be read is rejected whole (key `file:line`); a price that cannot be is rejected alone
    (key `file:line:column`), and its row stays. Raises SourceChanged where a needed column is missing, and
    BadData where the file is no CSV at all; all name file, line, column and value.
    """
    head, *lines = _LINE_END.split(_text(body))
    layout = _Layout(file, _header(_cells(file, 1, head)))
    rows: list[HistoryRow] = []
    rejected: list[Rejected] = []
    for number, line in enumerate(lines, 2):
        try:
            cells = _cells(file, number, line)
        except BadData as error:
            rejected.append(
                Rejected(
                    key=f"{file}:{number}", reason=str(error), record=line.encode("utf-8", "surrogateescape")
                )
            )
            continue
        if any(map(str.strip, cells)):
            _read(layout, number, cells, rows, rejected)
    return Parsed(rows=tuple(rows), rejected=tuple(rejected))


def _cells(file: str, number: int, line: str) -> list[str]:
    """Return a line's cells; a lone quotation mark takes no other line with it."""
    try:
        return next(csv.reader([line]), [])
    except csv.Error as error:
        raise BadData(f"{file}, line {number}: {error}") from error


def _text(body: bytes) -> str:
    text = text_in("utf-8", body)
    if text is None:
        text = body.decode("cp1252", errors="replace")  # the older files are not in UTF-8
    # A program that took the mark at the begin for text writes it as such.
    return text.removeprefix("\u00ef\u00bb\u00bf")


def _header(cells: Sequence[str]) -> list[str]:
    """Return the names of the columns, by their usual names."""
    names = [cell.strip() for cell in cells]
    return [_OTHER_NAMES[name] if _OTHER_NAMES.get(name, name) not in names else name for name in names]


class _Competition(TypedDict):
    division: str
    season: str | None
    league: str | None


class _Layout:
    """Where things stand in the rows of one file."""

    def __init__(self, file: str, header: Sequence[str]) -> None:
        self.one_league = "Div" not in header and "Country" in header
        divisions = ("Country", "League", "Season") if self.one_league else ("Div",)
        missing = [name for name in (*divisions, *NEEDED) if name not in header]
        if missing:
            raise SourceChanged(f"{file}, line 1: column {missing[0]} is missing among {len(header)} columns")
        self.file, self.width = file, len(header)
        self.places = first_places(header)
        self.prices = price_columns(header, all_closing=self.one_league)
        self.figures = {
            key: (home, away)
            for key, (home, away) in FIGURES.items()
            if home in self.places and away in self.places
        }


class _Row:
    """One line's cells; its errors name file, line, column and value."""

    def __init__(self, layout: _Layout, line: int, cells: Sequence[str]) -> None:
        self.layout, self.line, self.cells = layout, line, cells

    def text(self, column: str) -> str:
        place = self.layout.places.get(column)
        return "" if place is None else self.cells[place].strip()

    def needed(self, column: str) -> str:
        value = self.text(column)
        if not value:
            raise self.wrong(column, "a value")
        try:
            return storable(value)
        except ValueError:
            raise self.wrong(column, "storable text") from None

    def count(self, column: str) -> int | None:
        """Return a cell as a whole number from 0; some files write `14.0`."""
        value = self.text(column)
        if not value:
            return None
        number = _number(value)
        if number is None or not 0 <= number <= _LARGEST_COUNT or number != int(number):
            raise self.wrong(column, f"a whole number from 0 to {_LARGEST_COUNT}")
        return int(number)

    def expected(self, column: str) -> float | None:
        """Return a cell as a number of expected goals."""
        value = self.text(column)
        number = _number(value) if value else None
        if value and (number is None or not 0 <= number <= _LARGEST_EXPECTED):
            raise self.wrong(column, f"a number from 0 to {_LARGEST_EXPECTED}")
        return number

    def score(self, home: str, away: str) -> Score | None:
        goals = self.count(home), self.count(away)
        if goals[0] is None or goals[1] is None:
            return None
        return Score(home=goals[0], away=goals[1])

    def wrong(self, column: str, expected: str) -> BadData:
        found = self.text(column)[:40]
        return BadData(f"{self.layout.file}, line {self.line}, column {column}: {found!r} is not {expected}")

    def rejected(self, error: Exception, column: str = "") -> Rejected:
        key = f"{self.layout.file}:{self.line}" + (f":{column}" if column else "")
        record = ",".join(self.cells).encode("utf-8", "surrogateescape")
        return Rejected(key=key, reason=str(error), record=record)


def _read(
    layout: _Layout, line: int, cells: Sequence[str], rows: list[HistoryRow], rejected: list[Rejected]
) -> None:
    row = _Row(layout, line, cells)
    slips: list[Rejected] = []
    try:
        if len(cells) < layout.width or any(map(str.strip, cells[layout.width :])):
            raise BadData(  # noqa: TRY301 - one place makes rejected records of errors
                f"{layout.file}, line {line}: {len(cells)} cells under {layout.width} columns; "
                f"the last one is {cells[-1][:40]!r}"
            )
        read = _row(row, slips)
    except BadData as error:
        rejected.append(row.rejected(error))
    else:
        rows.append(read)
        rejected += slips


def _row(row: _Row, slips: list[Rejected]) -> HistoryRow:
    score = row.score("FTHG", "FTAG")
    if score is None:
        raise row.wrong("FTHG" if not row.text("FTHG") else "FTAG", "a number of goals")
    half_time = row.score("HTHG", "HTAG")
    if half_time is not None and half_time.home > score.home:
        raise row.wrong("HTHG", f"possible before {score.home} at the end")
    if half_time is not None and half_time.away > score.away:
        raise row.wrong("HTAG", f"possible before {score.away} at the end")
    told, result = row.text("FTR"), _result(score)
    if told not in ("", result):
        raise row.wrong("FTR", f"the result of {score.home}-{score.away}")
    return HistoryRow(
        line=row.line,
        **_competition(row),
        date=_date(row),
        time=_time(row),
        home=row.needed("HomeTeam"),
        away=row.needed("AwayTeam"),
        score=score,
        half_time=half_time,
        figures=dict(_figures(row)),
        markets=tuple(_markets(row, slips)),
    )


def _competition(row: _Row) -> _Competition:
    if not row.layout.one_league:
        return {"division": row.needed("Div"), "season": None, "league": None}
    league = " ".join(row.needed("League").split())
    found = _SEASON.fullmatch(row.needed("Season"))
    if found is None:
        raise row.wrong("Season", "a season as 2025 or 2025/2026")
    return {
        "division": division_of(row.needed("Country"), league),
        "season": "-".join(filter(None, found.groups())),
        "league": league,
    }


def _result(score: Score) -> str:
    return "D" if score.home == score.away else "H" if score.home > score.away else "A"


def _date(row: _Row) -> date:
    found = _day(row.needed("Date"))
    if found is None:
        raise row.wrong("Date", "a date as dd/mm/yy or dd/mm/yyyy")
    return found


@lru_cache(maxsize=4096)
def _day(text: str) -> date | None:
    form = "%d/%m/%Y" if len(text) == 10 else "%d/%m/%y"
    try:
        return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None


def _time(row: _Row) -> time | None:
    text = row.text("Time")
    if not text:
        return None
    found = _clock(text)
    if found is None:
        raise row.wrong("Time", "a time as hh:mm")
    return found


@lru_cache(maxsize=1440)
def _clock(text: str) -> time | None:
    try:
        return datetime.strptime(text, "%H:%M").time()  # noqa: DTZ007 - the zone is the mapping's matter
    except ValueError:
        return None


def _figures(row: _Row) -> Iterator[tuple[str, tuple[float, float]]]:
    for key, (home, away) in row.layout.figures.items():
        read = row.expected if key == EXPECTED_GOALS else row.count
        figures = read(home), read(away)
        if figures[0] is not None and figures[1] is not None:
            yield key, (figures[0], figures[1])


def _markets(row: _Row, slips: list[Rejected]) -> Iterator[PricedMarket]:
    for columns in row.layout.prices:
        texts = [row.cells[place].strip() for place in columns.prices]
        if not any(texts):
            continue
        try:
            yield PricedMarket(
                code=columns.code,
                market=columns.market,
                closing=columns.closing,
                line=_line(row, columns),
                prices=_prices(row, columns, texts),
            )
        except BadData as error:
            slips.append(row.rejected(error, columns.name))


def _prices(row: _Row, columns: PriceColumns, texts: Sequence[str]) -> tuple[float, ...]:
    prices = []
    for place, text in zip(columns.prices, texts, strict=True):
        price = _number(text)
        if price is None or not 1 < price <= _LARGEST_PRICE:
            raise row.wrong(_column(row, place), "a price above 1")
        prices.append(price)
    return tuple(prices)


def _line(row: _Row, columns: PriceColumns) -> float | None:
    if columns.market is Market.ONE_X_TWO:
        return None
    if columns.line is None:
        return TOTAL
    line = _number(row.cells[columns.line].strip())
    if line is None or line * 4 % 1 or abs(line) > _LARGEST_HANDICAP:
        raise row.wrong(_column(row, columns.line), "a handicap in quarters of a goal")
    return line + 0.0  # no minus zero


def _column(row: _Row, place: int) -> str:
    return next(name for name, found in row.layout.places.items() if found == place)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
