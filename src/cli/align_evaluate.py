"""`matchbeat align evaluate`: how well two sources' fixtures are told to be one, on labelled pairs."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from src.cli.output import AsJson, as_text, print_json, print_table, say

if TYPE_CHECKING:
    from src.collectors.alignment.evaluate import Evaluation, Finding

_SIDES = ("--left", "--right")
_SPEC = "SOURCE:KIND:FILE, with fotmob:day, fbref:schedule, football-data:history or titan007:day"

Spec = list[str]


class SeveralFiles(TyperCommand):
    """A command whose `--left` and `--right` take all values up to the next option."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Repeat the option before each further value."""
        return super().parse_args(ctx, spread(args))


def spread(args: Sequence[str]) -> list[str]:
    """Return `--left A B` as `--left A --left B`."""
    found: list[str] = []
    side: str | None = None
    for arg in args:
        if arg.startswith("-"):
            side = arg if arg in _SIDES else None
        elif side is not None and found[-1] != side:
            found.append(side)
        found.append(arg)
    return found


def evaluate(
    left: Annotated[Spec, typer.Option(help=f"{_SPEC}; or pairs:SOURCE[:FILE]. May be repeated.")],
    right: Annotated[Spec, typer.Option(help="The same for the other source.")],
    pairs: Annotated[Path, typer.Option(help="CSV of labelled pairs.")],
    aliases: Annotated[
        Path | None,
        typer.Option(help="CSV of aliases (alias or zh, club or en, country), as for `alias import`."),
    ] = None,
    unlabelled: Annotated[
        bool, typer.Option("--unlabelled", help="List also links no label speaks of.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Align all fixtures of both sides and compare with labelled pairs; needs no database.

    Prints precision, recall and every wrong or missing link with names, kick-offs, confidence and why; beside
    them what the plain rule of same date and mean token-sort ratio from 80 up comes to. `pairs:SOURCE` takes
    one side of the pairs file itself, for fixtures that no saved payload holds.

    Example: matchbeat align evaluate --left fotmob:day:day.json --right 'fbref:schedule:pages/*.html.gz'
    pairs:fbref --pairs pairs.csv
    """
    from src.collectors.alignment.alias_file import read_aliases
    from src.collectors.alignment.clubs import Clubs
    from src.collectors.alignment.evaluate import evaluate as evaluated
    from src.collectors.alignment.pairs import read_truth
    from src.collectors.alignment.plain_rule import same_date_and_token_sort
    from src.collectors.alignment.sides import read_sides

    ours, theirs = read_sides(left, pairs), read_sides(right, pairs)
    truth = read_truth(pairs, ours, theirs)
    clubs = Clubs(read_aliases(aliases)) if aliases else None
    found = evaluated(ours.fixtures, theirs.fixtures, truth, clubs=clubs)
    plain = evaluated(ours.fixtures, theirs.fixtures, truth, by=same_date_and_token_sort)
    sizes = {
        "left": {"source": ours.source, "fixtures": len(ours.fixtures), "left_out": ours.left_out},
        "right": {"source": theirs.source, "fixtures": len(theirs.fixtures), "left_out": theirs.left_out},
    }
    if as_json:
        print_json({**sizes, **_summary(found), "plain_rule": _rates(plain), **_findings(found)})
        return
    for side, told in sizes.items():
        say(f"{side}: {told['fixtures']} fixtures of {told['source']}, {told['left_out']} records left out")
    say(f"labelled pairs: {found.labelled} on both sides, {len(found.absent)} not; doubtful {found.doubtful}")
    if not found.labelled:
        say("no labelled pair has its fixtures on both sides: there is nothing to measure")
        return
    counts = f"{found.right} right, {len(found.wrong)} wrong, {len(found.missing)} missing"
    say(f"links: {counts}, {len(found.unlabelled)} that no label speaks of")
    say(f"precision {found.precision:.4f}  recall {found.recall:.4f}")
    say(f"plain rule: precision {plain.precision:.4f}  recall {plain.recall:.4f}")
    shown = {"wrong": found.wrong, "missing": found.missing}
    if unlabelled:
        shown["unlabelled"] = found.unlabelled
    rows = [(kind, *_cells(item)) for kind, items in shown.items() for item in items]
    if rows:
        print_table(["link", "left", "kick-off", "right", "kick-off", "confidence", "why"], rows)


def _rates(found: "Evaluation") -> dict[str, Any]:
    return {"precision": found.precision, "recall": found.recall}


def _summary(found: "Evaluation") -> dict[str, Any]:
    return {
        **_rates(found),
        "labelled": found.labelled,
        "right_links": found.right,
        "doubtful": found.doubtful,
        "absent": found.absent,
    }


def _findings(found: "Evaluation") -> dict[str, Any]:
    return {"wrong": found.wrong, "missing": found.missing, "unlabelled": found.unlabelled}


def _cells(item: "Finding") -> tuple[str, ...]:
    cells: list[str] = []
    for fixture, key in zip((item.left, item.right), item.pair, strict=True):
        names = f"{fixture.home[0]} v {fixture.away[0]}" if fixture else "?"
        cells += [f"{key} {names}", as_text(fixture.kickoff_utc) if fixture else ""]
    return (*cells, as_text(item.confidence), item.why)
