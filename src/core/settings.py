"""Settings: read once from the environment, `.env` and the running stack's addresses, then frozen."""

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from src.core.errors import Misconfigured
from src.core.setting_checks import (
    check_chaos,
    check_database_url,
    check_http_url,
    check_redis_url,
    check_token,
    check_user_agent,
    example_for,
)

#: The running stack writes the addresses of its servers here (mode 0600), for commands run beside it.
STACK_ENV = "stack.env"

HttpUrl = Annotated[str, AfterValidator(check_http_url)]
Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseSettings):
    """All settings of Matchbeat; the environment name of a field is its alias.

    `database_url`, `redis_url`, `prefect_api_url` and `mlflow_tracking_uri` are `None` where the embedded
    stack is to start a server of its own.
    """

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        populate_by_name=True,
        env_file_encoding="utf-8",
        hide_input_in_errors=True,
        env_ignore_empty=True,
    )

    home: Path = Field(Path(".matchbeat"), alias="MATCHBEAT_HOME", description="folder for data and logs")
    database_url: SecretStr | None = Field(None, alias="DATABASE_URL")
    database_password: SecretStr | None = Field(None, alias="DATABASE_PASSWORD")
    redis_url: SecretStr | None = Field(None, alias="REDIS_URL")
    prefect_api_url: HttpUrl | None = Field(None, alias="PREFECT_API_URL")
    prefect_api_auth_string: SecretStr | None = Field(None, alias="PREFECT_API_AUTH_STRING")
    prefect_writers: int = Field(
        1, ge=1, le=32, alias="MATCHBEAT_PREFECT_WRITERS", description="writes at a time; on SQLite 1"
    )
    work_pool_type: Literal["process", "docker", "kubernetes"] = Field(
        "process", alias="MATCHBEAT_WORK_POOL_TYPE"
    )
    mlflow_tracking_uri: HttpUrl | None = Field(None, alias="MLFLOW_TRACKING_URI")

    bind_host: str = Field("127.0.0.1", alias="MATCHBEAT_HOST")
    api_port: Port = Field(8000, alias="MATCHBEAT_API_PORT")
    prefect_port: Port = Field(4200, alias="MATCHBEAT_PREFECT_PORT")
    flower_port: Port = Field(5555, alias="MATCHBEAT_FLOWER_PORT")
    mlflow_port: Port = Field(5000, alias="MATCHBEAT_MLFLOW_PORT")
    postgres_port: Port = Field(5432, alias="MATCHBEAT_POSTGRES_PORT")
    redis_port: Port = Field(6379, alias="MATCHBEAT_REDIS_PORT")
    sandbox_port: Port = Field(8900, alias="MATCHBEAT_SANDBOX_PORT")
    api_token: SecretStr | None = Field(None, alias="MATCHBEAT_API_TOKEN")
    worker_processes: int = Field(2, ge=1, le=64, alias="MATCHBEAT_WORKER_PROCESSES")
    flow_processes: int = Field(2, ge=1, le=64, alias="MATCHBEAT_FLOW_PROCESSES")
    start_timeout_s: float = Field(120, gt=0, alias="MATCHBEAT_START_TIMEOUT")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", alias="MATCHBEAT_LOG_LEVEL")

    upstream: Literal["sandbox", "live"] = Field("sandbox", alias="MATCHBEAT_UPSTREAM")
    history_dir: Path | None = Field(None, alias="MATCHBEAT_HISTORY_DIR")
    sandbox_url: HttpUrl | None = Field(None, alias="MATCHBEAT_SANDBOX_URL")
    sandbox_chaos: Annotated[str, AfterValidator(check_chaos)] | None = Field(
        None, alias="MATCHBEAT_SANDBOX_CHAOS", description="a share of 1, or kinds of dirt with theirs"
    )
    sandbox_chaos_seed: int = Field(7, alias="MATCHBEAT_SANDBOX_CHAOS_SEED")
    fotmob_base_url: HttpUrl = Field("https://www.fotmob.com", alias="FOTMOB_BASE_URL")
    fotmob_rate_limit_qps: float = Field(2.0, gt=0, le=1000, alias="FOTMOB_RATE_LIMIT_QPS")
    fbref_base_url: HttpUrl = Field("https://fbref.com", alias="FBREF_BASE_URL")
    fbref_interval_s: float = Field(7.0, ge=0, alias="FBREF_INTERVAL_SECONDS")
    titan_base_url: HttpUrl | None = Field(None, alias="TITAN_BASE_URL", description="the JSON gateway")
    titan_euro_url: HttpUrl = Field("https://1x2d.titan007.com", alias="TITAN_EURO_URL")
    titan_pages_url: HttpUrl = Field("https://vip.titan007.com", alias="TITAN_PAGES_URL")
    titan_days_url: HttpUrl = Field("https://bf.titan007.com", alias="TITAN_DAYS_URL")
    titan_max_retries: int = Field(3, ge=0, le=10, alias="TITAN_MAX_RETRIES")
    titan_timeout_s: float = Field(20.0, gt=0, le=300, alias="TITAN_TIMEOUT")
    titan_rate_limit_qps: float = Field(1.0, gt=0, le=1000, alias="TITAN_RATE_LIMIT_QPS")
    titan_max_concurrency: int = Field(10, ge=1, le=100, alias="TITAN_MAX_CONCURRENCY")
    titan_retry_delay_s: float = Field(1.0, ge=0, le=300, alias="TITAN_RETRY_DELAY_SECONDS")
    titan_api_token: SecretStr | None = Field(None, alias="TITAN_API_TOKEN")
    api_football_key: SecretStr | None = Field(None, alias="API_FOOTBALL_KEY")
    user_agent: Annotated[str, AfterValidator(check_user_agent)] = Field(
        "matchbeat/0.1 (+contact: set MATCHBEAT_USER_AGENT)", alias="MATCHBEAT_USER_AGENT"
    )
    longest_fresh_s: float = Field(
        3600, ge=0, le=86_400, alias="MATCHBEAT_LONGEST_FRESH", description="seconds; 0 asks every time"
    )
    first_run_days: int = Field(800, ge=30, le=4000, alias="MATCHBEAT_FIRST_RUN_DAYS")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let only aliases name environment variables: the field `home` must not read HOME."""
        for source in (env_settings, dotenv_settings):
            source.config = SettingsConfigDict(**{**source.config, "populate_by_name": False})
        return init_settings, env_settings, dotenv_settings

    @field_validator("database_url")
    @classmethod
    def _database_url(cls, value: SecretStr | None) -> SecretStr | None:
        return value and check_database_url(value)

    @field_validator("api_token")
    @classmethod
    def _api_token(cls, value: SecretStr | None) -> SecretStr | None:
        return value and check_token(value)

    @field_validator("redis_url")
    @classmethod
    def _redis_url(cls, value: SecretStr | None) -> SecretStr | None:
        return value and check_redis_url(value)

    def require_database_url(self) -> str:
        """Return the Postgres URL for SQLAlchemy, password filled in; raise Misconfigured without one."""
        if self.database_url is None:
            raise Misconfigured(_missing("DATABASE_URL", self.home))
        url = self.database_url.get_secret_value()
        if self.database_password is None:
            return url
        from sqlalchemy import make_url

        parsed = make_url(url)
        if parsed.password is None:
            parsed = parsed.set(password=self.database_password.get_secret_value())
        return parsed.render_as_string(hide_password=False)

    def require_redis_url(self) -> str:
        """Return the Redis URL; raise Misconfigured without one."""
        if self.redis_url is None:
            raise Misconfigured(_missing("REDIS_URL", self.home))
        return self.redis_url.get_secret_value()

    def require_prefect_api_url(self) -> str:
        """Return Prefect's API address, ending in `/api`; raise Misconfigured without one."""
        if self.prefect_api_url is None:
            raise Misconfigured(_missing("PREFECT_API_URL", self.home))
        return self.prefect_api_url

    def require_mlflow_tracking_uri(self) -> str:
        """Return MLflow's address; raise Misconfigured without one."""
        if self.mlflow_tracking_uri is None:
            raise Misconfigured(_missing("MLFLOW_TRACKING_URI", self.home))
        return self.mlflow_tracking_uri


def _missing(name: str, home: Path) -> str:
    return (
        f"{name} is not set and no stack is running in {home}: "
        f"run `matchbeat up`, or set it, for example {name}={example_for(name)}"
    )


def load_settings(*, with_stack: bool = True, **values: Any) -> Settings:
    """Read the settings anew; `values` win over the environment.

    `with_stack=False` leaves out the addresses that a running stack has written, which is what the stack
    itself needs to tell what the user has set. Raises Misconfigured naming each wrong variable.
    """
    try:
        home = Settings(_env_file=".env", **values).home
        files = ([home / STACK_ENV] if with_stack else []) + [Path(".env")]
        return Settings(_env_file=files, **values)
    except ValidationError as error:
        raise Misconfigured(_explain(error)) from None


@cache
def settings() -> Settings:
    """Return this process's settings, read at the first call."""
    return load_settings()


def _explain(error: ValidationError) -> str:
    lines = [
        f"{name}: {item['msg']}; for example {name}={example_for(name)}"
        for item in error.errors(include_input=False, include_url=False)
        for name in [_env_name(str(item["loc"][0]) if item["loc"] else "?")]
    ]
    return "settings are wrong:\n  " + "\n  ".join(lines)


def _env_name(location: str) -> str:
    field = Settings.model_fields.get(location)
    return (field.alias if field else None) or location
