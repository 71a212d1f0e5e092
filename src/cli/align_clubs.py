"""`matchbeat align clubs|merge`: clubs that stand twice because sources call them differently."""

from typing import Annotated

import typer

from src.cli.output import AsJson, print_json, print_table, say
from src.cli.schedule_author import Who, Why, author

Club = Annotated[str, typer.Argument(help="Our number of the club, or SOURCE:ID, for example fotmob:8455.")]


def clubs(as_json: AsJson = False) -> None:
    """List clubs of watched competitions that different sources brought and that may be one.

    Example: matchbeat align clubs
    """
    from src.pipeline.context import context
    from src.pipeline.doubled_clubs import doubled_clubs

    found = doubled_clubs(context())
    if as_json:
        print_json(found)
        return
    print_table(
        ["competition", "club", "name", "of", "club", "name", "of", "alike"],
        [
            (
                pair.competition, pair.one.team_id, pair.one.name, ", ".join(sorted(pair.one.sources)),
                pair.other.team_id, pair.other.name, ", ".join(sorted(pair.other.sources)), pair.likeness,
            )
            for pair in found
        ],
        title="Clubs that may be one",
        right=["alike"],
    )  # fmt: skip


def merge(one: Club, other: Club, why: Why, who: Who = None, as_json: AsJson = False) -> None:
    """Make one club of two for good: matches, ids and names of both; what stands twice by it becomes one.

    Example: matchbeat align merge 17 412 --why "FotMob writes the sponsor's name"
    """
    from src.pipeline.context import context
    from src.pipeline.doubled_clubs import merge_clubs

    done = merge_clubs(context(), one, other, author(who, why))
    if as_json:
        print_json(done)
        return
    names = " and ".join(f"{club.name} ({club.team_id})" for club in done.was)
    say(f"{names} are one: {done.club.name} ({done.club.team_id}); {done.matches} matches stood twice")
