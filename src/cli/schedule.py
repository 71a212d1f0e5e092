"""`matchbeat schedule`: what is due, what ran and why, changes of an entry, and a run at once."""

from typing import Annotated, Any

import typer

from src.cli import schedule_edits
from src.cli.instant import instant
from src.cli.output import AsJson, as_text, print_json, say, show
from src.cli.schedule_author import EntryName, Who, author
from src.cli.schedule_edits import ParametersText, json_object

app = typer.Typer(help="What is due, what ran, changes of an entry, and a run at once.", no_args_is_help=True)
schedule_edits.add_to(app)


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
                "overridden": view.overridden,
                "revision": view.revision,
                "disabled_reason": view.disabled_reason,
            }
            for view in views(session)
        ]
    hidden = {"overridden", "revision", "disabled_reason"}
    columns = [name for name in rows[0] if name not in hidden] if rows else None
    show(rows, as_json=as_json, title="Schedule (times are UTC)", columns=columns)


@app.command("show")
def show_(entry: EntryName, as_json: AsJson = False) -> None:
    """Show one entry: declared, override, in force, next due time and last fires.

    Example: matchbeat schedule show titan-live
    """
    from src.pipeline.context import context
    from src.pipeline.schedule_show import details

    found = details(context(), entry)
    if as_json:
        print_json(found)
        return
    fields: list[dict[str, Any]] = [
        {"field": name, "value": getattr(found, name)}
        for name in found.__dataclass_fields__
        if name not in {"policy", "declared", "override", "effective", "fires"}
    ]
    show(fields, as_json=False, title=f"{entry} (times are UTC)")
    over = found.override or {}
    show(
        [
            {"field": name, "declared": value, "override": over.get(name), "in force": found.effective[name]}
            for name, value in found.declared.items()
        ],
        as_json=False,
        title="\nWhat may be overridden",
    )
    last = [{"due": fire.due_at, "state": fire.state, "reason": fire.reason} for fire in found.fires]
    show(last, as_json=False, title="\nLast fires")


@app.command("next")
def next_(
    entry: Annotated[str | None, typer.Argument(help="An entry's name; without it all entries.")] = None,
    count: Annotated[int, typer.Option(min=1, max=10_000, help="So many due times at most.")] = 10,
    as_json: AsJson = False,
) -> None:
    """List the coming due times; a paused entry has none.

    Example: matchbeat schedule next titan-live --count 5
    """
    from src.pipeline.context import context
    from src.pipeline.schedule_show import coming

    rows = [{"due": at, "entry": found.name} for at, found in coming(context(), entry, count=count)]
    show(rows, as_json=as_json, title="Coming due times (UTC)")


@app.command("diff")
def diff(as_json: AsJson = False) -> None:
    """Show what the next declaration would change: this version's catalog beside the stored schedule.

    Example: matchbeat schedule diff
    """
    from src.pipeline.context import context
    from src.pipeline.schedule_show import differences

    found = [vars(item) for item in differences(context())]
    if found or as_json:
        show(found, as_json=as_json, title="The next declaration; hidden: an override stays in force")
    else:
        say("The stored schedule is what the catalog declares.")


@app.command("leader")
def leader_(as_json: AsJson = False) -> None:
    """Show which Beat leads, or led last.

    Example: matchbeat schedule leader
    """
    from src.database.census import leader
    from src.pipeline.context import context

    with context().database.session() as session:
        found = leader(session)
    if as_json:
        print_json(found)
    elif found is None:
        say("No Beat has ever led; `matchbeat up` starts one.")
    else:
        state = "leads" if found.held else "led last, nobody leads now"
        heard = f"last heard {found.silent_s:.1f} s ago, lease {found.lease_s:g} s"
        say(f"{found.holder} {state}: epoch {found.epoch}, since {as_text(found.since)} UTC, {heard}")


@app.command("why")
def why_(
    entry: EntryName,
    at: Annotated[str, typer.Argument(help="A due time; UTC where it names no zone.")],
    as_json: AsJson = False,
) -> None:
    """Explain what happened to a due time.

    Example: matchbeat schedule why titan-live 2026-11-22T02:00:00
    """
    from src.pipeline.context import context
    from src.pipeline.schedule_why import why

    explained = why(context(), entry, instant("AT", at))
    print_json(explained) if as_json else say(explained.text)


@app.command("history")
def history(
    entry: EntryName,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many fires at most.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List the last fires of an entry.

    Example: matchbeat schedule history titan-live --limit 5
    """
    from src.pipeline.context import context
    from src.pipeline.schedule_show import past_fires

    rows = [
        {
            "due": fire.due_at,
            "state": fire.state,
            "sent": fire.sent_at,
            "started": fire.started_at,
            "finished": fire.finished_at,
            "by_hand": fire.by_hand,
            "reason": fire.reason,
            "fire": fire.fire,
        }
        for fire in past_fires(context(), entry, limit=limit)
    ]
    show(rows, as_json=as_json, title=f"Fires of {entry} (times are UTC)")


@app.command("run-now")
def run_now(
    entry: EntryName,
    parameters: ParametersText = "{}",
    why: Annotated[str | None, typer.Option(help="The reason; with it the audit names the run.")] = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Ask for one run of an entry at once; the leading Beat sends it within a second.

    Example: matchbeat schedule run-now titan-hybrid --parameters '{"cleanup_days": 3}'
    """
    from src.pipeline.context import context
    from src.pipeline.run_now import ask_for

    if who is not None and why is None:
        raise typer.BadParameter("--who belongs to --why, for example --why 'a source is back'")
    by = None if why is None else author(who, why)
    fire = ask_for(context(), entry, json_object(parameters), by=by)
    show([{"fire": str(fire.id), "entry": entry, "due": fire.due_at}], as_json=as_json, title="Asked for")
