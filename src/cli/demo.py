"""`matchbeat demo`: the whole loop once, a summary, and everything ended again."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from src.cli.output import AsJson, print_json
from src.cli.overview import show_overview
from src.cli.progress import Progress
from src.core.errors import MatchbeatError, Misconfigured
from src.core.settings import Settings, load_settings
from src.stack.environment import CHECKOUT
from src.stack.events import Event, Kind
from src.stack.plan import Plan
from src.stack.service import State
from src.stack.services import environment
from src.stack.supervisor import Supervisor

_FIRST_RUN = "first-run"
_PORTS = (
    "api_port",
    "prefect_port",
    "flower_port",
    "mlflow_port",
    "postgres_port",
    "redis_port",
    "sandbox_port",
)


def add_to(app: typer.Typer) -> None:
    """Put the command at the root of `app`."""
    app.command()(demo)


def demo(
    history: Annotated[
        Path | None,
        typer.Option(help="Folder of football-data.co.uk CSV seasons.", exists=True, file_okay=False),
    ] = None,
    home: Annotated[
        Path | None, typer.Option(help="Keep the data here; without it .matchbeat-demo is made anew.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Collect, train and predict once on the sandbox, show a summary, stop everything.

    Example: matchbeat demo --history ./history
    """
    settings = _settings(home)
    plan = Plan(settings=settings, history=history)
    if plan.home.running() is not None:
        raise Misconfigured(f"a stack runs in {plan.home.path}: end it with `matchbeat down` first")
    if home is None:
        from src.stack.postgres_place import remove

        remove(plan.home.path)
    loop = _Loop(plan, Progress(to_stderr=as_json))
    loop.run()
    if as_json:
        print_json(loop.summary)
    else:
        show_overview(loop.summary)


class _Loop:
    """Runs the stack until its first run has ended, and reads the summary while Postgres is still up."""

    def __init__(self, plan: Plan, progress: Progress) -> None:
        self._plan, self._progress = plan, progress
        self._supervisor: Supervisor | None = None
        self._failure = f"the stack was stopped before the {_FIRST_RUN} had ended"
        self.summary: dict[str, Any] = {}

    def run(self) -> None:
        """Return after everything has ended; raise MatchbeatError with what failed and where the log is."""
        from src.stack.run import run_stack

        run_stack(self._plan, report=self._report, started=self._started)
        if self._failure:
            raise MatchbeatError(self._failure)

    def _started(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor

    def _report(self, event: Event) -> None:
        self._progress(event)
        if event.kind is not Kind.STATE or event.service is None or event.service.name != _FIRST_RUN:
            return
        loop = asyncio.get_running_loop()
        if event.state is State.DONE:
            loop.run_in_executor(None, self._finish, loop)
        elif event.state is State.FAILED:
            self._failure = event.text
            self._stop()

    def _finish(self, loop: asyncio.AbstractEventLoop) -> None:
        """Read the summary in a thread, so that the supervisor goes on watching, then end the stack."""
        try:
            self.summary, self._failure = _overview(self._plan), ""
        except (MatchbeatError, OSError, ValueError, subprocess.SubprocessError) as error:
            self._failure = str(error)
        finally:
            loop.call_soon_threadsafe(self._stop)

    def _stop(self) -> None:
        if self._supervisor is not None:
            self._supervisor.stop()


def _settings(home: Path | None) -> Settings:
    """Return the settings with the demo's home, and free ports in place of those that are taken."""
    from src.stack.ports import free_port, is_free

    wanted = load_settings(with_stack=False)
    place = home or wanted.home.absolute().parent / ".matchbeat-demo"
    moved = {name: free_port() for name in _PORTS if not is_free("127.0.0.1", int(getattr(wanted, name)))}
    return load_settings(with_stack=False, home=place, **moved)


def _overview(plan: Plan) -> dict[str, Any]:
    """Ask in a process of its own, which finds the stack's addresses as every service does."""
    done = subprocess.run(
        [sys.executable, "-m", "src.cli.main", "overview", "--json"],
        env=environment(plan), cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise MatchbeatError(f"the overview failed: {done.stderr.strip()[-1000:]}")
    return dict(json.loads(done.stdout))
