"""`matchbeat schedule`: what is due, what ran, and a run at once."""

import json
from typing import Annotated, Any

import typer

from src.cli.output import AsJson, show

app = typer.Typer(help="What is due, what ran, and a run at once.", no_args_is_help=True)

_EXAMPLE = "for example '{\"days_ahead\": 1}'"


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the entries with their next due time and last outcome.

    Example: matchbeat schedule list --json
    """
    from src.database.schedule import views
    from src.pipeline.context import context
    from src.scheduling.cadence import describe

    with context().database.session() as session:
        rows: list[dict[str, Any]] = [
            {
                "entry": view.entry.name,
                "when": describe(view.entry.cadence),
                "runs_as": f"{view.entry.runner}: {view.entry.target}",
                "priority": view.entry.priority,
                "next_due": view.next_due,
                "last_due": view.last_due,
                "last_outcome": view.last_state,
                "enabled": view.enabled,
            }
            for view in views(session)
        ]
    show(rows, as_json=as_json, title="Schedule (times are UTC)")


@app.command("history")
def history(
    entry: Annotated[str, typer.Argument(help="The entry's name.")],
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many fires at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the last fires of an entry.

    Example: matchbeat schedule history titan-live --limit 5
    """
    from src.database.outcomes import history as fires
    from src.pipeline.context import context
    from src.scheduling.catalog import find

    find(entry)
    with context().database.session() as session:
        rows = [
            {
                "due": row.due_at,
                "state": row.state,
                "sent": row.sent_at,
                "started": row.started_at,
                "finished": row.finished_at,
                "by_hand": row.by_hand,
                "reason": row.reason,
                "fire": str(row.id),
            }
            for row in fires(session, entry, limit)
        ]
    show(rows, as_json=as_json, title=f"Fires of {entry} (times are UTC)")


@app.command("run-now")
def run_now(
    entry: Annotated[str, typer.Argument(help="The entry's name.")],
    parameters: Annotated[str, typer.Option(help="JSON object over the declared parameters.")] = "{}",
    as_json: AsJson = False,
) -> None:
    """Ask for one run of an entry at once; the leading Beat sends it within a second.

    Example: matchbeat schedule run-now titan-hybrid --parameters '{"cleanup_days": 3}'
    """
    from src.pipeline.context import context
    from src.pipeline.run_now import ask_for

    fire = ask_for(context(), entry, _json_object(parameters))
    show([{"fire": str(fire.id), "entry": entry, "due": fire.due_at}], as_json=as_json, title="Asked for")


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        raise typer.BadParameter(f"--parameters is no JSON: {error}; {_EXAMPLE}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"--parameters must be a JSON object, {_EXAMPLE}")
    return value
