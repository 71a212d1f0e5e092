"""Whether one deployment would run if it were fired now, check by check."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from src.core.errors import MatchbeatError
from src.database.schedule import EntryView
from src.domain.entry import Entry
from src.orchestration.declared import declared
from src.orchestration.deployments import Deployment, held_deployments
from src.orchestration.flow_health import pool_health, state_of
from src.orchestration.flow_loading import load_flow, parameter_fault
from src.orchestration.named import entry_called, stored_entries, unknown
from src.orchestration.prefect_client import prefect_client
from src.pipeline.context import Context
from src.scheduling.entrypoints import ENTRYPOINTS
from src.scheduling.parameter_check import check_accepted

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing that was looked at: `detail` says what was found, or what to do where it is not `ok`."""

    what: str
    ok: bool
    detail: str

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


def verify(ctx: Context, name: str) -> list[Check]:
    """Check the deployment called `name`, or that of the entry called so; what is wrong is told, not raised.

    Raises Misconfigured with the nearest names where nothing is called so.
    """
    views, schedule_fault = _stored(ctx)
    stored = [view.entry for view in views]
    entry = entry_called(name, stored)
    if entry is None:
        raise unknown(name, stored)
    checks = [_flow(entry)]
    try:
        with prefect_client(ctx.settings) as client:
            checks += _on_the_server(client, ctx, entry)
    except MatchbeatError as error:
        checks.append(Check(what="server", ok=False, detail=str(error)))
    view = next((view for view in views if view.entry.name == entry.name), None)
    return [*checks, _entry(entry, view, schedule_fault)]


def _stored(ctx: Context) -> tuple[list[EntryView], str | None]:
    try:
        return stored_entries(ctx.database), None
    except MatchbeatError as error:
        return [], str(error)


def _flow(entry: Entry) -> Check:
    def loads() -> str:
        flow = load_flow(entry.target)
        check_accepted(entry.runner, entry.target, entry.parameters)
        fault = parameter_fault(flow, entry.parameters)
        if fault:
            raise MatchbeatError(f"entry {entry.name!r}: {fault}")
        return f"{ENTRYPOINTS[entry.target]} loads and takes the entry's parameters"

    if entry.target not in ENTRYPOINTS:
        return Check(what="flow", ok=False, detail=str(unknown(entry.target, ())))
    return _tried("flow", loads)


def _on_the_server(client: "SyncPrefectClient", ctx: Context, entry: Entry) -> list[Check]:
    wanted = declared([entry])
    held = next((one for one in held_deployments(client) if one.name == entry.target), None)
    checks = [_deployment(wanted[0], held)] if wanted else []
    if held is not None:
        checks.append(_parameters(client, held))
    if wanted:
        pool = pool_health(client, wanted[0].pool, ctx.settings, wanted)
        found = pool.fault or (
            f"work pool {pool.name} is paused: resume it in Prefect"
            if pool.paused
            else f"{pool.name} ({pool.type}) has {', '.join(pool.workers)} online"
        )
        checks.append(Check(what="work pool", ok=not (pool.fault or pool.paused), detail=found))
    return checks


def _deployment(wanted: Any, held: Deployment | None) -> Check:
    state = state_of(wanted, held)
    detail = {
        "missing": "Prefect has no such deployment: run `matchbeat flows register`",
        "moved": f"it is not in pool {wanted.pool}, queue {wanted.queue}: run `matchbeat flows register`",
        "paused": "it is paused in Prefect: resume it there",
        "ready": f"{wanted.name} is in pool {wanted.pool}, queue {wanted.queue}",
    }[state]
    return Check(what="deployment", ok=state == "ready", detail=detail)


def _parameters(client: "SyncPrefectClient", held: Deployment) -> Check:
    """Check the parameters that Prefect stores against the schema that it stores."""
    from prefect.utilities.schema_tools import ValidationError, validate

    schema = client.read_deployment(held.id).parameter_openapi_schema or {}

    def fits() -> str:
        try:
            validate(held.parameters, schema, raise_on_error=True, ignore_required=True)
        except ValidationError as error:
            raise MatchbeatError(
                f"what Prefect stores does not fit the schema ({error}): run `matchbeat flows register`"
            ) from error
        told = ", ".join(f"{name}={value}" for name, value in held.parameters.items())
        return f"what Prefect stores fits the schema: {told or 'none'}"

    return _tried("parameters", fits)


def _entry(entry: Entry, view: EntryView | None, schedule_fault: str | None) -> Check:
    if schedule_fault is not None:
        return Check(what="entry", ok=False, detail=f"the schedule cannot be read: {schedule_fault}")
    if view is None:
        return Check(
            what="entry", ok=False, detail=f"no Beat has declared {entry.name} yet: `matchbeat up` starts one"
        )
    if not view.enabled:
        return Check(what="entry", ok=False, detail=f"{entry.name} does not fire: {view.disabled_reason}")
    due = f"next due {view.next_due:%Y-%m-%d %H:%M:%S} UTC" if view.next_due else "fired by hand"
    return Check(what="entry", ok=True, detail=f"{entry.name} is enabled, {due}")


def _tried(what: str, look: Callable[[], str]) -> Check:
    try:
        return Check(what=what, ok=True, detail=look())
    except MatchbeatError as error:
        return Check(what=what, ok=False, detail=str(error))
