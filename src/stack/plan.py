"""What to start: the settings read without a running stack, and the choices of one `up`."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from src.core.settings import Settings
from src.stack.home import Home
from src.stack.postgres import PostgresServer
from src.stack.postgres_place import Place, place_for
from src.stack.valkey import ValkeyServer

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One start of the stack; `settings` come from `load_settings(with_stack=False)`."""

    settings: Settings
    live: bool = False
    history: Path | None = None
    first_run: bool = True
    #: Where the embedded Postgres lives; None finds, and makes, the place for this home.
    place: Place | None = None

    @cached_property
    def home(self) -> Home:
        """The stack's folder."""
        return Home(self.settings.home.absolute())

    @property
    def sandboxed(self) -> bool:
        """Whether the sandbox stands for the real sites."""
        return not self.live and self.settings.upstream == "sandbox"

    @property
    def seasons(self) -> Path | None:
        """The folder of real seasons that the sandbox replays, None for its made ones."""
        return self.history or self.settings.history_dir

    @property
    def source(self) -> str:
        """What fills the database: the real sites, real seasons replayed, or made seasons."""
        if not self.sandboxed:
            return "the real sites"
        return "real seasons replayed" if self.seasons else "made seasons"

    @cached_property
    def postgres_place(self) -> Place:
        """Where the embedded Postgres lives; makes the folder."""
        return self.place or place_for(self.home.path)

    @cached_property
    def postgres(self) -> PostgresServer | None:
        """The embedded Postgres, None where DATABASE_URL names another."""
        if self.settings.database_url is not None:
            return None
        place = self.postgres_place
        return PostgresServer(
            folder=place.folder,
            install=place.install,
            port=self.settings.postgres_port,
            password=self.home.password("postgres"),
        )

    @cached_property
    def redis(self) -> ValkeyServer | None:
        """The embedded Valkey, None where REDIS_URL names another."""
        if self.settings.redis_url is not None:
            return None
        folder = self.home.path / "redis"
        return ValkeyServer(
            folder=folder, port=self.settings.redis_port, password=self.home.password("redis")
        )

    @property
    def database_url(self) -> str:
        """The address of Postgres, ours or the user's, password included."""
        return self.postgres.url if self.postgres else self.settings.require_database_url()

    @property
    def redis_url(self) -> str:
        """The address of Redis, ours or the user's, password included."""
        return self.redis.url if self.redis else self.settings.require_redis_url()

    @property
    def api_token(self) -> str:
        """What a change over our API must bear: the user's token, or one of our own that is kept."""
        given = self.settings.api_token
        return given.get_secret_value() if given else self.home.password("api")

    @property
    def prefect_api_url(self) -> str:
        """The address of Prefect's API, ours or the user's."""
        return self.settings.prefect_api_url or f"http://{LOOPBACK}:{self.settings.prefect_port}/api"

    @property
    def mlflow_tracking_uri(self) -> str:
        """The address of MLflow, ours or the user's."""
        return self.settings.mlflow_tracking_uri or f"http://{LOOPBACK}:{self.settings.mlflow_port}"

    @property
    def sandbox_url(self) -> str:
        """The address of the sandbox, ours or the user's."""
        return self.settings.sandbox_url or f"http://{LOOPBACK}:{self.settings.sandbox_port}"

    @property
    def api_url(self) -> str:
        """The address of our own API, as seen from this machine."""
        host = self.settings.bind_host
        return f"http://{LOOPBACK if host in {'0.0.0.0', '::'} else host}:{self.settings.api_port}"  # noqa: S104
