"""Labelled pairs of two sources' fixtures, and the fixtures that such a file tells."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from src.collectors.alignment.csv_rows import read_rows
from src.collectors.alignment.fixture import Fixture
from src.core.errors import BadData

#: What the columns of each source have in their names.
PREFIXES = {"fotmob": "fotmob", "fbref": "fbref", "football-data": "fd", "titan007": "titan007"}

#: The competition and the country that football-data.co.uk's `Div` stands for.
DIVISIONS = {
    "E0": ("Premier League", "ENG"), "E1": ("Championship", "ENG"), "E2": ("League One", "ENG"),
    "E3": ("League Two", "ENG"), "EC": ("National League", "ENG"), "SC0": ("Premiership", "SCO"),
    "SC1": ("Championship", "SCO"), "SC2": ("League One", "SCO"), "SC3": ("League Two", "SCO"),
    "D1": ("Bundesliga", "GER"), "D2": ("2. Bundesliga", "GER"), "I1": ("Serie A", "ITA"),
    "I2": ("Serie B", "ITA"), "SP1": ("LaLiga", "ESP"), "SP2": ("LaLiga 2", "ESP"), "F1": ("Ligue 1", "FRA"),
    "F2": ("Ligue 2", "FRA"), "N1": ("Eredivisie", "NED"), "B1": ("Pro League", "BEL"),
    "P1": ("Primeira Liga", "POR"), "T1": ("Süper Lig", "TUR"), "G1": ("Super League", "GRE"),
}  # fmt: skip
_KICKOFFS = ("{}_epoch", "{}_kickoff", "{}_utc")
_COMMON_KICKOFFS = ("utc_kickoff", "kickoff_utc", "utc")


def read_truth(file: Path, left: str, right: str) -> set[tuple[str, str]]:
    """Return the (left id, right id) pairs of a CSV that its column `label` does not call none.

    A source's id stands in a column `…_match_id` under its name; where it has none, day and teams are the id.
    Raises BadData where a source has neither.
    """
    rows = read_rows(file)
    if not rows:
        raise BadData(f"{file}: no labelled pairs: it has no rows")
    return {(pair_key(row, left), pair_key(row, right)) for row in rows if row.get("label", "1") == "1"}


def fixture_key(day: date, home: str, away: str) -> str:
    """Return what stands for the id of a fixture that its source gives none."""
    return f"{day.isoformat()} {home} v {away}"


def british_date(text: str, file: Path) -> date:
    """Return the day of `30/11/2025` or `30/11/25`; raises BadData with the file's name."""
    for form in ("%d/%m/%Y", "%d/%m/%y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    raise BadData(f"{file}: {text!r} in column Date is no date as 30/11/2025")


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
    prefix = PREFIXES[source]
    if found := _first(row, f"{prefix}_match_id", f"{prefix}_id"):
        return found
    home = _first(row, f"home_{prefix}", f"{prefix}_home")
    away = _first(row, f"away_{prefix}", f"{prefix}_away")
    kickoff = _kickoff(row, prefix)
    if not home or not away or not kickoff:
        raise BadData(
            f"the pairs file has no columns of {source}: neither {prefix}_match_id nor teams and times"
        )
    if day := row.get(f"{prefix}_date"):
        return fixture_key(british_date(day, Path("pairs")), home, away)
    return fixture_key(_moment(kickoff).date(), home, away)


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
