"""Whether the flows can run: the server, the pools with their workers, the deployments, the flow modules."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from src.core.errors import MatchbeatError
from src.core.settings import Settings
from src.domain.entry import Entry, Runner
from src.orchestration.declared import DeclaredDeployment, declared
from src.orchestration.deployments import Deployment, held_deployments
from src.orchestration.flow_loading import BrokenModule, load_flows
from src.orchestration.prefect_client import prefect_client
from src.orchestration.work_pools import pool_types, type_fault
from src.scheduling.catalog import CATALOG
from src.scheduling.entrypoints import CELERY_WORK_POOL, WORK_POOL

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient

#: What brings the worker of each pool.
_STARTS = {
    CELERY_WORK_POOL: "a leading Beat is its worker, `matchbeat up` starts one",
    WORK_POOL: "`matchbeat up` starts one, the service prefect-worker",
}


@dataclass(frozen=True, kw_only=True)
class PoolHealth:
    """A work pool; `workers` are the names of those online, `deployments` counts those declared for it."""

    name: str
    type: str | None
    paused: bool
    workers: list[str]
    deployments: int
    fault: str | None


@dataclass(frozen=True, kw_only=True)
class DeploymentHealth:
    """A declared deployment; `state` is ready, paused, missing or moved (it is in another pool or queue)."""

    name: str
    entry: str
    pool: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Health:
    """What `matchbeat flows health` tells; `faults` is empty where all is well. No version: no answer."""

    url: str | None
    version: str | None
    pools: list[PoolHealth]
    deployments: list[DeploymentHealth]
    broken: list[BrokenModule]
    faults: list[str]


def health(settings: Settings, entries: Iterable[Entry] = CATALOG) -> Health:
    """Look at everything that a flow run needs; what is wrong is told, not raised.

    A paused deployment is no fault: an operator wanted it so.
    """
    entries = [entry for entry in entries if entry.runner is Runner.PREFECT]
    broken, faults = _modules(entries)
    wanted = declared(entries)
    version, pools, deployments = None, [], []
    try:
        with prefect_client(settings) as client:
            version = client.api_version()
            pools = [pool_health(client, pool, settings, wanted) for pool in pool_types(settings)]
            deployments = _deployments(wanted, held_deployments(client))
    except MatchbeatError as error:
        faults.append(str(error))
    faults += [pool.fault for pool in pools if pool.fault]
    faults += [_told(deployment) for deployment in deployments if deployment.state in {"missing", "moved"}]
    return Health(
        url=settings.prefect_api_url,
        version=version,
        pools=pools,
        deployments=deployments,
        broken=broken,
        faults=faults,
    )


def pool_health(
    client: "SyncPrefectClient", pool: str, settings: Settings, wanted: Iterable[DeclaredDeployment]
) -> PoolHealth:
    """Look at one work pool; one without a worker is at fault only where deployments are declared for it."""
    from prefect.exceptions import ObjectNotFound

    count = sum(deployment.pool == pool for deployment in wanted)
    try:
        found = client.read_work_pool(pool)
    except ObjectNotFound:
        missing = f"there is no work pool {pool}: `matchbeat flows register` makes it"
        return PoolHealth(name=pool, type=None, paused=False, workers=[], deployments=count, fault=missing)
    workers = sorted(
        worker.name for worker in client.read_workers_for_work_pool(pool) if worker.status == "ONLINE"
    )
    fault = type_fault(pool, found.type, pool_types(settings)[pool])
    if fault is None and count and not workers:
        fault = f"work pool {pool} has no worker online: {_STARTS[pool]}"
    return PoolHealth(
        name=pool,
        type=found.type,
        paused=found.is_paused,
        workers=workers,
        deployments=count,
        fault=fault,
    )


def _modules(entries: list[Entry]) -> tuple[list[BrokenModule], list[str]]:
    try:
        _, broken = load_flows(entries)
    except MatchbeatError as error:
        return [], [str(error)]
    return broken, [str(module) for module in broken]


def _deployments(wanted: list[DeclaredDeployment], held: list[Deployment]) -> list[DeploymentHealth]:
    by_name = {deployment.name: deployment for deployment in held}
    return [
        DeploymentHealth(
            name=one.name, entry=one.entry, pool=one.pool, state=state_of(one, by_name.get(one.name))
        )
        for one in wanted
    ]


def state_of(wanted: DeclaredDeployment, held: Deployment | None) -> str:
    """Return the state of a declared deployment: missing, moved, paused or ready."""
    if held is None:
        return "missing"
    if (held.pool, held.queue) != (wanted.pool, wanted.queue):
        return "moved"
    return "paused" if held.paused else "ready"


def _told(deployment: DeploymentHealth) -> str:
    what = "is missing" if deployment.state == "missing" else "is in another pool or queue than declared"
    return f"deployment {deployment.name} {what}: run `matchbeat flows register`"
