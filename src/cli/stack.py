"""The stack's commands: up, down, restart, status, logs."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from src.cli import stack_service as one
from src.cli.output import AsJson, age, megabytes, print_json, print_table, say
from src.cli.progress import Progress
from src.core.clock import SystemClock
from src.core.errors import MatchbeatError, Misconfigured, Transient
from src.core.settings import load_settings
from src.stack.events import Event, Kind
from src.stack.home import Home, same_process
from src.stack.logs import Tail, follow, last_lines
from src.stack.plan import Plan

#: Exit code of `status` where nothing runs.
NOTHING_RUNS = 3
_DOWN_LIMIT_S = 60

Names = Annotated[list[str] | None, typer.Argument(help="Only these services and what they need.")]


def add_to(app: typer.Typer) -> None:
    """Put the commands at the root of `app`."""
    for command in (up, down, restart, status, logs):
        app.command()(command)


def up(
    services: Names = None,
    live: Annotated[bool, typer.Option("--live", help="Collect from the real sites.")] = False,
    history: Annotated[
        Path | None,
        typer.Option(
            help="Folder of football-data.co.uk CSV seasons for the sandbox.", exists=True, file_okay=False
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when the stack is ready.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show every service's log.")] = False,
    first_run: Annotated[
        bool, typer.Option(help="Collect, train and predict once where there is nothing yet.")
    ] = True,
) -> None:
    """Start the stack and keep it running until Ctrl-C or `matchbeat down`.

    Where it runs already, services that `matchbeat down SERVICE` has stopped are started again.

    Example: matchbeat up --detach
    """
    settings = load_settings(with_stack=False)
    home = _home()
    if services and (state := home.running()) is not None:
        for service in services:
            one.start(home, state, service)
        return
    plan = Plan(settings=settings, live=live, history=history, first_run=first_run)
    if detach:
        _detach(plan.home, _arguments(services or [], live, history, first_run, verbose=verbose))
    else:
        _run(plan, services or [], verbose=verbose)


def _run(plan: Plan, services: list[str], *, verbose: bool) -> None:
    from src.stack.run import run_stack

    progress = Progress()

    def report(event: Event) -> None:
        progress(event)
        if event.kind is Kind.READY:
            _welcome(plan, event.took_s or 0, whole=not services)

    run_stack(
        plan, report=report, names=services, verbose=verbose, started=lambda _: _announce(plan, services)
    )
    say("stopped; the data stays in " + str(plan.home.path))


def _announce(plan: Plan, services: list[str]) -> None:
    say(f"matchbeat starts in {plan.home.path}, filled from {plan.source}")
    if plan.sandboxed and not services:
        say(f"the sandbox at {plan.sandbox_url} stands for the real sites; --live asks those", "yellow")


def _welcome(plan: Plan, took_s: float, *, whole: bool) -> None:
    say(f"ready in {took_s:.1f} s; Ctrl-C or `matchbeat down` ends it", "bold green")
    if whole:
        flower = f"http://127.0.0.1:{plan.settings.flower_port}"
        for name, url in (
            ("app", plan.api_url),
            ("Prefect", plan.prefect_api_url.removesuffix("/api")),
            ("Flower", flower),
            ("MLflow", plan.mlflow_tracking_uri),
        ):
            say(f"  {name:9}{url}")


def _arguments(
    services: list[str], live: bool, history: Path | str | None, first_run: bool, *, verbose: bool = False
) -> list[str]:
    """Return the arguments of the same start in the foreground."""
    switches = {"--live": live, "--no-first-run": not first_run, "--verbose": verbose}
    chosen = [name for name, wanted in switches.items() if wanted]
    return ["up", *chosen, *(["--history", str(history)] if history else []), "--", *services]


def _detach(home: Home, arguments: list[str]) -> None:
    """Run the same command in a session of its own, show its progress, return when it is ready."""
    home.make()
    log_file = home.log_file("supervisor")
    tail = Tail(log_file)
    with log_file.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "src.cli.main", *arguments],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )  # fmt: skip
    while True:
        ended = process.poll() is not None
        for line in tail.read():
            say(line)
        if ended:
            raise typer.Exit(process.returncode or 1)
        state = home.running()
        if state is not None and state["pid"] == process.pid and state["phase"] == "ready":
            say(f"runs in the background (pid {process.pid}); its progress is in {log_file}")
            return
        time.sleep(0.1)


def down(
    service: Annotated[str | None, typer.Argument(help="One service; without it, the whole stack.")] = None,
) -> None:
    """End the stack that runs in this home, or one of its services, and wait until it is gone.

    Example: matchbeat down prefect
    """
    home = _home()
    state = home.running()
    if state is None:
        say(f"no stack runs in {home.path}")
        return
    if service is not None:
        one.stop(home, state, service)
        return
    _end(home, state)
    say("stopped; the data stays in " + str(home.path))


def _end(home: Home, state: dict[str, Any]) -> None:
    with suppress(ProcessLookupError):  # it ended meanwhile
        os.kill(state["pid"], signal.SIGTERM)
    deadline = time.monotonic() + _DOWN_LIMIT_S
    while same_process(state["pid"], state["created"]):
        if time.monotonic() > deadline:
            raise MatchbeatError(
                f"the supervisor (pid {state['pid']}) has not ended within {_DOWN_LIMIT_S} s: "
                f"`matchbeat status` shows what is left; `kill -9 {state['pid']}` ends all within ten seconds"
            )
        time.sleep(0.05)
    with home.lock():
        pass  # the guards hold it too: now they are gone as well


def restart(
    service: Annotated[str | None, typer.Argument(help="One service; without it, the whole stack.")] = None,
) -> None:
    """Restart one service, or the whole stack (which then runs in the background).

    Example: matchbeat restart worker
    """
    home = _home()
    state = _running(home)
    if service is not None:
        one.restart(home, state, service)
        return
    _end(home, state)
    _detach(home, _arguments(state["names"], state["live"], state["history"], state["first_run"]))


def status(
    service: Annotated[str | None, typer.Argument(help="One service; without it, all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show the services; exit code 3 where nothing runs.

    Example: matchbeat status --json
    """
    from src.stack.processes import measured

    home = _home()
    state = home.running()
    if state is None:
        if as_json:
            print_json({"running": False, "home": str(home.path), "services": []})
        else:
            say(f"no stack runs in {home.path}: start it with `matchbeat up`")
        raise typer.Exit(NOTHING_RUNS)
    services = measured(state["services"] if service is None else [one.find(state, service)])
    if as_json:
        print_json({"running": True, "home": str(home.path), **state, "services": services})
        return
    now = SystemClock().now()
    rows = [
        [
            each["name"], each["state"], each["address"], each["pid"],
            megabytes(each["memory"]), age(datetime.fromisoformat(each["since"]), now),
            each["restarts"] or "", each["detail"],
        ]
        for each in services
    ]  # fmt: skip
    columns = ["service", "state", "address", "pid", "memory", "since", "restarts", "detail"]
    print_table(columns, rows, right=["pid", "memory", "restarts"])
    total = sum(each["memory"] or 0 for each in services)
    say(f"{state['phase']}; supervisor pid {state['pid']}; {megabytes(total)} in all; {home.path}")


def logs(
    service: Annotated[str | None, typer.Argument(help="One service; without it, all.")] = None,
    follow_on: Annotated[bool, typer.Option("--follow", "-f", help="Go on as lines are added.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="So many of the last lines.")] = 50,
) -> None:
    """Show what the services logged, each line prefixed with the service's name.

    Example: matchbeat logs worker -f
    """
    home = _home()
    files = sorted(home.logs.glob("*.log"))
    if service is not None:
        if home.log_file(service) not in files:
            known = ", ".join(file.stem for file in files) or "no logs yet"
            raise Misconfigured(f"there is no log of {service} in {home.logs}: {known}")
        files = [home.log_file(service)]
    width = max((len(file.stem) for file in files), default=0)
    for file in files:
        for line in last_lines(file, lines):
            typer.echo(f"{file.stem:{width}} | {line}")
    if follow_on:
        try:
            for name, line in follow(files):
                typer.echo(f"{name:{width}} | {line}")
        except KeyboardInterrupt:
            raise typer.Exit from None


def _home() -> Home:
    return Home(load_settings(with_stack=False).home.absolute())


def _running(home: Home) -> dict[str, Any]:
    state = home.running()
    if state is None:
        raise Transient(f"no stack runs in {home.path}: start it with `matchbeat up`")
    return state
