"""The one way from the settings to a client of Prefect."""

from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.scheduling.bridge.client import PrefectClient


def prefect_client(settings: Settings, timeout_s: float = 10.0) -> PrefectClient:
    """Return a client of the configured server; raise Misconfigured where its address is missing or wrong."""
    url = settings.require_prefect_api_url()
    if not url.endswith("/api"):
        raise Misconfigured(f"PREFECT_API_URL must end in /api, for example {url.rstrip('/')}/api")
    auth = settings.prefect_api_auth_string
    secret = auth.get_secret_value() if auth else None
    return PrefectClient(url, secret, timeout_s, concurrency=settings.prefect_writers)
