"""How commands show things: tables for people, JSON for programs, one clear line for errors."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from src.core.logging import redact

#: The `--json` option of every command that lists or shows.
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


@cache
def console() -> Console:
    """Return the console for results; without a terminal it neither wraps nor colours."""
    return _console(stderr=False)


@cache
def error_console() -> Console:
    """Return the console for errors and warnings."""
    return _console(stderr=True)


def _console(*, stderr: bool) -> Console:
    # Colons are text: `fotmob:x:y` holds no picture.
    made = Console(stderr=stderr, highlight=False, emoji=False)
    if made.is_terminal:
        return made
    return Console(stderr=stderr, highlight=False, emoji=False, width=200, soft_wrap=True)


def say(text: str, style: str | None = None) -> None:
    """Print one plain line; square brackets in it are text, not markup."""
    console().print(escape(text), style=style)


def complain(text: str) -> None:
    """Print an error on standard error, passwords blanked."""
    error_console().print(f"[bold red]error:[/] {escape(redact(text))}")


def print_json(data: Any) -> None:
    """Print `data` as JSON; dataclasses, dates and durations (in seconds) are understood."""
    typer.echo(json.dumps(data, indent=2, default=_plain, ensure_ascii=False))


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    *,
    title: str | None = None,
    right: Sequence[str] = (),
) -> None:
    """Print rows under `columns`; those named in `right` hold numbers and are aligned to the right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left")
    for row in rows:
        table.add_row(*(escape(as_text(cell)) for cell in row))
    console().print(table)


def show(
    rows: Sequence[Mapping[str, Any]],
    *,
    as_json: bool,
    title: str | None = None,
    columns: Sequence[str] | None = None,
) -> None:
    """Print records: all fields as JSON, or `columns` (default: those of the first record) as a table."""
    if as_json:
        print_json(list(rows))
    else:
        columns = columns if columns is not None else list(rows[0]) if rows else ["nothing"]
        print_table(columns, [[row.get(column) for column in columns] for row in rows], title=title)


def as_text(value: Any) -> str:
    """Return a cell's text: empty for None, times in UTC to the second."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)


def age(since: datetime, now: datetime) -> str:
    """Return how long ago `since` was, in the two largest units: `2 h 5 min`."""
    seconds = max(0, int((now - since).total_seconds()))
    for unit, size, smaller, part in (("d", 86400, "h", 3600), ("h", 3600, "min", 60), ("min", 60, "s", 1)):
        if seconds >= size:
            return f"{seconds // size} {unit} {seconds % size // part} {smaller}"
    return f"{seconds} s"


def megabytes(size: int | None) -> str:
    """Return a size in bytes as MB (10⁶ bytes), empty for None."""
    return "" if size is None else f"{size / 1e6:.0f} MB"


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    return str(value)
