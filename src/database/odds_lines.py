"""Sightings and rows of Latest as lines of COPY, with the columns that they fill."""

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from sqlalchemy.orm import Session

from src.database.copying import NULL, array_text, copy_in, number_text, time_text
from src.database.odds_judging import Latest, Sighting, StoredLatest
from src.domain.fire import FireId

#: The columns of a row of Latest, and those of a sighting: its text has them in this order, all but the last.
LATEST = StoredLatest._fields
SIGHTING = LATEST[: LATEST.index("captured_at") + 1]


class SightingTexts:
    """The columns of sightings, all but the last; made once, for a change goes to two tables."""

    def __init__(self) -> None:
        self._made: dict[int, tuple[Sighting, str]] = {}

    def of(self, sighting: Sighting) -> str:
        """Return the text of numbers, times, and words of our own."""
        # By identity, and kept with it: of two that are equal each is a row.
        made = self._made.get(id(sighting))
        if made is None:
            made = self._made[id(sighting)] = sighting, _text(sighting)
        return made[1]


def append_sightings(
    session: Session,
    table: str,
    sightings: Sequence[Sighting],
    texts: SightingTexts,
    fires: Iterable[FireId | UUID | None],
) -> None:
    """Append sightings to History or to the repeats, each with the fire that brought it."""
    lines = (
        f"{texts.of(sight)}\t{time_text(sight.first_captured)}\t{fire or NULL}\n"
        for sight, fire in zip(sightings, fires, strict=False)
    )
    copy_in(session, table, (*SIGHTING, "fire_id"), lines)


def append_latest(session: Session, table: str, rows: Iterable[Latest], texts: SightingTexts) -> None:
    """Append rows to Latest or to a table like it."""
    lines = (
        f"{texts.of(row.sighting)}\t{time_text(row.sighting.last_captured)}\t{row.tied}"
        f"\t{time_text(row.first_observed_at)}\t{time_text(row.last_observed_at)}\n"
        for row in rows
    )
    copy_in(session, table, LATEST, lines)


def numbered_lines(sightings: Iterable[Sighting], texts: SightingTexts) -> Iterator[str]:
    """Yield sightings after the number of their line: its place among the lines of them all."""
    numbers: dict[tuple[object, ...], int] = {}
    for sight in sightings:
        number = numbers.setdefault((sight.key, sight.phase), len(numbers))
        yield f"{number}\t{texts.of(sight)}\t{time_text(sight.first_captured)}\n"


def _text(sighting: Sighting) -> str:
    s, line = sighting, sighting.line
    match, bookmaker, market, period, rank = s.key
    return (
        f"{match}\t{bookmaker}\t{market}\t{period}\t{rank}\t{s.phase}"
        f"\t{NULL if line is None else number_text(line)}\t{array_text(s.prices)}\t{s.suspended}"
        f"\t{time_text(s.observed_at)}\t{s.source}"
    )
