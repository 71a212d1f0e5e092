"""Labelled pairs of two sources' fixtures, and the fixtures that such a file tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from src.collectors.alignment.csv_rows import read_rows
from src.collectors.alignment.fixture import Fixture
from src.collectors.football_data.divisions import DIVISIONS, match_name
from src.core.errors import BadData

#: What the columns of each source have in their names.
PREFIXES = {"fotmob": "fotmob", "fbref": "fbref", "football-data": "fd", "titan007": "titan007"}

_KICKOFFS = ("{}_epoch", "{}_kickoff", "{}_utc")
_COMMON_KICKOFFS = ("utc_kickoff", "kickoff_utc", "utc")
#: A pair without an id means the fixture of its teams that kicks off within this of what it tells.
_ABOUT = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Side:
    """Fixtures by their ids in one source, and how many records were no fixture with a kick-off."""

    source: str
    fixtures: tuple[Fixture, ...]
    left_out: int = 0


def read_truth(file: Path, left: Side, right: Side) -> set[tuple[str, str]]:
    """Return the (left id, right id) pairs of a CSV that its column `label` does not call none.

    A source's id stands in a column `…_match_id` under its name. Where it has none, the side's fixture of
    these teams about this time is meant. Raises BadData where a source has neither.
    """
    rows = read_rows(file)
    if not rows:
        raise BadData(f"{file}: no labelled pairs: it has no rows")
    meant = [_Meant(side) for side in (left, right)]
    return {(meant[0].key(row), meant[1].key(row)) for row in rows if row.get("label", "1") == "1"}


class _Meant:
    """Finds which fixture of a side a labelled row means."""

    def __init__(self, side: Side) -> None:
        self._source = side.source
        self._by_names: dict[tuple[str, str], list[Fixture]] = {}
        for fixture in side.fixtures:
            for names in product(fixture.home, fixture.away):
                self._by_names.setdefault(names, []).append(fixture)

    def key(self, row: Mapping[str, str]) -> str:
        told = fixture_of_pair(row, self._source)
        if told is None or _id(row, self._source):
            return pair_key(row, self._source)
        near = [
            (abs(one.kickoff_utc - told.kickoff_utc), one.key)
            for one in self._by_names.get((told.home[0], told.away[0]), ())
            if abs(one.kickoff_utc - told.kickoff_utc) <= _ABOUT
        ]
        return min(near)[1] if near else told.key


def fixture_of_pair(row: Mapping[str, str], source: str) -> Fixture | None:
    """Return one side of a labelled row as a fixture; None where it lacks a team or a kick-off."""
    prefix = PREFIXES[source]
    home = _first(row, f"home_{prefix}", f"{prefix}_home")
    away = _first(row, f"away_{prefix}", f"{prefix}_away")
    kickoff = _kickoff(row, prefix)
    if not home or not away or not kickoff:
        return None
    league = row.get("league", "") if source == "football-data" else ""
    name, country = DIVISIONS.get(league, (None, None))
    return Fixture(
        key=pair_key(row, source),
        kickoff_utc=_moment(kickoff),
        home=tuple(dict.fromkeys(filter(None, (home, row.get(f"home_{prefix}_long"))))),
        away=tuple(dict.fromkeys(filter(None, (away, row.get(f"away_{prefix}_long"))))),
        competition=name
        or _first(row, f"{prefix}_comp", f"{prefix}_league", f"{prefix}_competition")
        or None,
        country=country or row.get(f"{prefix}_ccode") or None,
    )


def pair_key(row: Mapping[str, str], source: str) -> str:
    """Return a labelled row's id in one source, or what stands for it; BadData where it has neither."""
    if found := _id(row, source):
        return found
    prefix = PREFIXES[source]
    home = _first(row, f"home_{prefix}", f"{prefix}_home")
    away = _first(row, f"away_{prefix}", f"{prefix}_away")
    kickoff = _kickoff(row, prefix)
    if not home or not away or not kickoff:
        raise BadData(
            f"the pairs file has no columns of {source}: neither {prefix}_match_id nor teams and times"
        )
    if source == "football-data" and row.get("league"):
        return match_name(row["league"], _moment(kickoff), home, away)
    return f"{_moment(kickoff).date().isoformat()} {home} v {away}"


def _id(row: Mapping[str, str], source: str) -> str:
    return _first(row, f"{PREFIXES[source]}_match_id", f"{PREFIXES[source]}_id")


def _kickoff(row: Mapping[str, str], prefix: str) -> str:
    return _first(row, *(name.format(prefix) for name in _KICKOFFS), *_COMMON_KICKOFFS)


def _first(row: Mapping[str, str], *names: str) -> str:
    return next((row[name] for name in names if row.get(name)), "")


def _moment(text: str) -> datetime:
    try:
        if text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadData(
            f"{text!r} is no kick-off: neither seconds since 1970 nor ISO 8601 with a zone"
        ) from error
