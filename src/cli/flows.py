"""`matchbeat flows`: the deployments on the Prefect server."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from src.cli.output import AsJson, complain, print_json, print_table, say

if TYPE_CHECKING:
    from src.orchestration.deployments import Deployment
    from src.orchestration.flow_health import Health

#: Exit code where something is wrong with what was asked about.
WRONG = 1

app = typer.Typer(help="Prefect deployments of the schedule's flows.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A deployment's name, or its entry's.")]


@app.command("register")
def register_command(
    allow_broken: Annotated[
        bool, typer.Option("--allow-broken", help="Exit code 0 also where a flow module does not import.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create or update a deployment for every Prefect entry; what an operator paused stays paused.

    A flow module that does not import stops its own entries only: the others are deployed, exit code 1.

    Example: matchbeat flows register
    """
    from src.core.settings import settings
    from src.orchestration.deployments import register

    done = register(settings())
    if as_json:
        broken = [module.as_dict() for module in done.broken]
        print_json({"deployments": [one.as_dict() for one in done.deployments], "broken": broken})
    else:
        _show(done.deployments, "registered")
    for module in done.broken:
        complain(str(module))
    if done.broken and not allow_broken:
        raise typer.Exit(WRONG)


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the deployments that Prefect holds.

    Example: matchbeat flows list --json
    """
    from src.core.settings import settings
    from src.orchestration.deployments import listing

    found = listing(settings())
    if as_json:
        print_json([deployment.as_dict() for deployment in found])
    else:
        _show(found, "on the server")


@app.command("verify")
def verify_command(name: Name, as_json: AsJson = False) -> None:
    """Check whether a deployment would run if it were fired now; exit code 1 where it would not.

    Example: matchbeat flows verify titan-live-deployment
    """
    from src.orchestration.verify import verify
    from src.pipeline.context import context

    checks = verify(context(), name)
    if as_json:
        print_json([check.as_dict() for check in checks])
    else:
        rows = [(check.what, "ok" if check.ok else "WRONG", check.detail) for check in checks]
        print_table(("check", "", "found"), rows, title=name)
    if not all(check.ok for check in checks):
        raise typer.Exit(WRONG)


@app.command("trigger")
def trigger_command(
    name: Name,
    parameters: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", help="KEY=VALUE over the parameters in force; VALUE is JSON or a text."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask for one run of a deployment at once; the leading Beat sends it within a second.

    Example: matchbeat flows trigger titan-hybrid-deployment -p cleanup_days=3
    """
    from src.orchestration.trigger import trigger
    from src.pipeline.context import context

    done = trigger(context(), name, dict(_parameter(text) for text in parameters or ()))
    if as_json:
        print_json(done.as_dict())
    elif done.fire:
        say(f"asked for fire {done.fire} of {done.entry} ({done.deployment})")
    else:
        say(f"created flow run {done.flow_run} of {done.deployment}, which no entry has")


@app.command("clean")
def clean_command(
    days: Annotated[int, typer.Argument(help="Runs that ended more days ago than this are deleted.")],
    as_json: AsJson = False,
) -> None:
    """Delete old ended flow runs of ours from Prefect; the ledger of fires keeps what it knows.

    Example: matchbeat flows clean 30
    """
    from src.core.clock import SystemClock
    from src.core.settings import settings
    from src.orchestration.old_runs import MOST, clean

    deleted = clean(settings(), days, SystemClock().now())
    if as_json:
        print_json({"deleted": deleted, "days": days})
        return
    say(f"deleted {deleted} flow runs that ended more than {days} days ago")
    if deleted >= MOST:
        say("there may be more: run it again")


@app.command("health")
def health_command(as_json: AsJson = False) -> None:
    """Show server, pools, deployments and flow modules; exit code 1 where something is wrong.

    Example: matchbeat flows health
    """
    from src.core.settings import settings
    from src.orchestration.flow_health import health

    found = health(settings())
    if as_json:
        print_json(asdict(found))
    else:
        _show_health(found)
    if found.faults:
        raise typer.Exit(WRONG)


@app.command("yaml")
def yaml_command(
    file: Annotated[
        Path | None, typer.Option(help="Where to write it; prefect.yaml of the checkout.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write prefect.yaml from the catalog, for `prefect deploy --all`.

    Example: matchbeat flows yaml
    """
    from src.orchestration.prefect_yaml import write_prefect_yaml

    path, changed = write_prefect_yaml(file)
    if as_json:
        print_json({"file": str(path), "changed": changed})
    else:
        say(f"{path} {'written' if changed else 'is as it should be'}")


def _show(deployments: list["Deployment"], where: str) -> None:
    print_table(
        ("deployment", "entry", "state", "pool", "queue", "parameters"),
        [
            (
                one.name,
                one.entry,
                "paused" if one.paused else "ready",
                one.pool,
                one.queue,
                _told(one.parameters),
            )
            for one in deployments
        ],
        title=f"{len(deployments)} deployments {where}",
    )


def _show_health(found: "Health") -> None:
    say(f"Prefect {found.version or 'does not answer'} at {found.url or 'no address'}")
    pools = [
        (pool.name, pool.type, "paused" if pool.paused else "", ", ".join(pool.workers), pool.deployments)
        for pool in found.pools
    ]
    if pools:
        print_table(("work pool", "type", "", "workers online", "deployments"), pools, right=["deployments"])
    deployments = [(one.name, one.entry, one.pool, one.state) for one in found.deployments]
    if deployments:
        print_table(("deployment", "entry", "pool", "state"), deployments)
    for fault in found.faults:
        complain(fault)
    if not found.faults:
        say("all is well")


def _parameter(text: str) -> tuple[str, Any]:
    """Return name and value of `KEY=VALUE`; a value that is no JSON is a text."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise typer.BadParameter(f"{text!r} is no KEY=VALUE, for example -p cleanup_days=3")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def _told(parameters: dict[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in parameters.items())
