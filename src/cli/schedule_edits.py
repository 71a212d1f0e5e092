"""`matchbeat schedule pause|resume|edit|reset|audit`: changes of an entry, each with who and why."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from src.cli import schedule_options as options
from src.cli.output import AsJson, as_text, print_json, say, show
from src.cli.schedule_author import EntryName, Revision, Who, Why, author
from src.cli.schedule_backfill import backfill

if TYPE_CHECKING:
    from src.database.schedule_edits import EditedEntry

_EXAMPLE = "for example '{\"days_ahead\": 1}'"

ParametersText = Annotated[str, typer.Option(help="JSON object over the parameters in force.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands to the schedule's."""
    for command in (pause, resume, edit, reset, backfill, audit):
        app.command()(command)


def pause(
    entry: EntryName, why: Why, who: Who = None, revision: Revision = None, as_json: AsJson = False
) -> None:
    """Stop firing an entry until it is resumed; fires already claimed still run.

    Example: matchbeat schedule pause titan-live --why "upstream is down"
    """
    from src.pipeline import schedule_edits as edits
    from src.pipeline.context import context

    _tell(edits.pause(context(), entry, author(who, why), revision=revision), as_json=as_json)


def resume(
    entry: EntryName, why: Why, who: Who = None, revision: Revision = None, as_json: AsJson = False
) -> None:
    """Let a paused entry fire again; the due times that passed meanwhile do not run.

    Example: matchbeat schedule resume titan-live --why "upstream is back"
    """
    from src.pipeline import schedule_edits as edits
    from src.pipeline.context import context

    _tell(edits.resume(context(), entry, author(who, why), revision=revision), as_json=as_json)


def edit(
    entry: EntryName,
    why: Why,
    cron: options.Cron = None,
    timezone: options.Timezone = "UTC",
    every: options.Every = None,
    at: options.At = None,
    density: options.DensitySteps = None,
    priority: Annotated[int | None, typer.Option(help="0 to 9, 9 is most urgent.")] = None,
    parameters: Annotated[str | None, typer.Option(help="JSON object over the declared ones.")] = None,
    overlap: options.OverlapWord = None,
    buffer_limit: options.BufferLimit = None,
    catch_up: options.CatchUpWord = None,
    catch_up_window: options.CatchUpWindow = None,
    catch_up_limit: options.CatchUpLimit = None,
    pause_after: options.PauseAfter = None,
    jitter: options.Jitter = None,
    start: options.Start = None,
    end: options.End = None,
    max_fires: options.MaxFires = None,
    retries: options.Retries = None,
    expires: options.Expires = None,
    who: Who = None,
    revision: Revision = None,
    as_json: AsJson = False,
) -> None:
    """Change when an entry fires, how urgently, with what or by which policy; it survives a deploy.

    Example: matchbeat schedule edit titan-live --cron "*/5 * * * *" --overlap skip --why "cup final"
    """
    from src.pipeline import schedule_edits as edits
    from src.pipeline.context import context
    from src.pipeline.schedule_checks import Wanted

    policy = options.policy_of(
        {
            "overlap": overlap, "buffer_limit": buffer_limit, "catch_up": catch_up,
            "catch_up_window": catch_up_window, "catch_up_limit": catch_up_limit, "pause_after": pause_after,
            "jitter": jitter, "start": start, "end": end, "max_fires": max_fires, "expires": expires,
            "retries": retries,
        }
    )  # fmt: skip
    wanted = Wanted(
        cadence=options.cadence_of(cron, timezone, every, at, density),
        priority=priority,
        parameters=None if parameters is None else json_object(parameters),
        policy=policy,
    )
    _tell(edits.edit(context(), entry, wanted, author(who, why), revision=revision), as_json=as_json)


def reset(
    entry: EntryName, why: Why, who: Who = None, revision: Revision = None, as_json: AsJson = False
) -> None:
    """Drop an entry's override, its pause too: what is declared is in force again.

    Example: matchbeat schedule reset titan-live --why "cup final is over"
    """
    from src.pipeline import schedule_edits as edits
    from src.pipeline.context import context

    _tell(edits.reset(context(), entry, author(who, why), revision=revision), as_json=as_json)


def audit(
    entry: Annotated[str | None, typer.Argument(help="An entry's name; without it all entries.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many changes at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List the changes of an entry or of all, newest first: who, when, what and why.

    Example: matchbeat schedule audit titan-live
    """
    from src.database.schedule_audit import changes
    from src.pipeline.context import context
    from src.pipeline.schedule_edits import require

    with context().database.session() as session:
        if entry is not None:
            require(session, entry)
        found = changes(session, entry, limit)
    if as_json:
        print_json(found)
        return
    rows = [
        {
            "at": change.at,
            "entry": change.entry,
            "who": change.who,
            "action": change.action,
            "why": change.why,
            "what": _what(change.before, change.after),
        }
        for change in found
    ]
    show(rows, as_json=False, title="Changes (times are UTC)")


def json_object(text: str) -> dict[str, Any]:
    """Return the JSON object in `text`; refuse with an example what is none or cannot be kept."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except ValueError as error:
        raise typer.BadParameter(f"--parameters is no JSON: {error}; {_EXAMPLE}") from None
    if not isinstance(value, dict):
        raise typer.BadParameter(f"--parameters must be a JSON object, {_EXAMPLE}")
    if "\\u0000" in json.dumps(value):
        raise typer.BadParameter(f"--parameters hold a NUL, which Postgres cannot keep; {_EXAMPLE}")
    return value


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _tell(edited: "EditedEntry", *, as_json: bool) -> None:
    if as_json:
        print_json(edited)
        return
    done = "is now" if edited.changed else "was already so: nothing changed,"
    state = "enabled" if edited.enabled else edited.disabled_reason
    due = f", next due {as_text(edited.next_due)} UTC" if edited.enabled and edited.next_due else ""
    say(f"{edited.entry} {done} at revision {edited.revision}: {state}{due}")


def _what(before: dict[str, Any], after: dict[str, Any]) -> str:
    """Return what differs, without what every change moves."""
    fields = [name for name in after if name != "revision" and before.get(name) != after[name]]
    return "; ".join(f"{name}: {before.get(name)} → {after[name]}" for name in fields)
