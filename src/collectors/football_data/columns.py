"""Which columns of a football-data.co.uk file are whose prices.

The columns' names are the source's own: a bookmaker's code and what is priced, as `B365H`, `B365CAHA` or
`P>2.5`. A `C` behind the code marks closing prices. The signs of `>2.5` and `<2.5` may have been replaced by
a program that read the file before us: `_2_5` is over, `_2_5_1` under. The files of a country's one league
have closing prices alone, in earlier years without the `C`: `PH` was what is `PSCH` now.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from src.domain.odds import Market

#: The one total that the files quote.
TOTAL = 2.5

#: Codes under which one bookmaker stands with some markets, and with others not.
_OTHER_CODES = {"P": "PS"}
#: A code that itself ends in C is no closing price.
_WITH_C = frozenset({"VC"})
_TOTALS = ((">2.5", "<2.5"), ("_2_5", "_2_5_1"))
#: What stands in `H`, `D` and `A` columns and is no price.
_NO_PRICES = frozenset({"", "FT", "HT"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceColumns:
    """Where one bookmaker's prices on one market stand in a row.

    `code` is the bookmaker's, without the closing mark. `prices` are positions in the row, `line` that of the
    handicap, None where the market has none or it is the total of 2.5. `name` is the first column's, for
    messages.
    """

    code: str
    market: Market
    closing: bool
    prices: tuple[int, ...]
    line: int | None
    name: str


def price_columns(header: Sequence[str], *, all_closing: bool = False) -> list[PriceColumns]:
    """Return all groups of price columns in a header, those of unknown bookmakers too.

    `all_closing` is of a file that has closing prices alone, marked or not.
    """
    places = first_places(header)
    found = [*_match_odds(places), *_totals(places), *_handicaps(places)]
    return [replace(columns, closing=True) for columns in found] if all_closing else found


def first_places(header: Sequence[str]) -> dict[str, int]:
    """Return where each column stands; of two of one name the first counts."""
    places: dict[str, int] = {}
    for place, name in enumerate(header):
        places.setdefault(name, place)
    return places


def _match_odds(places: Mapping[str, int]) -> Iterator[PriceColumns]:
    found = [
        name[:-1]
        for name in places
        if name.endswith("H") and all(name[:-1] + side in places for side in "DA")
    ]
    for told in found:
        if told in _NO_PRICES:
            continue
        code, closing = _code(told, found)
        sides = tuple(places[told + side] for side in "HDA")
        yield PriceColumns(
            code=code, market=Market.ONE_X_TWO, closing=closing, prices=sides, line=None, name=f"{told}H"
        )


def _totals(places: Mapping[str, int]) -> Iterator[PriceColumns]:
    found = [
        (name.removesuffix(over), over, under)
        for over, under in _TOTALS
        for name in places
        if name.endswith(over) and name.removesuffix(over) + under in places
    ]
    for told, over, under in found:
        code, closing = _code(told, [other for other, _, _ in found])
        yield PriceColumns(
            code=code, market=Market.OVER_UNDER, closing=closing,
            prices=(places[told + over], places[told + under]), line=None, name=told + over,
        )  # fmt: skip


def _handicaps(places: Mapping[str, int]) -> Iterator[PriceColumns]:
    found = [name[:-3] for name in places if name.endswith("AHH") and f"{name[:-3]}AHA" in places]
    for told in found:
        code, closing = _code(told, found)
        # Two early seasons give each bookmaker a line of its own; later ones all the market's one line.
        line = next((places[name] for name in (_line(told, closing), f"{told}AH") if name in places), None)
        if line is not None:
            yield PriceColumns(
                code=code, market=Market.ASIAN_HANDICAP, closing=closing,
                prices=(places[f"{told}AHH"], places[f"{told}AHA"]), line=line, name=f"{told}AHH",
            )  # fmt: skip


def _line(told: str, closing: bool) -> str:
    if told.startswith("Bb"):
        return "BbAHh"
    return "AHCh" if closing else "AHh"


def _code(told: str, all_told: Sequence[str]) -> tuple[str, bool]:
    """Return the bookmaker's code, and whether it is marked as closing."""
    closing = told.endswith("C") and told not in _WITH_C and (told[:-1] in all_told or len(told) > 2)
    code = told[:-1] if closing else told
    return _OTHER_CODES.get(code, code), closing
