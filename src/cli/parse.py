"""`matchbeat parse`: what our parsers make of saved payloads, without a database."""

from datetime import UTC
from pathlib import Path
from typing import Annotated

import typer

from src.cli.instant import day as read_day
from src.cli.instant import instant

_KINDS = (
    "What they are. fotmob: day, league, details; fbref: schedule, stats; titan007: day, schedule, details,"
    " 1x2, ah, ou, changes (or history), live; football-data: history."
)

#: The exit code where a file could not be read as a whole.
_UNREADABLE = 1


def add_to(app: typer.Typer) -> None:
    """Hang the command into the application."""
    app.command("parse")(parse)


def parse(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Saved payloads, .gz ones too.")],
    source: Annotated[str, typer.Option(help="Where the payloads come from.")],
    kind: Annotated[str, typer.Option(help=_KINDS)],
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
    # Imported here: the parsers would add a tenth of a second to the start of every command.
    from src.cli.parse_files import parse_files

    told = {
        "day": read_day("--day", day) if day else None,
        "kickoff": instant("--kickoff", kickoff).astimezone(UTC) if kickoff else None,
        "captured_at": instant("--captured-at", captured_at).astimezone(UTC) if captured_at else None,
        "match_id": match_id,
        "bookmaker": bookmaker,
    }
    if not parse_files(source, kind, files, told):
        raise typer.Exit(_UNREADABLE)
