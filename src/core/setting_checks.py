"""Checks on setting values; their messages never repeat a value, which may hold a password."""

import re
from urllib.parse import SplitResult, urlsplit

from pydantic import SecretStr

_EXAMPLES = {
    "DATABASE_URL": "postgresql://matchbeat:secret@localhost:5432/matchbeat",
    "DATABASE_PASSWORD": "secret",
    "REDIS_URL": "redis://:secret@localhost:6379/0",
    "PREFECT_API_URL": "http://localhost:4200/api",
    "MLFLOW_TRACKING_URI": "http://localhost:5000",
    "TITAN_BASE_URL": "https://gateway.example/odds",
    "TITAN_MAX_RETRIES": "3",
    "TITAN_TIMEOUT": "20",
    "TITAN_RATE_LIMIT_QPS": "1.0",
    "TITAN_MAX_CONCURRENCY": "10",
    "TITAN_RETRY_DELAY_SECONDS": "1.0",
    "MATCHBEAT_API_TOKEN": "a-long-random-word-of-yours",
    "MATCHBEAT_LOG_LEVEL": "INFO",
    "MATCHBEAT_UPSTREAM": "sandbox",
    "MATCHBEAT_HISTORY_DIR": "./history",
    "MATCHBEAT_HOME": ".matchbeat",
    "MATCHBEAT_WORKER_PROCESSES": "2",
    "MATCHBEAT_FLOW_PROCESSES": "2",
    "MATCHBEAT_PREFECT_WRITERS": "1",
    "MATCHBEAT_WORK_POOL_TYPE": "process",
    "MATCHBEAT_START_TIMEOUT": "120",
    "MATCHBEAT_FIRST_RUN_DAYS": "800",
    "MATCHBEAT_LONGEST_FRESH": "3600",
    "MATCHBEAT_SANDBOX_CHAOS": "0.1",
    "MATCHBEAT_SANDBOX_CHAOS_SEED": "7",
    "MATCHBEAT_USER_AGENT": "matchbeat/0.1 (+mailto:you@example.org)",
    "FOTMOB_RATE_LIMIT_QPS": "2.0",
    "FBREF_INTERVAL_SECONDS": "7",
}


def example_for(name: str) -> str:
    """Return a valid value for the environment variable `name`."""
    if name.endswith("_PORT"):
        return "8000"
    return _EXAMPLES.get(name, "http://localhost:8900" if name.endswith("_URL") else "1")


def check_http_url(value: str) -> str:
    """Return `value` without a trailing slash; raise ValueError where it is no http(s) address."""
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an http:// or https:// address with a host")
    if "@" in parts.netloc:
        raise ValueError("must hold no user name or password: it is shown in links and messages")
    return value.rstrip("/")


def check_database_url(value: SecretStr) -> SecretStr:
    """Return the address as libpq reads it; raise ValueError where it is not Postgres."""
    url = value.get_secret_value()
    scheme, separator, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql", "postgresql+psycopg2"} or not separator:
        raise ValueError("must be a postgresql:// address: Postgres is the one database dialect")
    parts = _split(f"postgresql://{rest}")
    if not parts.path.strip("/"):
        raise ValueError("must name a database after the host")
    return SecretStr(f"postgresql://{rest}")


def check_token(value: SecretStr) -> SecretStr:
    """Return the token; raise ValueError where a header could not carry it, or where it is easily guessed."""
    token = value.get_secret_value()
    if not token.isascii() or not token.isprintable() or " " in token or len(token) < 16:
        raise ValueError("must be 16 or more printable ASCII characters without spaces")
    return value


def check_user_agent(value: str) -> str:
    """Return what the sites see of us; raise ValueError where a header could not carry it."""
    if not value.isascii() or not value.isprintable() or not value.strip():
        raise ValueError("must be one line of printable ASCII characters")
    return value.strip()


def check_chaos(value: str) -> str:
    """Return what the sandbox is to spoil; raise ValueError where it is no share and no list of kinds."""
    share = r"(?:0?\.\d+|0|1(?:\.0*)?)"
    if not re.fullmatch(rf"{share}|[a-z0-9-]+={share}(?:,[a-z0-9-]+={share})*", value.strip()):
        raise ValueError("must be a share from 0 to 1, or kinds with theirs, as slow=0.1,403=0.05")
    return value.strip()


def check_redis_url(value: SecretStr) -> SecretStr:
    """Return the address; raise ValueError where it is neither redis:// nor rediss://."""
    parts = _split(value.get_secret_value())
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError("must be a redis:// or rediss:// address with a host")
    return value


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("has a port that is not a number") from None
    return parts
