"""Runs to be looked at: one list over Celery tasks and flow runs, one run whole, and what it logged."""

import difflib
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy.orm import Session

from src.core.errors import Transient
from src.core.logging import redact
from src.core.settings import Settings
from src.database import runs as stored
from src.domain.fire import FireState
from src.domain.run import Run, RunKind, StepProgress, UnknownRun
from src.pipeline.context import Context
from src.pipeline.schedule_edits import require
from src.scheduling.bridge import connect
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.records import FlowRun

#: Gives the client of the configured Prefect; raises Misconfigured without an address.
ClientOf = Callable[[], PrefectClient]

#: A person waits for the answer.
_TIMEOUT_S = 5.0
_SHORTEST = 4
_EXAMPLE = "for example 3f2a or 3f2a91c0-5b1e-5c58-9d0a-0d5a3b1c7e42; `matchbeat runs list` shows them"


@dataclass(frozen=True, kw_only=True)
class RunDetails:
    """A run whole; `prefect` is its flow run as Prefect tells it, `problem` why that is not known."""

    run: Run
    prefect: FlowRun | None
    problem: str | None
    progress: list[StepProgress]


@dataclass(frozen=True, kw_only=True)
class RunLog:
    """What a run logged, oldest first; `source` says where that is kept."""

    run: Run
    source: str
    lines: list[str]


def prefect_client(ctx: Context) -> PrefectClient:
    """Return this process's client of the configured Prefect; raise Misconfigured without an address."""
    return _client(ctx.settings)


@cache
def _client(settings: Settings) -> PrefectClient:
    return connect.prefect_client(settings, _TIMEOUT_S)


def list_runs(
    ctx: Context,
    *,
    entry: str | None = None,
    states: Collection[FireState] = (),
    kind: RunKind | None = None,
    limit: int = 50,
) -> list[Run]:
    """Return the newest runs first; raise UnknownEntry where there is no such entry."""
    with ctx.database.session() as session:
        found = stored.runs(session, ctx.clock.now(), entry=entry, states=states, kind=kind, limit=limit)
        if entry is not None and not found:
            require(session, entry)
        return found


def find_run(ctx: Context, name: str) -> Run:
    """Return the run whose fire id or flow run id is `name`, or begins so.

    At least four hexadecimal digits are asked for. Raises UnknownRun where none, or more than one, fits.
    """
    with ctx.database.session() as session:
        return _found(ctx, session, name)


def show_run(ctx: Context, client: ClientOf, name: str) -> RunDetails:
    """Return a run whole; where Prefect is away `problem` says so, and the rest is what the ledger has."""
    with ctx.database.session() as session:
        run = _found(ctx, session, name)
        progress = stored.progress(session, run.fire)
    prefect, problem = _told(client, run) if run.kind is RunKind.FLOW else (None, None)
    return RunDetails(run=run, prefect=prefect, problem=problem, progress=progress)


def run_logs(ctx: Context, client: ClientOf, name: str, *, limit: int = 1000, offset: int = 0) -> RunLog:
    """Return the log of a run: a flow run's from Prefect, of a task the stack's lines that carry its fire.

    Raises Transient where Prefect is away.
    """
    run = find_run(ctx, name)
    if run.kind is RunKind.TASK:
        return _lines_of_stack(ctx.settings.home / "logs", run, limit, offset)
    if run.flow_run_id is None:
        return RunLog(run=run, source="nowhere: it has no flow run", lines=[])
    lines = client().logs(run.flow_run_id, limit=limit, offset=offset)
    told = [f"{line.at:%Y-%m-%d %H:%M:%S.%f} {line.level:<7} {line.message}" for line in lines]
    return RunLog(run=run, source=f"Prefect, flow run {run.flow_run_id}", lines=told)


def _found(ctx: Context, session: Session, name: str) -> Run:
    digits = _digits(name)
    now = ctx.clock.now()
    found = stored.by_fire(session, now, digits) or stored.by_flow_run(session, now, digits)
    if len(found) == 1:
        return found[0]
    if found:
        told = "; ".join(f"{run.fire} ({_words(run)})" for run in found[:5])
        more = ", and others" if len(found) > 5 else ""
        raise UnknownRun("run", f"{name!r} may be {told}{more}: give more digits")
    raise UnknownRun("run", f"there is no run {name!r}{_nearest(session, ctx, digits)}")


def _digits(name: str) -> str:
    digits = name.strip().lower().replace("-", "")
    if not re.fullmatch(rf"[0-9a-f]{{{_SHORTEST},32}}", digits):
        raise UnknownRun("run", f"{name!r} is no id: give {_SHORTEST} or more of its digits, {_EXAMPLE}")
    return digits


def _nearest(session: Session, ctx: Context, digits: str) -> str:
    latest = {run.fire.hex[: len(digits)]: run for run in stored.runs(session, ctx.clock.now(), limit=500)}
    close = difflib.get_close_matches(digits, latest, n=3, cutoff=0.5)
    if close:
        return (
            "; did you mean " + ", ".join(f"{latest[it].fire} ({_words(latest[it])})" for it in close) + "?"
        )
    return ": `matchbeat runs list` shows those that there are"


def _words(run: Run) -> str:
    return f"{run.entry} due {run.due_at:%Y-%m-%d %H:%M:%S}"


def _told(client: ClientOf, run: Run) -> tuple[FlowRun | None, str | None]:
    try:
        found = flow_run_of(client(), run)
    except Transient as error:
        return None, redact(str(error))
    return found, None if found else "Prefect has no flow run of it"


def flow_run_of(client: PrefectClient, run: Run) -> FlowRun | None:
    """Return a run's flow run; one that is not in the ledger yet is found by its key."""
    if run.flow_run_id is not None:
        return client.flow_run(run.flow_run_id)
    return next(iter(client.flow_runs(keys=[str(run.fire)])), None)


def _lines_of_stack(folder: Path, run: Run, limit: int, offset: int) -> RunLog:
    files = sorted(
        [*folder.glob("*.log.1"), *folder.glob("*.log")], key=lambda file: (file.stem, file.suffix)
    )
    found = [(file.name, line) for file in reversed(files) for line in _carrying(file, str(run.fire))]
    named = ", ".join(dict.fromkeys(name for name, _ in found))
    where = f"{folder}: {named}" if found else f"{folder} has no line of it"
    return RunLog(run=run, source=where, lines=[line for _, line in found[offset : offset + limit]])


def _carrying(file: Path, words: str) -> Iterator[str]:
    with file.open(errors="replace") as lines:
        yield from (line.rstrip("\n") for line in lines if words in line)
