"""The catalog's Prefect entries as deployments; Beat owns the schedule, so none of them has one."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from src.core.settings import Settings
from src.domain.entry import Entry, Runner
from src.orchestration.declared import DeclaredDeployment, declared
from src.orchestration.flow_loading import BrokenModule, load_flows
from src.orchestration.prefect_client import prefect_client
from src.orchestration.work_pools import ensure_pools, flow_folder
from src.scheduling.catalog import CATALOG
from src.scheduling.entrypoints import ENTRYPOINTS

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.orchestration import SyncPrefectClient

_PAGE = 200


@dataclass(frozen=True, kw_only=True)
class Deployment:
    """A deployment as Prefect holds it; `entry` is the catalog's name for it, None where it has none."""

    name: str
    flow: str
    id: str
    entry: str | None
    paused: bool
    parameters: dict[str, Any]
    pool: str | None
    queue: str | None
    concurrency_limit: int | None
    version: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What `register` deployed, and the flow modules that it could not."""

    deployments: list[Deployment]
    broken: list[BrokenModule]


def register(settings: Settings, entries: Iterable[Entry] = CATALOG) -> Registered:
    """Deploy every Prefect entry; running it again updates the same deployments and keeps their ids.

    A deployment, pool or queue that an operator paused stays paused. All entries are checked before the first
    is deployed; a flow module that does not import stops its own entries only. Raises Misconfigured naming
    the entries at fault, Transient where Prefect is away.
    """
    wanted = [entry for entry in entries if entry.runner is Runner.PREFECT]
    flows, broken = load_flows(wanted)
    with prefect_client(settings) as client:
        ensure_pools(client, settings, wanted)
        # One at a time: Prefect's SQLite refuses concurrent writers.
        deployed = [
            _deploy(client, deployment, flows[deployment.name], flow_folder(settings))
            for deployment in declared(wanted)
            if deployment.name in flows
        ]
    return Registered(deployments=deployed, broken=broken)


def listing(settings: Settings) -> list[Deployment]:
    """Return the deployments of the catalog's flows that Prefect holds; raise Transient where it is away."""
    with prefect_client(settings) as client:
        return held_deployments(client)


def held_deployments(client: "SyncPrefectClient") -> list[Deployment]:
    """Return the deployments of the catalog's flows that the server holds, by name."""
    from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName

    named = DeploymentFilter(name=DeploymentFilterName(any_=list(ENTRYPOINTS)))
    found: list[Any] = []
    while page := client.read_deployments(deployment_filter=named, limit=_PAGE, offset=len(found)):
        found += page
    entries = {deployment.name: deployment.entry for deployment in declared()}
    flows = {flow: client.read_flow(flow).name for flow in {held.flow_id for held in found}}
    deployments = [_as_held(held, flows[held.flow_id], entries.get(held.name)) for held in found]
    return sorted(deployments, key=lambda deployment: deployment.name)


def _deploy(
    client: "SyncPrefectClient", wanted: DeclaredDeployment, flow: "Flow[..., Any]", folder: str
) -> Deployment:
    from prefect.client.schemas.objects import ConcurrencyLimitStrategy, ConcurrencyOptions

    limited = wanted.concurrency_limit is not None
    deployment_id = client.create_deployment(
        flow_id=client.create_flow_from_name(flow.name),
        name=wanted.name,
        version=wanted.version,
        description=wanted.description,
        tags=wanted.tags,
        parameters=wanted.parameters,
        parameter_openapi_schema=flow.parameters.model_dump(exclude_unset=True),
        enforce_parameter_schema=True,
        entrypoint=wanted.entrypoint,
        pull_steps=[{"prefect.deployments.steps.set_working_directory": {"directory": folder}}],
        work_pool_name=wanted.pool,
        work_queue_name=wanted.queue,
        job_variables=wanted.job_variables,
        concurrency_limit=wanted.concurrency_limit,
        concurrency_options=(
            ConcurrencyOptions(collision_strategy=ConcurrencyLimitStrategy.ENQUEUE) if limited else None
        ),
        # `paused` is left out: this call keeps it as it is then, where `prefect deploy` would un-pause.
    )
    return _as_held(client.read_deployment(deployment_id), flow.name, wanted.entry)


def _as_held(held: Any, flow: str, entry: str | None) -> Deployment:
    limit = held.global_concurrency_limit
    return Deployment(
        name=held.name,
        flow=flow,
        id=str(held.id),
        entry=entry,
        paused=bool(held.paused),
        parameters=dict(held.parameters or {}),
        pool=held.work_pool_name,
        queue=held.work_queue_name,
        concurrency_limit=limit.limit if limit else None,
        version=held.version,
    )
