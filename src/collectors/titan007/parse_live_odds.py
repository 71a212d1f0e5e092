"""Reads the odds beside a match in play (`livestatic/{id}_sOdds.js`); pure.

A script has an array `sOdds`, and may have `sOdds8` and such beside it, by a bookmaker's number. A row has a
label (`早餐` or `未开场` for the prices before the match, or the minute), the score, and twelve triples. What
they are is read off a recorded script and told nowhere: handicap, total and 1x2, each for the first half
and for the whole match, each at two places of which the script does not say what they are. A triple of
noughts is none.
"""

import json
import re
from dataclasses import dataclass

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.collectors.titan007.text import decode
from src.core.errors import BadData, SourceChanged
from src.domain.odds import Market, Period
from src.domain.payload import Parsed, Rejected

_START = re.compile(r"\bsOdds(\d{0,4})\s*=\s*", re.ASCII)
_BRACKET = re.compile(r"[\[\]]")
_BEFORE = {"早餐", "未开场"}
_MINUTE = re.compile(r"\d{1,3}(?:\+\d{0,2})?'?|中场?|上|下|加时?|终场")
_FIRST_TRIPLE = 3
_PLACES = tuple(
    (market, period, bookmaker)
    for market in (Market.ASIAN_HANDICAP, Market.OVER_UNDER, Market.ONE_X_TWO)
    for period in (Period.FIRST_HALF, Period.FULL_TIME)
    for bookmaker in (1, 2)
)


@dataclass(frozen=True, kw_only=True)
class LiveTriple:
    """Three numbers at a place: Hong Kong price, line, price; or 1x2 decimal prices.

    `bookmaker` is the place, `1` or `2` in `sOdds`, `8-1` or `8-2` in `sOdds8`.
    """

    market: Market
    period: Period
    bookmaker: str
    values: tuple[float, float, float]
    label: str
    in_play: bool


def parse_live_odds(body: bytes) -> Parsed[LiveTriple]:
    """Read the script; raises SourceChanged where it is none, BadData where it is cut short."""
    text = decode(body)
    starts = list(_START.finditer(text))
    if not starts:
        raise SourceChanged("the Titan007 script has no array sOdds")
    triples: list[LiveTriple] = []
    rejected: list[Rejected] = []
    ends = [start.start() for start in starts[1:]]
    for start, end in zip(starts, [*ends, len(text)], strict=True):
        of = f"{start[1]}-" if start[1] else ""
        for number, row in enumerate(_rows(text[start.end() : end])):
            try:
                triples += _triples(row, of)
            except UNREADABLE as error:
                record = json.dumps(row, ensure_ascii=False).encode(errors="backslashreplace")
                reason = f"{type(error).__name__}: {error}"
                rejected.append(Rejected(key=f"row {of}{number}", reason=reason, record=record))
    return parsed(triples, rejected, "the Titan007 odds in play")


def _rows(told: str) -> list[list[object]]:
    """Return the rows of the array that a text begins with; other variables may stand behind it."""
    try:
        rows = json.loads(re.sub(r"(?<=[\[,])\s*(?=[,\]])", "null", _array(told).replace("'", '"')))
    except (ValueError, RecursionError) as error:
        raise BadData(f"sOdds is broken: {error}") from error
    # An empty array has nothing between its brackets, which the above makes a null.
    return [] if rows == [None] else list(rows)


def _array(told: str) -> str:
    depth = 0
    for bracket in _BRACKET.finditer(told):
        depth += 1 if bracket[0] == "[" else -1
        if depth <= 0:
            return told[: bracket.end()]
    raise BadData("the script is cut short inside sOdds")


def _triples(row: list[object], of: str) -> list[LiveTriple]:
    label = storable(str(row[0]).strip())
    if label not in _BEFORE and not _MINUTE.fullmatch(label):
        raise ValueError(f"neither a minute nor one of {' '.join(sorted(_BEFORE))}: {label[:20]!r}")
    numbers = [float(str(value or 0)) for value in row[_FIRST_TRIPLE : _FIRST_TRIPLE + 3 * len(_PLACES)]]
    if len(numbers) != 3 * len(_PLACES):
        raise ValueError(f"{len(numbers)} prices and lines instead of {3 * len(_PLACES)}")
    told = []
    for place, (market, period, bookmaker) in enumerate(_PLACES):
        first, second, third = numbers[3 * place : 3 * place + 3]
        if first or third:
            told.append(
                LiveTriple(
                    market=market,
                    period=period,
                    bookmaker=f"{of}{bookmaker}",
                    values=(first, second, third),
                    label=label,
                    in_play=label not in _BEFORE,
                )
            )
    return told
