"""Reads football-data.co.uk's CSV files: results, figures and prices, whatever columns the season has."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from src.core.errors import Misconfigured
from src.sandbox.history.row_odds import PricedRow, quotes_of_row
from src.sandbox.world.draws import drawn
from src.sandbox.world.fixture import SideFigures
from src.sandbox.world.quotes import Quote

NEEDED = ("Date", "HomeTeam", "AwayTeam", "FTHG", "FTAG")
#: Kick-off times are the United Kingdom's for every league, and absent before 2019/20.
_UNITED_KINGDOM = ZoneInfo("Europe/London")
_USUAL_TIME = "15:00"
_FILE = re.compile(r"(?P<code>E0|SP1|D1|I1|F1)_(?P<start>\d\d)(?P<end>\d{1,2})\.csv")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeasonFile:
    """One league's season: `year` is when it began."""

    path: Path
    code: str
    year: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PastMatch:
    """One row of a file; `kickoff` is aware UTC, the time as it was."""

    code: str
    year: int
    kickoff: datetime
    home: str
    away: str
    score: tuple[int, int]
    half_time: tuple[int, int]
    figures: tuple[SideFigures, SideFigures]
    quotes: Sequence[Quote]


def season_files(folder: Path) -> list[SeasonFile]:
    """Return the season files in `folder`, oldest first; raise Misconfigured where there are none.

    `E0_2223.csv` is 2022/23 and `E0_034.csv` 2003/04, so the names do not sort by themselves.
    """
    if not folder.is_dir():
        raise Misconfigured(f"the history folder {folder} does not exist; {_EXAMPLE}")
    found = []
    for path in folder.iterdir():
        match = _FILE.fullmatch(path.name)
        if match is None:
            continue
        start, end = int(match["start"]), int(match["end"])
        if (start + 1) % 100 != end:
            raise Misconfigured(
                f"{path}: the name's season {match['start']}{match['end']} is no pair of years"
            )
        found.append(SeasonFile(path=path, code=match["code"], year=start + (1900 if start > 80 else 2000)))
    if not found:
        raise Misconfigured(f"the history folder {folder} holds no season file; {_EXAMPLE}")
    return sorted(found, key=lambda file: (file.year, file.code))


_EXAMPLE = "it must hold football-data.co.uk files named league_season.csv, for example E0_2223.csv"


def read_season(file: SeasonFile) -> Iterator[PastMatch]:
    """Yield a file's matches; raise Misconfigured naming file, line and column where one cannot be read."""
    rows = csv.reader(_text(file.path).splitlines())
    header = [name.strip() for name in next(rows, [])]
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise Misconfigured(f"{file.path}, line 1: column {missing[0]} is missing; {_EXAMPLE}")
    empty = True
    for cells in rows:
        line = PricedRow(file.path, rows.line_num, dict(zip(header, cells, strict=False)))
        if line.text("Date") or line.text("HomeTeam"):
            empty = False
            yield _match(file, line)
    if empty:
        raise Misconfigured(f"{file.path} has no matches below its header")


def _match(file: SeasonFile, row: PricedRow) -> PastMatch:
    home, away = (row.needed(name) for name in ("HomeTeam", "AwayTeam"))
    score = (row.count("FTHG"), row.count("FTAG"))
    half = (min(score[0], row.count("HTHG", 0)), min(score[1], row.count("HTAG", 0)))
    kickoff = _kickoff(row)
    return PastMatch(
        code=file.code,
        year=file.year,
        kickoff=kickoff,
        home=home,
        away=away,
        score=score,
        half_time=half,
        figures=(_figures(row, "H", score[0]), _figures(row, "A", score[1])),
        quotes=quotes_of_row(row),
    )


def _kickoff(row: PricedRow) -> datetime:
    day, time = row.needed("Date"), row.text("Time") or _USUAL_TIME
    form = "%d/%m/%Y" if len(day) == 10 else "%d/%m/%y"
    try:
        date = datetime.strptime(day, form)  # noqa: DTZ007 - the zone follows
    except ValueError:
        raise row.wrong("Date", "a date as dd/mm/yy or dd/mm/yyyy") from None
    try:
        clock = datetime.strptime(time, "%H:%M").time()  # noqa: DTZ007
    except ValueError:
        raise row.wrong("Time", "a time as hh:mm") from None
    return datetime.combine(date, clock, _UNITED_KINGDOM).astimezone(UTC)


def _figures(row: PricedRow, side: str, goals: int) -> SideFigures:
    """Return a side's figures as the file has them; expected goals are not in it and follow the shots."""
    shots = row.count(f"{side}S", goals)
    on_target = row.count(f"{side}ST", goals)
    noise = drawn(row.line, f"{side}{row.path.name}")
    xg = 0.06 * shots + 0.19 * on_target + 0.15 * goals
    return SideFigures(
        shots=shots,
        on_target=on_target,
        fouls=row.count(f"{side}F", 0),
        corners=row.count(f"{side}C", 0),
        yellow=row.count(f"{side}Y", 0),
        red=row.count(f"{side}R", 0),
        xg=round(max(0.05, xg * (0.8 + 0.4 * noise)), 2),
    )


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read: {error.strerror}") from None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # older files are not in UTF-8
