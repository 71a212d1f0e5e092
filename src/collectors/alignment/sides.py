"""All fixtures of one side of an evaluation: read from saved payloads, or from the pairs file itself."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from glob import glob
from hashlib import sha256
from pathlib import Path

from src.collectors.alignment.csv_rows import read_bytes, read_rows
from src.collectors.alignment.fixture import Fixture
from src.collectors.alignment.pairs import PREFIXES, Side, fixture_of_pair
from src.collectors.alignment.told_fixture import of_match
from src.collectors.readers import READERS, About, Untold
from src.core.errors import BadData, Misconfigured, SourceChanged
from src.domain.match import SourceMatch

#: The kinds of payloads that tell matches.
_KINDS = {
    "fotmob": ("day", "league", "details"),
    "fbref": ("schedule",),
    "titan007": ("day", "schedule", "details"),
    "football-data": ("history",),
}
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
    if not file or kind not in _KINDS.get(first, ()):
        kinds = [f"{of}:{one}:FILE" for of, told in _KINDS.items() for one in told]
        known = ", ".join([*kinds, "pairs:SOURCE[:FILE]"])
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
    except (BadData, SourceChanged) as error:
        raise type(error)(f"{file}: {error}") from error
    matches = [of_match(record) for record in parsed.rows if isinstance(record, SourceMatch)]
    return [*matches, *(None for _ in parsed.rejected)]
