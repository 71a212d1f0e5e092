"""All fixtures of one side of an evaluation: read from saved payloads, or from the pairs file itself."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from glob import glob
from pathlib import Path
from zoneinfo import ZoneInfo

from src.collectors.alignment.csv_rows import read_bytes, read_rows, rows_of
from src.collectors.alignment.fixture import Fixture
from src.collectors.alignment.pairs import (
    DIVISIONS,
    PREFIXES,
    Side,
    british_date,
    fixture_key,
    fixture_of_pair,
)
from src.collectors.fbref.parse import parse_schedule
from src.collectors.fotmob.parse import parse_day as parse_fotmob_day
from src.collectors.registry import BY_TITAN_ID, WATCHED
from src.collectors.titan007.parse_day import parse_day as parse_titan_day
from src.core.errors import BadData, Misconfigured

_COUNTRY_OF_WATCHED = {"47": "ENG", "87": "ESP", "54": "GER", "55": "ITA", "53": "FRA"}
_LONDON = ZoneInfo("Europe/London")


def read_sides(specs: Iterable[str], pairs: Path) -> Side:
    """Read all fixtures of one side; each spec is `SOURCE:KIND:FILE`, `pairs:SOURCE` or `pairs:SOURCE:FILE`.

    A `*` in a file's name stands for all such files, and those that end in `.gz` are unpacked. A fixture that
    several files hold counts once, with all names that they tell. Raises Misconfigured for a spec that is
    none and for sides of several sources, BadData or SourceChanged for a file that cannot be read.
    """
    sides = [_read_side(one, pairs) for one in dict.fromkeys(one for spec in specs for one in _files(spec))]
    sources = sorted({side.source for side in sides})
    if len(sources) != 1:
        raise Misconfigured(f"one side of an evaluation is of one source, not of {', '.join(sources)}")
    merged: dict[str, Fixture] = {}
    for fixture in (fixture for side in sides for fixture in side.fixtures):
        known = merged.get(fixture.key)
        merged[fixture.key] = _merged(known, fixture) if known else fixture
    return Side(
        source=sources[0], fixtures=tuple(merged.values()), left_out=sum(side.left_out for side in sides)
    )


def _merged(known: Fixture, also: Fixture) -> Fixture:
    return replace(
        known,
        home=tuple(dict.fromkeys((*known.home, *also.home))),
        away=tuple(dict.fromkeys((*known.away, *also.away))),
        competition=known.competition or also.competition,
        country=known.country or also.country,
        gender=known.gender or also.gender,
    )


def _files(spec: str) -> list[str]:
    """Return the specs that one with a `*` in its file stands for."""
    head, _, file = spec.rpartition(":")
    if "*" not in file:
        return [spec]
    found = sorted(glob(file))
    if not found:
        raise Misconfigured(f"{spec!r}: no file is called so")
    return [f"{head}:{one}" for one in found]


def _read_side(spec: str, pairs: Path) -> Side:
    first, _, rest = spec.partition(":")
    kind, _, file = rest.partition(":")
    if first == "pairs" and kind in PREFIXES:
        rows = read_rows(Path(file) if file else pairs)
        return _side(kind, [fixture_of_pair(row, kind) for row in rows])
    reader = _READERS.get((first, kind))
    if reader is None or not file:
        known = ", ".join([*(":".join((*key, "FILE")) for key in _READERS), "pairs:SOURCE[:FILE]"])
        raise Misconfigured(f"{spec!r} is no side: write one of {known}")
    return _side(first, list(reader(read_bytes(Path(file)), Path(file))))


def _side(source: str, found: list[Fixture | None]) -> Side:
    fixtures = tuple(fixture for fixture in found if fixture is not None)
    return Side(source=source, fixtures=fixtures, left_out=len(found) - len(fixtures))


def _fotmob_day(body: bytes, _: Path) -> Iterator[Fixture | None]:
    parsed = parse_fotmob_day(body)
    for row in parsed.rows:
        yield Fixture(
            key=row.id,
            kickoff_utc=row.kickoff_utc,
            home=tuple(dict.fromkeys((row.home.long_name, row.home.name))),
            away=tuple(dict.fromkeys((row.away.long_name, row.away.name))),
            competition=row.competition,
            country=row.country,
        )
    yield from (None for _ in parsed.rejected)


def _fbref_schedule(body: bytes, _: Path) -> Iterator[Fixture | None]:
    parsed = parse_schedule(body)
    known = {competition.fbref_id: competition for competition in WATCHED}
    for row in parsed.rows:
        if row.kickoff_utc is None:
            yield None
            continue
        competition = known.get(row.competition_id or "")
        yield Fixture(
            key=row.id or fixture_key(row.kickoff_utc.date(), row.home.name, row.away.name),
            kickoff_utc=row.kickoff_utc,
            home=(row.home.name,),
            away=(row.away.name,),
            competition=competition.name if competition else None,
            country=_COUNTRY_OF_WATCHED.get(competition.fotmob_id) if competition else None,
        )
    yield from (None for _ in parsed.rejected)


def _titan_day(body: bytes, file: Path) -> Iterator[Fixture | None]:
    found = re.search(r"(20\d{2})(\d{2})(\d{2})", file.name)
    if found is None:
        raise Misconfigured(f"{file}: a Titan007 day list's name must tell its Beijing date, as 20251130")
    parsed = parse_titan_day(body, date(*map(int, found.groups())))
    for row in parsed.rows:
        competition = BY_TITAN_ID.get(row.league_id)
        known = competition if competition and competition.titan_name == row.league else None
        yield Fixture(
            key=row.id,
            kickoff_utc=row.kickoff_utc,
            home=(row.home,),
            away=(row.away,),
            competition=known.name if known else row.league,
            country=_COUNTRY_OF_WATCHED.get(known.fotmob_id) if known else None,
        )
    yield from (None for _ in parsed.rejected)


def _football_data(body: bytes, file: Path) -> Iterator[Fixture | None]:
    rows = rows_of(body, file)
    if not rows or not {"Date", "HomeTeam", "AwayTeam"} <= set(rows[0]):
        raise BadData(f"{file}: no football-data file: it has no rows with Date, HomeTeam and AwayTeam")
    for row in rows:
        home, away = row.get("HomeTeam", ""), row.get("AwayTeam", "")
        # Seasons before 2019-20 tell no time: there is nothing to align them by.
        if not row.get("Time") or not home or not away:
            yield None
            continue
        day = british_date(row.get("Date", ""), file)
        name, country = DIVISIONS.get(row.get("Div", ""), (None, None))
        yield Fixture(
            key=fixture_key(day, home, away),
            kickoff_utc=_london(day, row["Time"], file),
            home=(home,),
            away=(away,),
            competition=name,
            country=country,
        )


def _london(day: date, time: str, file: Path) -> datetime:
    try:
        hour, minute = map(int, time.split(":")[:2])
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=_LONDON).astimezone(UTC)
    except ValueError as error:
        raise BadData(f"{file}: {time!r} in column Time is no time as 14:30") from error


_READERS: dict[tuple[str, str], Callable[[bytes, Path], Iterator[Fixture | None]]] = {
    ("fotmob", "day"): _fotmob_day,
    ("fbref", "schedule"): _fbref_schedule,
    ("football-data", "history"): _football_data,
    ("titan007", "day"): _titan_day,
}
