"""Reads Titan007's 1x2 scripts (`{id}.js`); pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from src.collectors.text import storable
from src.collectors.titan007.text import BEIJING, decode, nearest_year, script_time
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Parsed, Rejected

Prices = tuple[float, float, float]

_SCALAR = re.compile(r'\b(\w+)\s*=\s*"([^"]*)"\s*;')
_ARRAY = re.compile(r'\b(game|gameDetail)\s*=\s*Array\(((?:\s*"[^"]*"\s*,?)*)\s*\)')
_ARRAY_START = re.compile(r"\b(game|gameDetail)\s*=\s*Array\(")
_ITEM = re.compile(r'"([^"]*)"')
_CHANGE_TIME = re.compile(r"(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})")


@dataclass(frozen=True, kw_only=True)
class EuroQuote:
    """One bookmaker's 1x2 prices (home, draw, away): the opening ones, the present ones, and all changes.

    Times are UTC; `changes` are (time, prices), oldest first, empty where the script has none of them.
    """

    bookmaker: str
    name: str
    opening: Prices
    current: Prices
    current_at: datetime
    changes: tuple[tuple[datetime, Prices], ...]


@dataclass(frozen=True, kw_only=True)
class EuroScript:
    """A match's 1x2 script; `home` and `away` are English names, None where it has Chinese ones only."""

    kickoff_utc: datetime
    home: str | None
    away: str | None
    quotes: tuple[EuroQuote, ...]


def parse_euro(body: bytes) -> Parsed[EuroScript]:
    """Read a 1x2 script: one row, its broken quotes rejected.

    Raises BadData where the script is cut short, SourceChanged where it is none.
    """
    text = decode(body)
    scalars = dict(_SCALAR.findall(text))
    if "MatchTime" not in scalars:
        raise SourceChanged("the Titan007 1x2 script has no MatchTime")
    arrays = {name: _ITEM.findall(items) for name, items in _ARRAY.findall(text)}
    begun = set(_ARRAY_START.findall(text))
    if begun - arrays.keys():
        raise BadData(f"the script is cut short inside {', '.join(sorted(begun - arrays.keys()))}")
    try:
        kickoff = script_time(scalars["MatchTime"])
    except ValueError as error:
        raise BadData(f"MatchTime: {error}") from error
    details = dict(item.split("^", 1) for item in arrays.get("gameDetail", []) if "^" in item)
    quotes: list[EuroQuote] = []
    rejected: list[Rejected] = []
    for item in arrays.get("game", []):
        try:
            quotes.append(_quote(item, details, kickoff))
        except (ValueError, IndexError, OverflowError) as error:
            reason = f"{type(error).__name__}: {error}"
            rejected.append(Rejected(key=item.split("|", 1)[0] or "?", reason=reason, record=item.encode()))
    script = EuroScript(
        kickoff_utc=kickoff,
        home=scalars.get("hometeam") or None,
        away=scalars.get("guestteam") or None,
        quotes=tuple(quotes),
    )
    return Parsed(rows=(script,), rejected=tuple(rejected))


def _quote(item: str, details: dict[str, str], kickoff: datetime) -> EuroQuote:
    fields = item.split("|")
    if not fields[0].isdigit():
        raise ValueError(f"not a bookmaker's number: {fields[0][:20]!r}")
    return EuroQuote(
        bookmaker=fields[0],
        name=storable(fields[2].strip()),
        opening=_prices(fields[3:6]),
        current=_prices(fields[10:13]),
        current_at=script_time(fields[20]),
        changes=_changes(details.get(fields[1], ""), kickoff),
    )


def _prices(fields: list[str]) -> Prices:
    home, draw, away = (float(field) for field in fields)
    if not all(1 < price <= 1001 for price in (home, draw, away)):
        raise ValueError(f"not decimal prices: {'|'.join(fields)}")
    return home, draw, away


def _changes(detail: str, kickoff: datetime) -> tuple[tuple[datetime, Prices], ...]:
    changes = []
    for line in filter(None, detail.split(";")):
        fields = line.split("|")
        changes.append((_change_time(fields, kickoff), _prices(fields[:3])))
    return tuple(sorted(changes, key=lambda change: change[0]))


def _change_time(fields: list[str], kickoff: datetime) -> datetime:
    found = _CHANGE_TIME.fullmatch(fields[3].strip())
    if found is None:
        raise ValueError(f"not a change's time: {fields[3][:20]!r}")
    month, day, hour, minute = map(int, found.groups())
    # Most scripts tell the year behind the prices; older ones leave it out.
    if len(fields) > 7 and fields[7].isdigit():
        return datetime(int(fields[7]), month, day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
    return nearest_year(month, day, hour, minute, kickoff)
