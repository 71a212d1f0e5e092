"""What the services find in their environment."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from src.core.settings import Settings

#: Where `src` lies: services run here, so that no other folder's `src` shadows ours.
CHECKOUT = Path(__file__).resolve().parents[2]

_QUIET = {
    "PYTHONUNBUFFERED": "1",
    # None of them has a reason to call home, and a machine may have no network.
    "DO_NOT_TRACK": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
    "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
    "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false",
}


def sandbox_environment(url: str) -> dict[str, str]:
    """Point every source at the sandbox at `url`, which stands for the hosts by path prefixes."""
    return {
        "MATCHBEAT_UPSTREAM": "sandbox",
        "MATCHBEAT_SANDBOX_URL": url,
        "FOTMOB_BASE_URL": f"{url}/fotmob",
        "FBREF_BASE_URL": f"{url}/fbref",
        "TITAN_EURO_URL": f"{url}/titan/euro",
        "TITAN_PAGES_URL": f"{url}/titan/pages",
        "TITAN_DAYS_URL": f"{url}/titan/days",
        # Politeness is for the real sites.
        "TITAN_RATE_LIMIT_QPS": "1000",
        "FBREF_INTERVAL_SECONDS": "0",
        "FOTMOB_RATE_LIMIT_QPS": "1000",
    }


def child_environment(settings: Settings, stack: Mapping[str, str]) -> dict[str, str]:
    """Return the services' environment: ours, the settings as read (also from `.env`), the stack's own."""
    scripts = str(Path(sys.executable).parent)
    return {
        **os.environ,
        **_as_read(settings),
        **_QUIET,
        **stack,
        "PATH": os.pathsep.join([scripts, os.environ.get("PATH", os.defpath)]),
    }


def _as_read(settings: Settings) -> dict[str, str]:
    """Return the variables that the user has set, paths absolute: services run in another folder."""
    found = {}
    for name in settings.model_fields_set:
        value, alias = getattr(settings, name), type(settings).model_fields[name].alias
        if value is None or alias is None:
            continue
        if isinstance(value, SecretStr):
            value = value.get_secret_value()
        elif isinstance(value, Path):
            value = value.absolute()
        found[alias] = str(value)
    return found
