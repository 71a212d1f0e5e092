"""The flows that this worker can run, imported before it forks."""

import gc
import os
import threading
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.core.settings import settings
from src.scheduling.catalog import nearest
from src.scheduling.entrypoints import ENTRYPOINTS

if TYPE_CHECKING:
    from prefect import Flow

log = get_logger(__name__)


def prepare() -> None:
    """Import Prefect and all flows; what fails stops only the flows of its own module.

    Importing starts neither a thread nor a connection, so that children may be forked from here. What is
    imported is kept out of the garbage collector's sight, so that the children go on sharing its pages.
    """
    _point_prefect_at_its_server()
    import_module("src.tasks.flow_engine")
    for deployment in ENTRYPOINTS:
        try:
            flow_of(deployment)
        except Misconfigured as error:
            log.warning("flow_not_imported", deployment=deployment, reason=str(error))
    others = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
    if others:
        log.warning("threads_before_fork", threads=others)
    gc.collect()
    gc.freeze()


@cache
def flow_of(deployment: str) -> "Flow[..., Any]":
    """Return the flow of a deployment; raise Misconfigured where there is none or it cannot be imported."""
    from prefect import Flow

    if deployment not in ENTRYPOINTS:
        raise Misconfigured(f"no flow belongs to {deployment!r}{nearest(deployment, ENTRYPOINTS)}")
    file, _, name = ENTRYPOINTS[deployment].partition(":")
    module = file.removesuffix(".py").replace("/", ".")
    try:
        flow = getattr(import_module(module), name)
    except Exception as error:  # whatever a module raises when it is imported
        raise Misconfigured(f"{module} cannot be imported: {type(error).__name__}: {error}") from error
    if not isinstance(flow, Flow) or flow.isasync or flow.isgenerator:
        raise Misconfigured(f"{ENTRYPOINTS[deployment]} is no synchronous flow: run it in a work pool")
    return flow


def flush() -> None:
    """Send what Prefect's threads for logs and events still hold."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    for service in (APILogWorker, EventsWorker):
        service.drain_all(timeout=5)


def _point_prefect_at_its_server() -> None:
    """Give Prefect, which reads them as it is imported, the settings that are ours."""
    found = settings()
    os.environ.setdefault("PREFECT_API_URL", found.require_prefect_api_url())
    if found.prefect_api_auth_string is not None:
        os.environ.setdefault("PREFECT_API_AUTH_STRING", found.prefect_api_auth_string.get_secret_value())
    # Two requests less before each flow run.
    os.environ.setdefault("PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED", "false")
    os.environ.setdefault("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "false")
