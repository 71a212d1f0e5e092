"""`matchbeat parse`: what our parsers make of saved payloads, without a database."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import TypeAdapter

from src.cli.output import complain
from src.cli.payload_file import about_file, read_payload
from src.collectors.readers import READERS, Reader, Record, Untold, reader
from src.collectors.registry import is_mapped
from src.core.errors import BadData, SourceChanged
from src.domain.match import SourceMatch, TeamStat
from src.domain.odds import OddsQuote
from src.domain.payload import Parsed

_TYPES: dict[type, str] = {SourceMatch: "match", TeamStat: "stat", OddsQuote: "quote"}
_PLURALS = {SourceMatch: "matches", TeamStat: "stats", OddsQuote: "quotes"}
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
_KINDS = "; ".join(
    f"{source}: {', '.join(kind for of, kind in sorted(READERS) if of == source)}"
    for source in sorted({of for of, _ in READERS})
)

#: The exit code where a file could not be read as a whole.
_UNREADABLE = 1


def add_to(app: typer.Typer) -> None:
    """Hang the command into the application."""
    app.command("parse")(parse)


def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Saved payloads, .gz ones too.")],
    source: Annotated[str, typer.Option(help="Where the payloads come from.")],
    kind: Annotated[str, typer.Option(help=f"What they are. {_KINDS}.")],
    day: Annotated[
        str | None, typer.Option(help="The Beijing date of a day list (default: what its name tells).")
    ] = None,
    kickoff: Annotated[
        str | None,
        typer.Option(help="The kick-off where the page does not tell it; UTC without a zone."),
    ] = None,
    captured_at: Annotated[
        str | None, typer.Option(help="When the payload was fetched (default: the file's own time).")
    ] = None,
    match_id: Annotated[
        str | None, typer.Option(help="The source's id of the match (default: what its name tells).")
    ] = None,
    bookmaker: Annotated[
        str | None, typer.Option(help="The source's id of the bookmaker of a page of changes.")
    ] = None,
) -> None:
    """Print the records of saved payloads as JSON lines.

    Records go to standard output, one JSON object a line, `type` first (match, stat or quote). What would be
    quarantined goes to standard error, also as JSON lines: `rejected` records with key, reason and raw text,
    an `unreadable` file with its reason, and a `summary` a file. The exit code is 0 though records were
    rejected, 1 where a whole file could not be read, and 2 where the command needs to be told more.

    Example: matchbeat parse --source fotmob --kind day day.json | jq -r .home.name
    """
    read = reader(source, kind)
    told = {
        "day": _date(day),
        "kickoff": _moment("--kickoff", kickoff),
        "captured_at": _moment("--captured-at", captured_at),
        "match_id": match_id,
        "bookmaker": bookmaker,
    }
    readable = [_one(file, read, told) for file in files]
    if not all(readable):
        raise typer.Exit(_UNREADABLE)


def _one(file: Path, read: Reader, told: dict[str, Any]) -> bool:
    try:
        body = read_payload(file)
        parsed = read(body, about_file(file, body, **told))
    except (BadData, SourceChanged) as error:
        _aside({"type": "unreadable", "file": str(file), "error": type(error).__name__, "reason": str(error)})
        return False
    except Untold as error:
        raise typer.BadParameter(
            f"{file}: {error}", param_hint=f"--{error.name.replace('_', '-')}"
        ) from error
    except OSError as error:
        complain(f"{file}: {error.strerror or error}")
        return False
    _print(file, parsed)
    return True


def _print(file: Path, parsed: Parsed[Record]) -> None:
    for record in parsed.rows:
        typer.echo(as_line(record))
    for item in parsed.rejected:
        raw = item.record.decode("utf-8", "backslashreplace")
        _aside({"type": "rejected", "file": str(file), "key": item.key, "reason": item.reason, "record": raw})
    _aside(_summary(file, parsed))


def _summary(file: Path, parsed: Parsed[Record]) -> dict[str, Any]:
    counts = dict.fromkeys(_PLURALS.values(), 0)
    for record in parsed.rows:
        counts[_PLURALS[type(record)]] += 1
    told = {"type": "summary", "file": str(file)} | counts | {"rejected": len(parsed.rejected)}
    return told | {"unmapped_bookmakers": _unmapped(parsed.rows)}


def _unmapped(records: Iterable[Record]) -> list[str]:
    quotes = (record for record in records if isinstance(record, OddsQuote))
    return sorted({q.bookmaker_name for q in quotes if not is_mapped(q.bookmaker_namespace, q.bookmaker_id)})


def as_line(record: Record) -> str:
    """Return a record as one line of JSON, its type first; times in UTC, as ISO 8601."""
    adapter = _ADAPTERS.setdefault(type(record), TypeAdapter(type(record)))
    told = {"type": _TYPES[type(record)]} | adapter.dump_python(record, mode="json")
    return json.dumps(told, ensure_ascii=False)


def _aside(told: dict[str, Any]) -> None:
    line = json.dumps(told, ensure_ascii=False)
    typer.echo(line.encode("utf-8", "backslashreplace").decode(), err=True)


def _date(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date as 2026-03-07", param_hint="--day") from error


def _moment(option: str, text: str | None) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no time as 2026-03-07T15:00Z", param_hint=option) from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
