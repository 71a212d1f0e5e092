"""Reads Titan007's schedule of lottery matches (`bf_jc.txt`); pure.

The text is `leagues$matches`, records parted by `!` and fields by `^`. Its times are Beijing's, and their
months count from 0: `2026,5,9,19,35,00` is 9 June. (A match in Budapest at `2026,5,10,01,00,00` began at
19:00 there.)

Nothing stands behind the last match: a text that is cut within the last field of one, or right behind it,
cannot be told from a whole one.
"""

import re

from src.collectors.outcome import UNREADABLE, parsed
from src.collectors.text import storable
from src.collectors.titan007.parse_day import ListedMatch
from src.collectors.titan007.text import BEIJING, decode, refused, script_time
from src.core.errors import BadData, SourceChanged
from src.domain.payload import Parsed, Rejected

_ID = re.compile(r"[0-9]{1,12}")
#: So many are read, and so many there are.
_FIELDS, _RECORDED_FIELDS = 15, 24


def parse_schedule(body: bytes) -> Parsed[ListedMatch]:
    """Read the schedule; raises BadData where it is cut or no text, SourceChanged where it is another."""
    leagues, parted, matches = decode(body).partition("$")
    if not parted or "^" not in leagues + matches:
        raise SourceChanged("the Titan007 schedule is not leagues, `$`, and matches of `^` fields")
    records = matches.split("!")
    _check_whole(records)
    rejected: list[Rejected] = []
    names: dict[str, str] = {}
    for record in filter(str.strip, leagues.split("!")):
        _league(record, names, rejected)
    rows: dict[str, ListedMatch] = {}
    for record in filter(str.strip, records):
        try:
            row = _match(record.split("^"), names)
        except UNREADABLE as error:
            rejected.append(_rejected(record, error))
        else:
            rows[row.id] = row
    return parsed(rows.values(), rejected, "the Titan007 schedule")


def _check_whole(records: list[str]) -> None:
    """Raise BadData where the last match ends before its last field, or is only announced by its `!`."""
    told = [record.split("^") for record in records]
    if len(told[-1]) < max(map(len, told[:-1]), default=_RECORDED_FIELDS) or not told[-1][-1].strip():
        raise BadData("the Titan007 schedule is cut short in its last match")


def _league(record: str, names: dict[str, str], rejected: list[Rejected]) -> None:
    fields = record.split("^")
    try:
        # The address at the end tells the league's number, which is that of the matches.
        found = re.search(r"SclassID=(\d+)", record, re.IGNORECASE)
        names[found[1] if found else fields[0].strip()] = _simplified(fields[3])
    except UNREADABLE as error:
        rejected.append(_rejected(record, error))


def _match(fields: list[str], leagues: dict[str, str]) -> ListedMatch:
    if len(fields) < _FIELDS:
        raise ValueError(f"{len(fields)} fields of at least {_FIELDS}")
    if not _ID.fullmatch(fields[0].strip()):
        raise ValueError(f"not a match id: {fields[0][:20]!r}")
    league = fields[5].strip()
    shown = (fields[11].strip(), fields[12].strip())
    return ListedMatch(
        id=fields[0].strip(),
        league_id=storable(league),
        league=leagues.get(league) or storable(league),
        kickoff_utc=script_time(fields[1], BEIJING),
        state=storable(fields[3].strip()),
        home=_simplified(fields[8]),
        away=_simplified(fields[10]),
        home_id=storable(fields[7].strip()) or None,
        away_id=storable(fields[9].strip()) or None,
        score=(int(shown[0]), int(shown[1])) if all(shown) else None,
    )


def _simplified(names: str) -> str:
    name = storable(names.split(",")[0].strip())
    if not name:
        raise ValueError("a name is empty")
    return name


def _rejected(record: str, error: Exception) -> Rejected:
    return refused(record.split("^", 1)[0].strip(), error, record)
