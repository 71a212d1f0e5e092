"""`matchbeat quarantine`: records that could not be read, and what to do about them."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from src.cli.output import AsJson, as_text, print_json, print_table, say
from src.cli.schedule_author import Who, Why, author

# Typer reads the options' types when a command is called.
from src.domain.match import Source

if TYPE_CHECKING:
    from src.database.quarantine import Quarantined
    from src.pipeline.quarantine_review import Choice

app = typer.Typer(help="Records that could not be read: list, show, retry, drop.", no_args_is_help=True)

Numbers = Annotated[
    list[int] | None, typer.Argument(metavar="[NUMBER]...", help="As `matchbeat quarantine list` has them.")
]
OfSource = Annotated[Source | None, typer.Option(help="Only records of this source.")]
OfKind = Annotated[str | None, typer.Option(help="Only of this kind of payload, as day or 1x2.")]
All = Annotated[bool, typer.Option("--all", help="All open records.")]

#: How much of a record `show` prints.
_MOST_CHARACTERS = 4_000


class State(StrEnum):
    """Which records to list."""

    OPEN = "open"
    MENDED = "mended"
    DROPPED = "dropped"
    ALL = "all"


@app.command("list")
def list_(
    source: OfSource = None,
    kind: OfKind = None,
    state: Annotated[State, typer.Option(help="What became of them.")] = State.OPEN,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many records at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List quarantined records, newest first.

    Example: matchbeat quarantine list --source titan007 --kind ah
    """
    from src.pipeline.context import context
    from src.pipeline.quarantine_review import listed

    wanted = None if state is State.ALL else state.value
    found = listed(context(), source=source, kind=kind, state=wanted, limit=limit)
    if as_json:
        print_json([_plain(record) for record in found])
        return
    columns = ["number", "since", "source", "kind", "record", "seen", "state", "reason"]
    print_table(
        columns,
        [
            (
                record.id, as_text(record.created_at), record.source.value, record.kind, record.record_key,
                record.seen, record.state, record.reason,
            )
            for record in found
        ],
        title="Quarantined records (times are UTC)",
        right=["number", "seen"],
    )  # fmt: skip


@app.command()
def show(
    number: Annotated[int, typer.Argument(help="As `matchbeat quarantine list` has it.")],
    as_json: AsJson = False,
) -> None:
    """Show a record: why it was rejected, where its payload came from, and what was read of it."""
    from src.pipeline.context import context
    from src.pipeline.quarantine_review import shown

    record = shown(context(), number)
    if as_json:
        print_json(_plain(record))
        return
    ended = f" by {record.who}: {record.why}" if record.who else ""
    say(f"{record.source.value} {record.kind}, record {record.record_key}: {record.state}{ended}")
    say(f"reason   {record.reason}")
    say(f"seen     {_many(record.seen, 'time')} since {as_text(record.created_at)}")
    say(f"payload  {record.raw_sha256}")
    for url in record.urls or ("no longer kept",):
        say(f"         {url}")
    text = _text(record)
    say(text[:_MOST_CHARACTERS])
    if len(text) > _MOST_CHARACTERS:
        say(f"... {len(text) - _MOST_CHARACTERS} characters more (--json has them)")


@app.command()
def retry(
    numbers: Numbers = None,
    source: OfSource = None,
    kind: OfKind = None,
    everything: All = False,
    as_json: AsJson = False,
) -> None:
    """Read the kept payloads of open records again; what can be read now is stored and leaves the quarantine.

    Example: matchbeat quarantine retry --source fotmob --kind day
    """
    from src.pipeline.context import context
    from src.pipeline.quarantine_review import retry as again

    told = again(context(), _choice(numbers, source, kind, everything))
    if as_json:
        print_json(told)
        return
    say(f"{told.mended} of {told.records} records can be read now; {told.changed} rows written")
    if told.gone:
        say(f"{told.gone} records have no payload any more: it is past keeping", "yellow")
    if told.left:
        say(f"{told.left} payloads belong to no match of ours yet: see `matchbeat align review`", "yellow")


@app.command()
def drop(
    why: Why,
    numbers: Numbers = None,
    who: Who = None,
    source: OfSource = None,
    kind: OfKind = None,
    everything: All = False,
) -> None:
    """Give open records up: they stay listed as dropped, with who and why, until they are past keeping.

    Example: matchbeat quarantine drop 17 18 --why "a league that we do not follow"
    """
    from src.pipeline.context import context
    from src.pipeline.quarantine_review import drop as give_up

    dropped = give_up(context(), _choice(numbers, source, kind, everything), author(who, why))
    say(f"{_many(dropped, 'record')} dropped")


def _choice(numbers: list[int] | None, source: Source | None, kind: str | None, everything: bool) -> "Choice":
    from src.pipeline.quarantine_review import Choice

    if not (numbers or source or kind or everything):
        raise typer.BadParameter("say which: numbers, --source, --kind, or --all")
    return Choice(ids=tuple(numbers or ()), source=source, kind=kind)


def _many(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _plain(record: "Quarantined") -> dict[str, object]:
    return {**vars(record), "record": _text(record)}


def _text(record: "Quarantined") -> str:
    return record.record.decode(errors="backslashreplace")
