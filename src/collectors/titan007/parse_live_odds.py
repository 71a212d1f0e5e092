"""Reads the odds beside a match in play (`livestatic/{id}_sOdds.js`); pure.

A row has a label (`早餐` for the prices before the match, or the minute), the score, and twelve triples. What
they are is read off a recorded script and told nowhere: handicap, total and 1x2, each for the first half
and for the whole match, each of two bookmakers whom the script does not name. A triple of noughts is none.
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

_ARRAY = re.compile(r"\bsOdds\s*=\s*(\[.*\])\s*;?\s*\Z", re.DOTALL)
_START = re.compile(r"\bsOdds\s*=")
_BEFORE = "早餐"
_MINUTE = re.compile(r"\d{1,3}(?:\+\d{0,2})?'?|中场?|上|下|加时?")
_FIRST_TRIPLE = 3
_PLACES = tuple(
    (market, period, bookmaker)
    for market in (Market.ASIAN_HANDICAP, Market.OVER_UNDER, Market.ONE_X_TWO)
    for period in (Period.FIRST_HALF, Period.FULL_TIME)
    for bookmaker in (1, 2)
)


@dataclass(frozen=True, kw_only=True)
class LiveTriple:
    """Three numbers of one bookmaker, by its place: Hong Kong price, line, price; or 1x2 decimal prices."""

    market: Market
    period: Period
    bookmaker: int
    values: tuple[float, float, float]
    label: str
    in_play: bool


def parse_live_odds(body: bytes) -> Parsed[LiveTriple]:
    """Read the script; raises SourceChanged where it is none, BadData where it is cut short."""
    text = decode(body)
    if not _START.search(text):
        raise SourceChanged("the Titan007 script has no array sOdds")
    found = _ARRAY.search(text.strip())
    if found is None:
        raise BadData("the script is cut short inside sOdds")
    try:
        rows = json.loads(re.sub(r"(?<=[\[,])\s*(?=[,\]])", "null", found[1].replace("'", '"')))
    except (ValueError, RecursionError) as error:
        raise BadData(f"sOdds is broken: {error}") from error
    triples: list[LiveTriple] = []
    rejected: list[Rejected] = []
    for number, row in enumerate(rows):
        try:
            triples += _triples(row)
        except UNREADABLE as error:
            record = json.dumps(row, ensure_ascii=False).encode(errors="backslashreplace")
            reason = f"{type(error).__name__}: {error}"
            rejected.append(Rejected(key=f"row {number}", reason=reason, record=record))
    return parsed(triples, rejected, "the Titan007 odds in play")


def _triples(row: list[object]) -> list[LiveTriple]:
    label = storable(str(row[0]).strip())
    if label != _BEFORE and not _MINUTE.fullmatch(label):
        raise ValueError(f"neither a minute nor {_BEFORE}: {label[:20]!r}")
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
                    bookmaker=bookmaker,
                    values=(first, second, third),
                    label=label,
                    in_play=label != _BEFORE,
                )
            )
    return told
