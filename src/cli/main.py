"""The `matchbeat` command: one application from the commands of all areas, and one place for errors."""

import sys
from typing import Annotated

import typer

from src.cli import (
    align,
    collect,
    demo,
    first_run,
    flows,
    import_history,
    overview,
    parse,
    quarantine,
    replay,
    runs,
    sandbox,
    schedule,
    stack,
)
from src.cli.output import complain
from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.logging import use_structlog

#: Exit codes: 0 is success and 2 also a wrong use of a command (as Typer has it).
FAILED, MISCONFIGURED, AWAY = 1, 2, 3

app = typer.Typer(
    help="Matchbeat keeps a football prediction service fed and trained: Celery Beat, Prefect, MLflow.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"matchbeat {version('matchbeat')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Hold the options that stand before a command, and keep what is logged out of its output."""
    # Through the standard library: warnings go to standard error, and what is said in passing nowhere.
    use_structlog()


stack.add_to(app)
demo.add_to(app)
overview.add_to(app)
parse.add_to(app)
app.command("first-run")(first_run.first_run)
app.add_typer(flows.app, name="flows")
app.add_typer(schedule.app, name="schedule")
app.add_typer(runs.app, name="runs")
app.command("sandbox")(sandbox.sandbox)
app.add_typer(align.app, name="align")
app.add_typer(collect.app, name="collect")
app.add_typer(import_history.app, name="import")
app.add_typer(quarantine.app, name="quarantine")
app.command("replay")(replay.replay)


def main() -> None:
    """Run the command line; our own errors become one clear message and an exit code."""
    try:
        app()
    except MatchbeatError as error:
        complain(str(error))
        sys.exit(exit_code(error))
    except OSError as error:  # a full disk, a folder that cannot be written
        where = f"{error.filename}: " if error.filename else ""
        complain(f"{where}{error.strerror or error}")
        sys.exit(FAILED)


def exit_code(error: MatchbeatError) -> int:
    """Return the exit code that tells a script who must act."""
    if isinstance(error, Misconfigured):
        return MISCONFIGURED
    return AWAY if isinstance(error, Transient) else FAILED


if __name__ == "__main__":
    main()
