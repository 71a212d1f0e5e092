"""`matchbeat import`: takes in what somebody has on disk."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from src.cli.output import AsJson, complain, print_json, say

if TYPE_CHECKING:
    from src.pipeline.import_history import ImportSummary

app = typer.Typer(no_args_is_help=True, help="Take in data from files.")

#: The exit code where a file was no season file.
_SOME_FAILED = 1


@app.callback()
def _group() -> None:
    """Keep `history` a command of its own, though it is the only one so far."""


@app.command()
def history(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", exists=True, file_okay=False, help="Folder of the season files."),
    ],
    again: Annotated[bool, typer.Option("--again", help="Read files that are done once more.")] = False,
    as_json: AsJson = False,
) -> None:
    """Import football-data.co.uk's seasons: matches, figures, and all opening and closing odds.

    It can be ended and run again at any time: files that are done are left out, and nothing is doubled.

    Example: matchbeat import history ./history
    """
    from src.pipeline.context import context
    from src.pipeline.import_history import import_history

    summary = import_history(context(), folder, again=again, report=_nothing if as_json else _progress)
    if as_json:
        print_json(asdict(summary))
    else:
        _show(summary)
    if summary.failed:
        complain(f"{summary.failed} files are no season files: see `matchbeat quarantine list`")
        raise typer.Exit(_SOME_FAILED)


def _nothing(number: int, total: int, file: str, part: "ImportSummary") -> None:
    del number, total, file, part


def _progress(number: int, total: int, file: str, part: "ImportSummary") -> None:
    if part.done_before:
        told = "done before"
    elif part.failed:
        told = "no season file"
    else:
        told = f"{part.matches} matches, {part.quotes:,} quotes, {part.changed:,} rows written"
        told += f", {part.quarantined} records quarantined" if part.quarantined else ""
    say(f"{number:>{len(str(total))}}/{total}  {file:<16} {told}")


def _show(summary: "ImportSummary") -> None:
    say(
        f"{summary.files} files ({summary.done_before} done before, {summary.failed} failed): "
        f"{summary.matches:,} matches ({summary.linked:,} of them linked), {summary.figures:,} figures, "
        f"{summary.quotes:,} quotes, {summary.quarantined} records quarantined, "
        f"{summary.changed:,} rows written"
    )
    if summary.unmapped:
        say("without a name of ours: " + ", ".join(summary.unmapped), "yellow")
