"""Control of runs by hand: cancel, pause and resume."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from src.database import outcomes
from src.database.tables.schedule import FireRow
from src.domain.edit import Author, Refused
from src.domain.fire import UNBEGUN, FireId, FireState
from src.domain.run import Run, RunKind, WrongState
from src.pipeline.context import Context
from src.pipeline.runs import ClientOf, find_run, flow_run_of
from src.pipeline.schedule_checks import check_author
from src.scheduling.bridge import records
from src.scheduling.bridge.records import FlowRun

#: Has the worker that runs the task of a fire end it; raises Transient where the broker is away.
Revoke = Callable[[FireId], None]

#: A run that is paused and not resumed within a day fails, unless somebody asks for another time.
PAUSE_S = 86_400.0


@dataclass(frozen=True, kw_only=True)
class RunChange:
    """What was done to a run: its state in the ledger, and in words what comes next."""

    fire: FireId
    entry: str
    state: FireState
    text: str


def cancel_run(ctx: Context, client: ClientOf, revoke: Revoke, name: str, by: Author) -> RunChange:
    """End a run: at once where nobody has begun it or it is paused, else as soon as its worker hears of it.

    Raises UnknownRun, WrongState where it has ended, Transient where Prefect or the broker is away.
    """
    check_author(by)
    run = _open(find_run(ctx, name), "cancelled")
    why = f"cancelled by {by.who}: {by.why}"[:500]
    if _end_unbegun(ctx, run, why):
        if run.kind is RunKind.FLOW and run.flow_run_id is not None:
            client().cancel(run.flow_run_id, why)
        return _change(ctx, run, "it had not begun and will not")
    if run.kind is RunKind.TASK:
        revoke(run.fire)
        _end(ctx, run, why)
        return _change(ctx, run, "its worker ends it")
    return _cancel_flow(ctx, client, run, why)


def pause_run(ctx: Context, client: ClientOf, name: str, timeout_s: float = PAUSE_S) -> RunChange:
    """Pause a flow run at its next checkpoint; it fails unless it is resumed within `timeout_s` seconds.

    Raises UnknownRun, WrongState where it is a task, has not begun, is paused or has ended, Transient where
    Prefect is away.
    """
    if not 1 <= timeout_s <= 366 * 86_400:
        raise Refused("timeout", f"{timeout_s:g} s is not from 1 s to a year; for example 3600")
    run = _open(find_run(ctx, name), "paused")
    hint = f"`matchbeat schedule pause {run.entry}` stops the next fires"
    found = _flow_run(client, run, f"a task cannot be paused, only a flow run; {hint}")
    if found.state_type == "PAUSED":
        raise WrongState("run", f"{run.fire} is paused already")
    if found.state_type != "RUNNING":
        raise WrongState("run", f"{run.fire} cannot be paused: it is {found.state_name}, not running; {hint}")
    _ask(lambda: client().suspend(found.id, timeout_s), run)
    return _change(ctx, run, "it stops at its next checkpoint")


def resume_run(ctx: Context, client: ClientOf, name: str) -> RunChange:
    """Let a paused flow run go on with its next item, on whichever worker is free.

    Raises UnknownRun, WrongState where it is a task or is not paused, Transient where Prefect is away.
    """
    run = _open(find_run(ctx, name), "resumed")
    found = _flow_run(client, run, "a task cannot be paused, and not be resumed")
    if found.state_type != "PAUSED":
        raise WrongState("run", f"{run.fire} cannot be resumed: it is {found.state_name}, not paused")
    state = _ask(lambda: client().resume(found.id), run)
    return _change(ctx, run, "it goes on" if state == "Running" else "it goes on once a worker takes it")


def _open(run: Run, done: str) -> Run:
    if run.finished_at is not None:
        raise WrongState("run", f"{run.fire} cannot be {done}: it ended as {run.state}")
    return run


def _flow_run(client: ClientOf, run: Run, no_flow: str) -> FlowRun:
    if run.kind is RunKind.TASK:
        raise WrongState("run", f"{run.fire} is a task: {no_flow}")
    found = flow_run_of(client(), run)
    if found is None:
        raise WrongState("run", f"{run.fire} is {run.state}, and Prefect has no flow run of it")
    return found


def _ask(step: Callable[[], str], run: Run) -> str:
    try:
        return step()
    except (records.Refused, records.UnknownRun) as error:
        raise WrongState("run", f"{run.fire}: Prefect refuses: {error}") from error


def _cancel_flow(ctx: Context, client: ClientOf, run: Run, why: str) -> RunChange:
    found = _flow_run(client, run, "")
    if found.ended:
        raise WrongState("run", f"{run.fire} has ended in Prefect as {found.state_name}; the ledger follows")
    client().cancel(found.id, why)
    after = client().flow_run(found.id)
    if after is None or after.ended:
        _end(ctx, run, why)
        return _change(ctx, run, "it has ended")
    return _change(ctx, run, "it ends as soon as its worker hears of it")


def _end_unbegun(ctx: Context, run: Run, why: str) -> bool:
    """End a fire in the ledger that nobody has begun, so that nobody begins it any more."""
    with ctx.database.session() as session:
        row = session.get(FireRow, run.fire, with_for_update=True)
        return row is not None and row.state in UNBEGUN and _finish(ctx, session, run, why)


def _end(ctx: Context, run: Run, why: str) -> None:
    with ctx.database.session() as session:
        _finish(ctx, session, run, why)


def _finish(ctx: Context, session: Session, run: Run, why: str) -> bool:
    return outcomes.finish(session, run.fire, FireState.REVOKED, ctx.clock.now(), reason=why)


def _change(ctx: Context, run: Run, text: str) -> RunChange:
    state = find_run(ctx, str(run.fire)).state
    return RunChange(fire=run.fire, entry=run.entry, state=state, text=text)
