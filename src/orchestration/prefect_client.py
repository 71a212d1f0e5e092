"""Prefect's own client, pointed at the configured server."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import requests

from src.core.errors import Transient
from src.core.logging import redact
from src.core.settings import Settings

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


@contextmanager
def prefect_client(settings: Settings) -> Iterator["SyncPrefectClient"]:
    """Open a client of the configured server, and point Prefect's own calls at it.

    Raises Transient where Prefect is away, Misconfigured where no address of it is set.
    """
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
