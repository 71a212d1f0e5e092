"""The two work pools: `matchbeat` for Prefect's stock workers, `matchbeat-celery` for the leading Beat."""

import json
from collections.abc import Iterable, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.domain.entry import Entry
from src.orchestration.declared import project_version, queue_priorities
from src.scheduling.entrypoints import CELERY_WORK_POOL, WORK_POOL, source_folder

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient
    from prefect.client.schemas.objects import WorkQueue

#: A type that no stock worker has: `prefect worker start --pool matchbeat-celery` refuses to start.
CELERY_POOL_TYPE = "matchbeat-celery"

#: Where the image of the Dockerfile keeps the source.
_IMAGE_FOLDER = "/app"

_DESCRIPTIONS = {
    WORK_POOL: "Flows that run in a process, container or job of their own, started by Prefect's workers.",
    CELERY_WORK_POOL: "Flows that run on Matchbeat's warm Celery workers. The leading Beat takes the runs: "
    "start no Prefect worker for it.",
}

#: Not empty: a stock worker started on the pool by mistake would write its own template into an empty one.
_CELERY_TEMPLATE: dict[str, Any] = {
    "job_configuration": {"name": "{{ name }}"},
    "variables": {
        "type": "object",
        "properties": {
            "name": {"title": "Name", "type": "string", "description": "Not used: no process is started."}
        },
    },
}


def pool_type(settings: Settings) -> str:
    """Return the type of the pool `matchbeat`: process, docker or kubernetes (MATCHBEAT_WORK_POOL_TYPE)."""
    return settings.work_pool_type


def flow_folder(settings: Settings) -> str:
    """Return the folder that a run of the pool `matchbeat` finds the source in: this one, or the image's."""
    return str(source_folder()) if pool_type(settings) == "process" else _IMAGE_FOLDER


def ensure_pools(client: "SyncPrefectClient", settings: Settings, entries: Iterable[Entry]) -> None:
    """Make the two pools and their queues where they are missing, and set the queues' priorities.

    What an operator paused or limited stays so. Raises Misconfigured where a pool is of another type.
    """
    for pool, kind in pool_types(settings).items():
        _ensure_pool(client, pool, kind)
    for pool, priorities in queue_priorities(entries).items():
        _ensure_queues(client, pool, priorities)


def pool_types(settings: Settings) -> dict[str, str]:
    """Return the pools with the type that each must have."""
    return {WORK_POOL: pool_type(settings), CELERY_WORK_POOL: CELERY_POOL_TYPE}


def type_fault(pool: str, found: str, wanted: str) -> str | None:
    """Say what is wrong where a pool has another type than it must have; Prefect cannot change it."""
    if found == wanted:
        return None
    setting = " (MATCHBEAT_WORK_POOL_TYPE)" if pool == WORK_POOL else ""
    return (
        f"work pool {pool} is of type {found} and must be {wanted}{setting}: delete it with "
        f"`prefect work-pool delete {pool}`, and make it anew with `matchbeat flows register`"
    )


def _ensure_pool(client: "SyncPrefectClient", pool: str, kind: str) -> None:
    from prefect.client.schemas.actions import WorkPoolCreate
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

    try:
        found = client.read_work_pool(pool)
    except ObjectNotFound:
        wanted = WorkPoolCreate(
            name=pool, type=kind, description=_DESCRIPTIONS[pool], base_job_template=_template(kind)
        )
        try:
            found = client.create_work_pool(wanted)
        except ObjectAlreadyExists:  # another `register` was faster
            found = client.read_work_pool(pool)
    fault = type_fault(pool, found.type, kind)
    if fault:
        raise Misconfigured(fault)


def _ensure_queues(client: "SyncPrefectClient", pool: str, priorities: Mapping[str, int]) -> None:
    # In the order of their ranks: a queue that takes a rank moves those behind it back by one.
    for name, priority in sorted(priorities.items(), key=lambda item: item[1]):
        queue = _queue(client, pool, name, priority)
        if queue.priority != priority:
            client.update_work_queue(queue.id, priority=priority)


def _queue(client: "SyncPrefectClient", pool: str, name: str, priority: int) -> "WorkQueue":
    from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound

    try:
        return client.read_work_queue_by_name(name, work_pool_name=pool)
    except ObjectNotFound:
        try:
            return client.create_work_queue(name, priority=priority, work_pool_name=pool)
        except ObjectAlreadyExists:
            return client.read_work_queue_by_name(name, work_pool_name=pool)


def _template(kind: str) -> dict[str, Any]:
    """Return the job template of a pool of this type, as Prefect's workers have it."""
    if kind == CELERY_POOL_TYPE:
        return _CELERY_TEMPLATE
    template = deepcopy(_stock_templates()[kind])
    image = template["variables"]["properties"].get("image")
    if image is not None:  # a container of Prefect's own image holds none of our flows
        image["default"] = f"matchbeat:{project_version()}"
    return template


@cache
def _stock_templates() -> dict[str, dict[str, Any]]:
    """Return the templates by worker type that come with Prefect; its server would ask the internet."""
    file = files("prefect.server.api") / "collections_data/views/aggregate-worker-metadata.json"
    packages = json.loads(file.read_text(encoding="utf-8"))
    return {
        kind: worker["default_base_job_configuration"]
        for workers in packages.values()
        for kind, worker in workers.items()
    }
