"""All fixtures of one side of an evaluation: read from saved payloads, or from the pairs file itself."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from glob import glob
from hashlib import sha256
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
from src.collectors.readers import READERS, About, Untold
from src.collectors.registry import BY_FBREF_ID, BY_TITAN_ID
from src.core.errors import BadData, Misconfigured
from src.domain.match import Source, SourceCompetition, SourceMatch

#: The kinds of payloads that tell matches.
_KINDS = frozenset(("day", "league", "schedule", "details"))
_HISTORY = ("football-data", "history")
_COUNTRY_OF_WATCHED = {"47": "ENG", "87": "ESP", "54": "GER", "55": "ITA", "53": "FRA"}
_LONDON = ZoneInfo("Europe/London")
#: A match of which the day alone is known stands at noon, and kicks off within half a day of it.
_HALF_A_DAY = timedelta(hours=12)
#: When a payload was fetched means nothing for the fixtures that it tells.
_NO_MATTER_WHEN = datetime(2000, 1, 1, tzinfo=UTC)


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
    key = (first, kind)
    if file and key == _HISTORY:
        return _side(first, list(_football_data(read_bytes(Path(file)), Path(file))))
    if not file or key not in READERS or kind not in _KINDS:
        kinds = [f"{of}:{one}:FILE" for of, one in READERS if one in _KINDS]
        known = ", ".join([*kinds, ":".join((*_HISTORY, "FILE")), "pairs:SOURCE[:FILE]"])
        raise Misconfigured(f"{spec!r} is no side: write one of {known}")
    return _side(first, _told(first, kind, Path(file)))


def _side(source: str, found: list[Fixture | None]) -> Side:
    fixtures = tuple(fixture for fixture in found if fixture is not None)
    return Side(source=source, fixtures=fixtures, left_out=len(found) - len(fixtures))


def _told(source: str, kind: str, file: Path) -> list[Fixture | None]:
    body = read_bytes(file)
    day = re.search(r"(20\d{2})(\d{2})(\d{2})", file.name)
    about = About(
        sha256=sha256(body).hexdigest(),
        captured_at=_NO_MATTER_WHEN,
        day=date(*map(int, day.groups())) if day else None,
    )
    try:
        parsed = READERS[source, kind](body, about)
    except Untold as error:
        raise Misconfigured(f"{file}: its name must tell its Beijing date, as 20251130: {error}") from error
    matches = [of_match(record) for record in parsed.rows if isinstance(record, SourceMatch)]
    return [*matches, *(None for _ in parsed.rejected)]


def of_match(match: SourceMatch) -> Fixture:
    """Return what alignment needs of a match; the competition as we call it, where we follow it."""
    name, country = _competition(match.competition)
    home, away = (
        tuple(dict.fromkeys(filter(None, (team.name, team.short_name)))) for team in (match.home, match.away)
    )
    return Fixture(
        key=match.source_match_id,
        kickoff_utc=match.kickoff_utc,
        home=home,
        away=away,
        competition=name,
        country=country,
        gender=match.gender,
        slack=timedelta(0) if match.time_known else _HALF_A_DAY,
    )


def _competition(told: SourceCompetition) -> tuple[str, str | None]:
    if told.source is Source.FBREF:
        known = BY_FBREF_ID.get(told.source_id)
    else:
        known = BY_TITAN_ID.get(told.source_id) if told.source is Source.TITAN007 else None
        # A league's number alone is not enough: cups and leagues have numbers of their own.
        known = known if known and known.titan_name == told.name else None
    if known is None:
        return told.name, told.country
    return known.name, _COUNTRY_OF_WATCHED.get(known.fotmob_id)


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
