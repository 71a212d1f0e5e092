"""`matchbeat flows`: the deployments on the Prefect server."""

from typing import TYPE_CHECKING

import typer

from src.cli.output import AsJson, print_json, print_table

if TYPE_CHECKING:
    from src.orchestration.deployments import Deployment

app = typer.Typer(help="Prefect deployments of the schedule's flows.", no_args_is_help=True)


@app.command("register")
def register_command(as_json: AsJson = False) -> None:
    """Create or update a deployment for every Prefect entry; what an operator paused stays paused.

    Example: matchbeat flows register
    """
    from src.core.settings import settings
    from src.orchestration.deployments import register

    _show(register(settings()), as_json, "registered")


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the deployments that Prefect holds.

    Example: matchbeat flows list --json
    """
    from src.core.settings import settings
    from src.orchestration.deployments import listing

    _show(listing(settings()), as_json, "on the server")


def _show(deployments: list["Deployment"], as_json: bool, where: str) -> None:
    if as_json:
        print_json([deployment.as_dict() for deployment in deployments])
        return
    print_table(
        ("deployment", "entry", "state", "parameters"),
        [
            (item.name, item.entry, "paused" if item.paused else "ready", _told(item.parameters))
            for item in deployments
        ],
        title=f"{len(deployments)} deployments {where}",
    )


def _told(parameters: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
