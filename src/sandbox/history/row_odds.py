"""The prices in a row of a football-data.co.uk file, under the column names of its season."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

from src.core.errors import Misconfigured
from src.domain.odds import Market
from src.sandbox.world.bookmakers import BY_PREFIX
from src.sandbox.world.quotes import Prices, Quote


@dataclass(frozen=True, slots=True)
class PricedRow:
    """One line of a file, its cells by column name."""

    path: Path
    line: int
    cells: dict[str, str]

    def text(self, column: str) -> str:
        """Return a cell without blanks around it, empty where the column is absent."""
        return self.cells.get(column, "").strip()

    def needed(self, column: str) -> str:
        """Return a cell that must not be empty."""
        value = self.text(column)
        if not value:
            raise self.wrong(column, "a value")
        return value

    def count(self, column: str, default: int | None = None) -> int:
        """Return a cell as a count from 0; an empty one is `default`, or an error without one."""
        value = self.text(column) if default is not None else self.needed(column)
        if not value and default is not None:
            return default
        try:
            number = float(value)
        except ValueError:
            raise self.wrong(column, "a whole number") from None
        if number < 0 or number != int(number):
            raise self.wrong(column, "a whole number from 0")
        return int(number)

    def number(self, column: str) -> float | None:
        """Return a cell as a number, None where it is empty or absent."""
        value = self.text(column)
        if not value:
            return None
        try:
            number = float(value)
        except ValueError:
            raise self.wrong(column, "a number") from None
        if not isfinite(number):
            raise self.wrong(column, "a number")
        return number

    def wrong(self, column: str, expected: str) -> Misconfigured:
        """Return the error that names this line and `column`."""
        found = self.text(column)[:40]
        return Misconfigured(f"{self.path}, line {self.line}, column {column}: {found!r} is not {expected}")


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where two-way prices of a bookmaker stand; the first of each that is filled in counts."""

    prefix: str
    market: Market
    opening: tuple[tuple[str | None, str, str], ...]
    closing: tuple[str | None, str, str]


#: Asian handicap: the line is football-data's, positive where the home side receives. Totals: always 2.5.
#: Before 2019/20 there is only the market's mean (`Bb…`), which Bet365 then stands for.
_TWO_WAY = (
    _Columns(
        "B365",
        Market.ASIAN_HANDICAP,
        (
            ("AHh", "B365AHH", "B365AHA"),
            ("B365AH", "B365AHH", "B365AHA"),
            ("BbAHh", "BbAvAHH", "BbAvAHA"),
        ),
        ("AHCh", "B365CAHH", "B365CAHA"),
    ),
    _Columns("PS", Market.ASIAN_HANDICAP, (("AHh", "PAHH", "PAHA"),), ("AHCh", "PCAHH", "PCAHA")),
    _Columns(
        "B365",
        Market.OVER_UNDER,
        (
            (None, "B365_2_5", "B365_2_5_1"),
            (None, "B365>2.5", "B365<2.5"),
            (None, "BbAv_2_5", "BbAv_2_5_1"),
            (None, "BbAv>2.5", "BbAv<2.5"),
        ),
        (None, "B365C_2_5", "B365C_2_5_1"),
    ),
    _Columns(
        "PS",
        Market.OVER_UNDER,
        ((None, "P_2_5", "P_2_5_1"), (None, "P>2.5", "P<2.5")),
        (None, "PC_2_5", "PC_2_5_1"),
    ),
)
_TOTAL = 2.5


def quotes_of_row(row: PricedRow) -> tuple[Quote, ...]:
    """Return the quotes in a row; where there is no closing price the pre-match price stands for it."""
    return (*_match_odds(row), *_two_way(row))


def _match_odds(row: PricedRow) -> Iterator[Quote]:
    for prefix, bookmaker in BY_PREFIX.items():
        before = _prices(row, [f"{prefix}{side}" for side in "HDA"])
        closing = _prices(row, [f"{prefix}C{side}" for side in "HDA"])
        opening = before or closing
        if opening is not None:
            yield Quote(bookmaker, Market.ONE_X_TWO, Prices(opening), Prices(closing or opening))


def _two_way(row: PricedRow) -> Iterator[Quote]:
    for columns in _TWO_WAY:
        found = (_lined(row, columns.market, *names) for names in columns.opening)
        opening = next((prices for prices in found if prices), None)
        closing = _lined(row, columns.market, *columns.closing)
        if opening or closing:
            first, last = opening or closing, closing or opening
            assert first is not None  # noqa: S101
            assert last is not None  # noqa: S101
            yield Quote(BY_PREFIX[columns.prefix], columns.market, first, last)


def _lined(row: PricedRow, market: Market, line: str | None, first: str, second: str) -> Prices | None:
    prices = _prices(row, [first, second])
    goals = row.number(line) if line else _TOTAL
    if prices is None or goals is None or goals * 4 % 1:
        return None  # a line off the quarters, such as -1.2, is a slip of the pen: no price can be laid on it
    return Prices(prices, goals)


def _prices(row: PricedRow, columns: list[str]) -> tuple[float, ...] | None:
    """Return decimal prices, None unless all are there and above 1."""
    prices = [row.number(column) for column in columns]
    found = tuple(price for price in prices if price is not None and price > 1)
    return found if len(found) == len(columns) else None
