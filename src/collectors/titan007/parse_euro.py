"""Reads Titan007's 1x2 scripts (`{id}.js`); pure."""

import html
import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, datetime

from src.collectors.outcome import UNREADABLE
from src.collectors.text import storable
from src.collectors.titan007.text import BEIJING, decode, nearest_year, refused, script_time
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Parsed, Rejected

Prices = tuple[float, float, float]

_SCALAR = re.compile(r'\b(\w+)\s*=\s*(?:"([^"]*)"|([\w.-]*))\s*;')
# Possessive throughout, or a script without its commas would take ages to refuse.
#: In their order.
_ARRAYS = ("game", "gameDetail")
_ARRAY = re.compile(r'\b(game|gameDetail)\s*=\s*Array\(((?:\s*+"[^"]*+"\s*+,?+)*+)\s*\)')
_ARRAY_START = re.compile(r"\b(game|gameDetail)\s*=\s*Array\(")
_ITEM = re.compile(r'"([^"]*)"')
_CHANGE_TIME = re.compile(r"(\d{1,2})-(\d{1,2})\s+(\d{1,2}):(\d{2})", re.ASCII)


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
    """A match's 1x2 script; `home` and `away` are English names, None where it has Chinese ones only.

    `match_id` is None where the script does not tell it, as recent ones.
    """

    match_id: str | None
    kickoff_utc: datetime
    home: str | None
    away: str | None
    quotes: tuple[EuroQuote, ...]


def parse_euro(body: bytes, asked: str | None = None) -> Parsed[EuroScript]:
    """Read a 1x2 script: one row, its broken quotes and histories rejected.

    Raises BadData where the script is cut short or tells another id than the one `asked` for, SourceChanged
    where it is no such script. One that has no quotes says so: both its arrays are empty.
    """
    text = decode(body)
    scalars = {name: quoted or bare for name, quoted, bare in _SCALAR.findall(text)}
    if "MatchTime" not in scalars:
        raise SourceChanged("the Titan007 1x2 script has no MatchTime")
    arrays = {name: _ITEM.findall(items) for name, items in _ARRAY.findall(text)}
    _check_whole(text, arrays.keys())
    try:
        kickoff = script_time(scalars["MatchTime"])
    except (ValueError, OverflowError) as error:
        raise BadData(f"the head of the script: {error}") from error
    match_id = scalars.get("ScheduleID", "").strip()
    if asked is not None and match_id not in {"", asked}:
        raise BadData(f"the script is of match {match_id[:20]}, not of {asked}")
    rejected: list[Rejected] = []
    home, away = (_team(name, scalars.get(name, ""), rejected) for name in ("hometeam", "guestteam"))
    script = EuroScript(
        match_id=match_id if re.fullmatch(r"[0-9]{1,12}", match_id) else None,
        kickoff_utc=kickoff,
        home=home,
        away=away,
        quotes=_quotes(arrays, kickoff, rejected),
    )
    return Parsed(rows=(script,), rejected=tuple(rejected))


def _team(name: str, told: str, rejected: list[Rejected]) -> str | None:
    try:
        return storable(html.unescape(told).strip()) or None
    except ValueError as error:
        rejected.append(refused(name, error, told))
        return None


def _check_whole(text: str, arrays: Set[str]) -> None:
    """Raise BadData where the script ends before its last array does, SourceChanged where it has none."""
    begun = set(_ARRAY_START.findall(text))
    if begun - arrays:
        raise BadData(f"the script is cut short inside {', '.join(sorted(begun - arrays))}")
    if not begun and text.rstrip().endswith(";"):
        raise SourceChanged("the Titan007 1x2 script has neither `game` nor `gameDetail`")
    if missing := [name for name in _ARRAYS if name not in begun]:
        raise BadData(f"the script is cut short before {missing[0]}")


def is_script(body: bytes) -> bool:
    """Whether a payload is a 1x2 script rather than a page."""
    return b"MatchTime" in body


def _quotes(
    arrays: dict[str, list[str]], kickoff: datetime, rejected: list[Rejected]
) -> tuple[EuroQuote, ...]:
    histories = {
        number: history
        for item in arrays.get("gameDetail", [])
        for number, _, history in [item.partition("^")]
    }
    quotes: list[EuroQuote] = []
    named: set[str] = set()
    for item in arrays.get("game", []):
        named.update(item.split("|")[1:2])
        try:
            quotes.append(_quote(item, histories, kickoff))
        except UNREADABLE as error:
            rejected.append(refused(item.split("|", 1)[0], error, item))
    rejected += [
        refused(
            f"gameDetail {number}",
            ValueError("a history of none of the bookmakers in `game`"),
            f"{number}^{history}",
        )
        for number, history in histories.items()
        if number not in named
    ]
    return tuple(quotes)


def _quote(item: str, histories: dict[str, str], kickoff: datetime) -> EuroQuote:
    fields = item.split("|")
    if not re.fullmatch(r"[0-9]{1,9}", fields[0]):
        raise ValueError(f"not a bookmaker's number: {fields[0][:20]!r}")
    return EuroQuote(
        bookmaker=fields[0],
        name=storable(fields[2].strip()),
        opening=_prices(fields[3:6]),
        current=_prices(fields[10:13]),
        current_at=script_time(fields[20]),
        changes=_changes(histories.get(fields[1], ""), kickoff),
    )


def _prices(fields: list[str]) -> Prices:
    home, draw, away = (float(field) for field in fields)
    if not all(1 < price <= 1001 for price in (home, draw, away)):
        raise ValueError(f"not decimal prices: {'|'.join(fields)[:60]}")
    return home, draw, away


def _changes(history: str, kickoff: datetime) -> tuple[tuple[datetime, Prices], ...]:
    changes = []
    for line in filter(None, history.split(";")):
        fields = line.split("|")
        changes.append((_change_time(fields, kickoff), _prices(fields[:3])))
    # The script has the newest first, and times have no seconds.
    changes.reverse()
    return tuple(sorted(changes, key=lambda change: change[0]))


def _change_time(fields: list[str], kickoff: datetime) -> datetime:
    found = _CHANGE_TIME.fullmatch(fields[3].strip())
    if found is None:
        raise ValueError(f"not a change's time: {fields[3][:20]!r}")
    month, day, hour, minute = map(int, found.groups())
    # Most scripts tell the year behind the prices; older ones leave it out.
    if len(fields) > 7 and re.fullmatch(r"[0-9]{4}", fields[7]):
        return datetime(int(fields[7]), month, day, hour, minute, tzinfo=BEIJING).astimezone(UTC)
    return nearest_year(month, day, hour, minute, kickoff)
