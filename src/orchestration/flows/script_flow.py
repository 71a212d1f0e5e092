"""A flow that runs a Python script: for work that exists as a file and is not worth a flow of its own.

The script is run by this interpreter in a process of its own, never through a shell. Its output goes line by
line into the run's log, the end of it into the result. It does not see the worker's environment, which holds
passwords: name what it needs.
"""

import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.logging import get_run_logger
from prefect.runtime import task_run

from src.core.errors import BadData, MatchbeatError
from src.orchestration.flows.envelope import ONCE, completed, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.orchestration.script_process import Ended, bare_environment, run

if TYPE_CHECKING:
    from prefect import Task
    from prefect.client.schemas.objects import State, TaskRun


class ScriptFailed(MatchbeatError):
    """The script ended with another exit code than 0, or did not end in time."""


@flow(name="run-script", **REPORTED)
def run_script_flow(
    script: str,
    arguments: list[str] | None = None,
    timeout_s: float = 600,
    retries: int = 0,
    retry_delay_s: float = 30,
    folder: str | None = None,
    environment: dict[str, str] | None = None,
    secrets: list[str] | None = None,
    fire_id: str | None = None,
) -> Any:
    """Run the Python file `script` with `arguments` in `folder` (None: where the worker stands).

    An attempt may take `timeout_s` seconds; one that fails is repeated up to `retries` times, `retry_delay_s`
    seconds apart. The script sees a bare environment, `environment` over it, and of the worker's own
    variables those whose names are in `secrets`; their values are blanked in its output. Never put a secret
    into `environment` or `arguments`: Prefect shows the parameters of a run to whoever can see the run.

    Returns script, exit_code, stdout, stderr (the last 64 KiB of each), duration_s and attempts. Raises
    ScriptFailed with the exit code and the last lines, BadData where there is no such script.
    """
    ctx, place = working_context(fire_id), _folder(folder)
    file = _script(script, place)
    _check_numbers(timeout_s, retries, retry_delay_s)
    _values(secrets or ())
    attempt = run_script.with_options(retries=retries, retry_delay_seconds=retry_delay_s)
    result = attempt(file, arguments or [], timeout_s, place, environment or {}, secrets or [])
    return completed(ctx, result, f"{file.name} ended with exit code 0 after {result['duration_s']} s")


def _failed(_task: "Task[..., Any]", _run: "TaskRun", state: "State[Any]") -> bool:
    """Tell whether another attempt is worth it: only where the script itself failed."""
    return isinstance(state.data, ScriptFailed)


@task(name="script", retry_condition_fn=_failed, **ONCE)
def run_script(
    file: Path,
    arguments: Sequence[str],
    timeout_s: float,
    folder: Path,
    environment: Mapping[str, str],
    secrets: Sequence[str],
) -> dict[str, Any]:
    """Make one attempt; a cancelled run ends the script's whole process tree before this returns."""
    log, values, attempt = get_run_logger(), _values(secrets), int(task_run.run_count)
    ended = run(
        [sys.executable, str(file), *arguments],
        folder=folder,
        environment=bare_environment({**environment, **values}),
        timeout_s=timeout_s,
        tell=lambda stream, line: log.log(30 if stream == "stderr" else 20, "%s", line),
        hidden=values.values(),
    )
    if ended.timed_out or ended.exit_code:
        raise ScriptFailed(_why(file, ended, timeout_s, attempt))
    return {
        "script": str(file),
        "exit_code": ended.exit_code,
        "stdout": ended.stdout,
        "stderr": ended.stderr,
        "duration_s": ended.duration_s,
        "attempts": attempt,
    }


def _why(file: Path, ended: Ended, timeout_s: float, attempt: int) -> str:
    if ended.timed_out:
        what = f"did not end within {timeout_s:g} s: it and all processes it started were killed"
    else:
        what = f"ended with exit code {ended.exit_code}"
    said = ended.last_lines()
    return f"{file} {what} (attempt {attempt})" + (
        f"; its last lines:\n{said}" if said else "; it said nothing"
    )


def _folder(folder: str | None) -> Path:
    place = Path(folder or ".").absolute()
    if not place.is_dir():
        raise BadData(f"folder {place} does not exist on this worker: name one that does, or leave it out")
    return place


def _script(script: str, folder: Path) -> Path:
    """Return the script's whole path; a relative one is looked up in `folder`."""
    file = folder / script
    if not file.is_file():
        raise BadData(
            f"script {file} does not exist on this worker: name a Python file, as scripts/report.py, "
            "relative to the folder or as a whole path"
        )
    return file


def _check_numbers(timeout_s: float, retries: int, retry_delay_s: float) -> None:
    if not (timeout_s > 0 and math.isfinite(timeout_s)):
        raise BadData(f"timeout_s is {timeout_s}: it must be a number of seconds above 0, for example 600")
    if retries < 0 or retry_delay_s < 0:
        raise BadData(f"retries ({retries}) and retry_delay_s ({retry_delay_s}) must not be negative")


def _values(names: Sequence[str]) -> dict[str, str]:
    """Return the worker's variables of these names; raise BadData naming those it lacks."""
    missing = [name for name in names if name not in os.environ]
    if missing:
        raise BadData(f"secrets names {', '.join(missing)}, which this worker's environment does not have")
    return {name: os.environ[name] for name in names}
