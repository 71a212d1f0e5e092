"""What every change of the schedule names: the entry, who, why and the revision it was decided on."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from src.domain.edit import Author

EntryName = Annotated[str, typer.Argument(help="The entry's name.")]
Why = Annotated[str, typer.Option(help="The reason, for the audit.")]
Who = Annotated[str | None, typer.Option(help="Who decides; your login name where it is left out.")]
Revision = Annotated[
    int | None, typer.Option(help="Refuse where the entry is at another revision (`schedule show`).")
]


def author(who: str | None, why: str) -> "Author":
    """Return whom the audit names; refuse where nobody is named and the account has no name."""
    from src.domain.edit import Author

    if who is None:
        try:
            who = getpass.getuser()
        except (KeyError, OSError):  # an account without a name, as in some containers
            raise typer.BadParameter("this account has no name: give --who, for example --who lena") from None
    return Author(who=who, why=why)
