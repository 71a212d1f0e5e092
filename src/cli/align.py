"""`matchbeat align`: which fixture of one source is which of another, and what a person has to decide."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from src.cli import align_alias, align_clubs
from src.cli.align_evaluate import SeveralFiles, evaluate
from src.cli.output import AsJson, as_text, print_json, print_table, say, show
from src.cli.schedule_author import Who, Why, author

# Typer reads the options' types when a command is called.
from src.domain.alignment import ReviewState
from src.domain.match import Source

if TYPE_CHECKING:
    from src.domain.alignment import Review

app = typer.Typer(help="Fixtures of different sources: links, doubts, aliases.", no_args_is_help=True)
app.command(cls=SeveralFiles)(evaluate)
app.command()(align_clubs.clubs)
app.command()(align_clubs.merge)
app.add_typer(align_alias.app, name="alias")

Number = Annotated[int, typer.Argument(help="The review's number, as `matchbeat align review` lists it.")]


@app.command()
def review(
    source: Annotated[Source | None, typer.Option(help="Only fixtures of this source.")] = None,
    state: Annotated[
        ReviewState, typer.Option(help="Those that wait, or what was decided.")
    ] = ReviewState.WAITING,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many pairs at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List doubtful pairs: a source's fixture, each match of ours that it may be, and why it was not linked.

    Example: matchbeat align review --source titan007
    """
    from src.pipeline.alignment_review import waiting
    from src.pipeline.context import context

    found = waiting(context(), state=state, source=source, limit=limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ["review", "source", "fixture", "kick-off", "perhaps our match", "kick-off", "score", "why"],
        [_cells(item) for item in found],
        title="Doubtful pairs (times are UTC)",
        right=["review", "score"],
    )


@app.command()
def confirm(
    number: Number,
    why: Why,
    who: Who = None,
    names: Annotated[
        bool, typer.Option("--names", help="Also take the fixture's names for aliases of our clubs'.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Link a doubtful pair for good; the fixture's other candidates are settled by it.

    Example: matchbeat align confirm 17 --why "same match, sponsor's name" --names
    """
    from src.pipeline import alignment_review
    from src.pipeline.context import context

    _tell(
        alignment_review.confirm(context(), number, author(who, why), remember_names=names), as_json=as_json
    )


@app.command()
def reject(
    why: Why,
    number: Annotated[int | None, typer.Argument(help="The review's number; or give --link.")] = None,
    link: Annotated[str | None, typer.Option(help="A wrong link instead, as SOURCE:ID.")] = None,
    who: Who = None,
    as_json: AsJson = False,
) -> None:
    """Decide that a pair is none: it is never proposed again, and a link of it is taken away.

    Quotes and figures that came by a wrong link go from our match; the payloads are kept, to be read again.

    Example: matchbeat align reject 18 --why "the under-21s"
    """
    from src.pipeline import alignment_review
    from src.pipeline.context import context

    by = author(who, why)
    if (number is None) == (link is None):
        raise typer.BadParameter("give either a review's number or --link, for example --link fbref:1c4c6f80")
    if number is not None:
        done = alignment_review.reject(context(), number, by)
    else:
        done = alignment_review.reject_link(context(), *_link(link or ""), by)
    _tell(done, as_json=as_json)


@app.command()
def audit(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many decisions at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List who confirmed, rejected or named what, newest first.

    Example: matchbeat align audit
    """
    from src.pipeline.alignment_review import audit as decisions
    from src.pipeline.context import context

    found = decisions(context(), limit)
    if as_json:
        print_json(found)
        return
    rows = [
        {
            "at": item.at, "who": item.who, "action": item.action, "why": item.why,
            "what": "; ".join(f"{name}: {value}" for name, value in item.what.items()),
        }
        for item in found
    ]  # fmt: skip
    show(rows, as_json=False, title="Decisions (times are UTC)")


def _link(text: str) -> tuple[Source, str]:
    source, _, key = text.partition(":")
    if source not in list(Source) or not key:
        known = ", ".join(Source)
        raise typer.BadParameter(f"--link {text!r} is no SOURCE:ID; sources are {known}")
    return Source(source), key


def _cells(item: "Review") -> tuple[Any, ...]:
    pair = item.pair
    told = (
        item.why if item.state in (ReviewState.CONFIRMED, ReviewState.REJECTED) else "; ".join(pair.reasons)
    )
    return (
        item.id,
        pair.source.value,
        f"{pair.source_match_id} {pair.home} v {pair.away}",
        as_text(pair.kickoff_utc),
        f"{pair.match_id} {item.match_home} v {item.match_away} ({item.competition})",
        as_text(item.match_kickoff_utc) if item.match_time_known else str(item.match_kickoff_utc.date()),
        pair.confidence,
        told,
    )


def _tell(item: "Review", *, as_json: bool) -> None:
    if as_json:
        print_json(item)
        return
    pair = item.pair
    ours = f"match {pair.match_id} ({item.match_home} v {item.match_away})"
    is_ = "is" if item.state is ReviewState.CONFIRMED else "is not"
    say(f"{pair.source.value} {pair.source_match_id} ({pair.home} v {pair.away}) {is_} {ours}")
