"""`matchbeat align alias`: names of clubs that an operator knows, in any script."""

from pathlib import Path
from typing import Annotated

import typer

from src.cli.output import AsJson, print_json, say, show
from src.cli.schedule_author import Who, Why, author

app = typer.Typer(help="Names of clubs that an operator knows, in any script.", no_args_is_help=True)

AliasName = Annotated[str, typer.Argument(help="The name as a source writes it.")]


@app.command()
def add(
    alias: AliasName,
    club: Annotated[str, typer.Argument(help="The club's name as another source writes it.")],
    why: Why,
    country: Annotated[
        str | None, typer.Option(help="Code of three letters of its league; without it, anywhere.")
    ] = None,
    who: Who = None,
) -> None:
    """Say that a name is one of a club; alignment goes by it from its next run on.

    Example: matchbeat align alias add "Gunners" "Arsenal" --country ENG --why "as the bookmaker writes it"
    """
    from src.domain.alignment import Alias
    from src.pipeline.alignment_review import add_aliases
    from src.pipeline.context import context

    if country is not None and not (len(country) == 3 and country.isalpha()):
        raise typer.BadParameter(f"--country {country!r} is no code of three letters, for example ENG")
    told = Alias(alias=alias, club=club, country=country.upper() if country else None)
    added = add_aliases(context(), [told], author(who, why))
    say(f"{alias} is {club}" if added else f"{alias} was {club} already: nothing changed")


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV with columns alias (or zh), club (or en), perhaps country.")
    ],
    why: Annotated[str, typer.Option(help="The reason, for the audit.")] = "imported table",
    who: Who = None,
) -> None:
    """Add all aliases of a CSV table; what is there already stays.

    Example: matchbeat align alias import zh_en_team_aliases.csv
    """
    from src.collectors.alignment.alias_file import read_aliases
    from src.pipeline.alignment_review import add_aliases
    from src.pipeline.context import context

    found = read_aliases(file)
    added = add_aliases(context(), found, author(who, f"{why} ({file.name})"))
    say(f"{added} of {len(found)} aliases of {file} are new")


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all aliases, by club.

    Example: matchbeat align alias list
    """
    from src.pipeline.alignment_review import list_aliases
    from src.pipeline.context import context

    found = list_aliases(context())
    if as_json:
        print_json(found)
        return
    show([{"club": one.club, "country": one.country, "alias": one.alias} for one in found], as_json=False)


@app.command()
def drop(alias: AliasName, why: Why, who: Who = None) -> None:
    """Take away every meaning of an alias; links made by it stay.

    Example: matchbeat align alias drop "Gunners" --why "it is another club's too"
    """
    from src.pipeline.alignment_review import drop_alias
    from src.pipeline.context import context

    for one in drop_alias(context(), alias, author(who, why)):
        say(f"{one.alias} is no longer {one.club}")
