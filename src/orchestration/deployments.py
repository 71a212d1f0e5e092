"""The catalog's Prefect entries as deployments; Beat owns the schedule, so none of them has one."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import requests

from src.core.errors import Misconfigured, Transient
from src.core.logging import redact
from src.core.settings import Settings
from src.domain.entry import Entry, Runner
from src.scheduling.catalog import CATALOG, nearest
from src.scheduling.entrypoints import ENTRYPOINTS, source_folder

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.deployments.runner import RunnerDeployment

#: The work pool of type `process` that all deployments go to.
WORK_POOL = "matchbeat"


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment as Prefect holds it; `entry` is the catalog's name for it, None where it has none."""

    name: str
    flow: str
    id: str
    entry: str | None
    paused: bool
    parameters: dict[str, Any]
    concurrency_limit: int | None

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


def register(
    settings: Settings, entries: Iterable[Entry] = CATALOG, *, pool: str = WORK_POOL
) -> list[Deployment]:
    """Deploy every Prefect entry; running it again updates the same deployments and keeps their ids.

    A deployment that an operator paused stays paused. All entries are checked before the first is deployed.
    Raises Misconfigured naming the entries at fault, Transient where Prefect is away.
    """
    wanted = [entry for entry in entries if entry.runner is Runner.PREFECT]
    flows = load_flows(wanted)
    with _prefect(settings) as client:
        _ensure_pool(client, pool)
        # One at a time: Prefect's SQLite refuses concurrent writers.
        return [_deploy(client, entry, flows[entry.target], pool) for entry in wanted]


def listing(settings: Settings) -> list[Deployment]:
    """Return the deployments of the catalog's flows that Prefect holds; raise Transient where it is away."""
    entries = {entry.target: entry.name for entry in CATALOG if entry.runner is Runner.PREFECT}
    with _prefect(settings) as client:
        found = client.read_deployments(limit=200)
        flows = {deployment.flow_id: client.read_flow(deployment.flow_id).name for deployment in found}
    known = [deployment for deployment in found if deployment.name in ENTRYPOINTS]
    return sorted(
        (
            _as_held(deployment, flows[deployment.flow_id], entries.get(deployment.name))
            for deployment in known
        ),
        key=lambda deployment: deployment.name,
    )


def load_flows(entries: Iterable[Entry]) -> dict[str, "Flow[..., Any]"]:
    """Return the flow of each Prefect entry by target, its parameters checked against the flow's.

    Raises Misconfigured naming every entry that names no flow, or that its flow would refuse.
    """
    faults, flows = [], {}
    for entry in entries:
        if entry.target not in ENTRYPOINTS:
            hint = nearest(entry.target, ENTRYPOINTS)
            faults.append(f"entry {entry.name!r}: unknown deployment {entry.target!r}{hint}")
            continue
        flows[entry.target] = _load(entry.target)
        fault = _parameter_fault(flows[entry.target], entry.parameters)
        if fault:
            faults.append(f"entry {entry.name!r}: {fault}")
    if faults:
        raise Misconfigured("the schedule is wrong:\n  " + "\n  ".join(faults))
    return flows


def _load(target: str) -> "Flow[..., Any]":
    from prefect import flow

    return flow.from_source(str(source_folder()), ENTRYPOINTS[target])  # type: ignore[return-value]


def _parameter_fault(flow: "Flow[..., Any]", parameters: dict[str, Any]) -> str | None:
    """Return what the flow would refuse about `parameters`, or None."""
    from prefect.exceptions import ParameterTypeError

    known = list(flow.parameters.properties)
    unknown = [name for name in parameters if name not in known]
    if unknown:
        return f"parameter {unknown[0]!r} is not one of {flow.name}{nearest(unknown[0], known)}"
    missing = [name for name in flow.parameters.required if name not in parameters]
    if missing:
        return f"{flow.name} needs the parameter {missing[0]!r}"
    try:
        flow.validate_parameters(parameters)
    except ParameterTypeError as error:
        return f"{flow.name} refuses its parameters: {' '.join(str(error).split())}"
    return None


def _deploy(client: "SyncPrefectClient", entry: Entry, flow: "Flow[..., Any]", pool: str) -> Deployment:
    from prefect.utilities.processutils import command_to_string

    deployment: RunnerDeployment = flow.to_deployment(  # type: ignore[assignment]
        name=entry.target,
        description=entry.description,
        tags=["matchbeat", entry.name],
        parameters=entry.parameters,
        # Two runs of one entry would fetch the same pages: the second waits for the first.
        concurrency_limit=1,
        # Prefect would un-pause what it is given anew, even with `paused` left out.
        paused=_is_paused(client, flow.name, entry.target),
        work_pool_name=pool,
        # The command of the flow's own interpreter starts twice as fast as the worker's default.
        job_variables={"command": command_to_string([sys.executable, "-m", "prefect.engine"])},
    )
    deployment.apply(work_pool_name=pool)
    held = client.read_deployment_by_name(f"{flow.name}/{entry.target}")
    return _as_held(held, flow.name, entry.name)


def _is_paused(client: "SyncPrefectClient", flow: str, deployment: str) -> bool:
    from prefect.exceptions import ObjectNotFound

    try:
        return bool(client.read_deployment_by_name(f"{flow}/{deployment}").paused)
    except ObjectNotFound:
        return False


def _as_held(held: Any, flow: str, entry: str | None) -> Deployment:
    limit = held.global_concurrency_limit
    return Deployment(
        name=held.name,
        flow=flow,
        id=str(held.id),
        entry=entry,
        paused=bool(held.paused),
        parameters=dict(held.parameters or {}),
        concurrency_limit=limit.limit if limit else held.concurrency_limit,
    )


def _ensure_pool(client: "SyncPrefectClient", pool: str) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

    try:
        client.read_work_pool(pool)
    except ObjectNotFound:
        try:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
        except ObjectAlreadyExists:
            return  # another `register` was faster


@contextmanager
def _prefect(settings: Settings) -> Iterator["SyncPrefectClient"]:
    """Open a client of the configured server, and point Prefect's own calls at it."""
    url = settings.require_prefect_api_url()
    try:
        requests.get(f"{url}/health", timeout=5).raise_for_status()
    except requests.RequestException as error:
        raise Transient(
            f"Prefect is not answering at {url} ({redact(str(error))}): "
            "start it with `matchbeat up`, or set PREFECT_API_URL to a server that runs"
        ) from error
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

    secret = settings.prefect_api_auth_string
    updates = {PREFECT_API_URL: url}
    if secret is not None:
        updates[PREFECT_API_AUTH_STRING] = secret.get_secret_value()
    with temporary_settings(updates), get_client(sync_client=True) as client:
        yield client
