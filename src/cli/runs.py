"""`matchbeat runs`: one list over Celery tasks and flow runs, and control of each."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from src.cli.output import AsJson, print_json, say, show
from src.cli.schedule_author import Who, author

# Typer reads the options' types when a command is called.
from src.domain.fire import OPEN, FireId, FireState
from src.domain.run import RunKind

if TYPE_CHECKING:
    from src.pipeline.run_control import RunChange
    from src.scheduling.bridge.client import PrefectClient

app = typer.Typer(help="Celery tasks and flow runs: what runs, its log, and control.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A fire's or flow run's id, or its first four digits or more.")]


@app.command("list")
def list_(
    entry: Annotated[str | None, typer.Argument(help="An entry's name; without it all entries.")] = None,
    states: Annotated[
        list[FireState] | None, typer.Option("--state", help="Only runs in this state; may be repeated.")
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Only runs that have not ended.")] = False,
    kind: Annotated[RunKind | None, typer.Option(help="Only tasks, or only flow runs.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many runs at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List runs, newest first.

    Example: matchbeat runs list titan-live --open
    """
    from src.pipeline.context import context
    from src.pipeline.runs import list_runs

    wanted = {*(states or ()), *(OPEN if open_ else ())}
    found = list_runs(context(), entry=entry, states=wanted, kind=kind, limit=limit)
    if as_json:
        print_json(found)
        return
    rows = [
        {
            "run": str(run.fire)[:13],
            "entry": run.entry,
            "kind": run.kind.value,
            "state": run.state.value,
            "due": run.due_at,
            "started": run.started_at,
            "seconds": run.duration_s,
            "worker": run.worker,
            "reason": run.reason,
        }
        for run in found
    ]
    show(rows, as_json=False, title="Runs (times are UTC)")


@app.command("show")
def show_(name: Name, as_json: AsJson = False) -> None:
    """Show one run: the ledger's row, its flow run in Prefect, and how far it has come.

    Example: matchbeat runs show 3f2a91c0
    """
    from src.pipeline.context import context
    from src.pipeline.runs import show_run

    found = show_run(context(), _client, name)
    if as_json:
        print_json(found)
        return
    fields = [{"field": name, "value": value} for name, value in asdict(found.run).items()]
    show(fields, as_json=False, title=f"{found.run.entry} (times are UTC)")
    if found.problem:
        say(f"\nPrefect: {found.problem}")
    if found.prefect:
        kept = ("state_name", "message", "work_pool", "run_count", "expected_start")
        show(
            [{"field": name, "value": getattr(found.prefect, name)} for name in kept],
            as_json=False,
            title="\nIn Prefect",
        )
    if found.progress:
        show([asdict(step) for step in found.progress], as_json=False, title="\nProgress")


@app.command("logs")
def logs(
    name: Name,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="So many lines at most.")] = 1000,
    offset: Annotated[int, typer.Option(min=0, help="Leave out so many lines.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Print what a run logged: a flow run's lines from Prefect, a task's from the stack's log files.

    Example: matchbeat runs logs 3f2a91c0 --limit 100
    """
    from src.pipeline.context import context
    from src.pipeline.runs import run_logs

    found = run_logs(context(), _client, name, limit=limit, offset=offset)
    if as_json:
        print_json({"fire": found.run.fire, "source": found.source, "lines": found.lines})
        return
    say(f"from {found.source}", style="dim")
    for line in found.lines:
        say(line)


@app.command("pause")
def pause(
    name: Name,
    timeout: Annotated[
        float, typer.Option(help="It fails if it is not resumed in so many seconds.")
    ] = 86_400,
    as_json: AsJson = False,
) -> None:
    """Pause a flow run at its next checkpoint; a task cannot be paused.

    Example: matchbeat runs pause 3f2a91c0 --timeout 3600
    """
    from src.pipeline.context import context
    from src.pipeline.run_control import pause_run

    _tell(pause_run(context(), _client, name, timeout), "paused", as_json=as_json)


@app.command("resume")
def resume(name: Name, as_json: AsJson = False) -> None:
    """Let a paused flow run go on with its next item, also on another worker.

    Example: matchbeat runs resume 3f2a91c0
    """
    from src.pipeline.context import context
    from src.pipeline.run_control import resume_run

    _tell(resume_run(context(), _client, name), "resumed", as_json=as_json)


@app.command("cancel")
def cancel(
    name: Name,
    why: Annotated[str, typer.Option(help="The reason, which the ledger keeps.")] = "by hand",
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """End a task or a flow run that has not ended.

    Example: matchbeat runs cancel 3f2a91c0 --why "the source is down"
    """
    from src.pipeline.context import context
    from src.pipeline.run_control import cancel_run

    done = cancel_run(context(), _client, _revoke, name, author(who, why))
    _tell(done, "cancelled", as_json=as_json)


def _client() -> "PrefectClient":
    from src.pipeline.context import context
    from src.pipeline.runs import prefect_client

    return prefect_client(context())


def _revoke(fire: FireId) -> None:
    from src.api.revoking import revoke

    revoke(fire)


def _tell(done: "RunChange", what: str, *, as_json: bool) -> None:
    if as_json:
        print_json(done)
    else:
        say(f"{done.entry} {done.fire} {what}: {done.text} (in the ledger: {done.state})")
