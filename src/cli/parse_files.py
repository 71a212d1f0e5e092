"""Reads saved payloads and prints their records, and what would be quarantined, as JSON lines."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer
from pydantic import TypeAdapter

from src.cli.output import complain
from src.cli.payload_file import about_file, read_payload
from src.collectors.readers import Reader, Record, Untold, reader
from src.collectors.registry import is_mapped
from src.core.errors import BadData, SourceChanged
from src.domain.match import SourceMatch, TeamStat
from src.domain.odds import OddsQuote
from src.domain.payload import Parsed

_TYPES: dict[type, str] = {SourceMatch: "match", TeamStat: "stat", OddsQuote: "quote"}
_PLURALS = {SourceMatch: "matches", TeamStat: "stats", OddsQuote: "quotes"}
_ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def parse_files(source: str, kind: str, files: Sequence[Path], told: dict[str, Any]) -> bool:
    """Print what each file holds; return whether all of them could be read.

    `told` are the fields of `About` that the caller knows. Raises Misconfigured on an unknown kind and
    typer's BadParameter where a file needs to be told more.
    """
    read = reader(source, kind)
    readable = [_one(file, read, told) for file in files]
    return all(readable)


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
