"""The services of the stack, declared in one place: what runs, after what, how we know that it is ready."""

import sys
from signal import SIGINT
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit

from src.scheduling.dispatch import FLOW_QUEUE
from src.scheduling.entrypoints import WORK_POOL
from src.stack.environment import CHECKOUT, child_environment, sandbox_environment
from src.stack.health import http_answers, log_says, port_accepts, postgres_answers, redis_answers
from src.stack.plan import LOOPBACK, Plan
from src.stack.postgres import account
from src.stack.service import Check, Service

#: The queues of the tasks; flows have a worker of their own.
QUEUES = ("scheduler", "data_collection", "quality", "monitoring", "maintenance")
_APP = "src.tasks.celery_app"
_SCHEDULER = "src.tasks.scheduler_prefect.PrefectFlowScheduler"


def declare(plan: Plan) -> list[Service]:
    """Return all services of `plan`, those first that others depend on."""
    upstream = [_sandbox(plan)] if plan.sandboxed else []
    after_stores = ("postgres", "redis", "migrate", *(service.name for service in upstream))
    services = [
        _postgres(plan),
        _redis(plan),
        *upstream,
        _mlflow(plan),
        _prefect(plan),
        _python("migrate", "src.stack.migrate", depends_on=("postgres",), one_shot=True),
        _python(
            "flows",
            "src.cli.main",
            "flows",
            "register",
            "--allow-broken",
            depends_on=("prefect",),
            one_shot=True,
        ),
        _worker(plan, after_stores),
        _flow_worker(plan, (*after_stores, "flows", "mlflow")),
        _prefect_worker(plan, (*after_stores, "flows", "mlflow")),
        _beat(plan, (*after_stores, "flows")),
        _flower(plan),
        _api(plan),
    ]
    if plan.first_run:
        everything = tuple(service.name for service in services)
        services.append(
            _python("first-run", "src.cli.main", "first-run", depends_on=everything,
                    one_shot=True, optional=True, attempts=1, echo=True)
        )  # fmt: skip
    return services


def select(services: list[Service], names: list[str]) -> list[Service]:
    """Return the named services and all that they depend on, in order; all of them where none is named."""
    if not names:
        return services
    by_name = {service.name: service for service in services}
    wanted: set[str] = set()
    frontier = set(names)
    while frontier:
        wanted |= frontier
        frontier = {need for name in frontier for need in by_name[name].depends_on} - wanted
    return [service for service in services if service.name in wanted]


def addresses(plan: Plan) -> dict[str, str]:
    """Return what tells a process where the stack's servers are; passwords and the API's token included."""
    return {
        "MATCHBEAT_HOME": str(plan.home.path),
        "DATABASE_URL": plan.database_url,
        "REDIS_URL": plan.redis_url,
        "PREFECT_API_URL": plan.prefect_api_url,
        "MLFLOW_TRACKING_URI": plan.mlflow_tracking_uri,
        "MATCHBEAT_API_TOKEN": plan.api_token,
        **(sandbox_environment(plan.sandbox_url) if plan.sandboxed else {"MATCHBEAT_UPSTREAM": "live"}),
    }


def environment(plan: Plan) -> dict[str, str]:
    """Return the environment that all services share."""
    folder = plan.home.path / "prefect"
    stack = {
        **addresses(plan),
        "PREFECT_HOME": str(folder),
        "MLFLOW_ALLOW_PICKLE_DESERIALIZATION": "false",
    }
    return child_environment(plan.settings, stack)


def _postgres(plan: Plan) -> Service:
    server = plan.postgres
    if server is None:
        return _external("postgres", "DATABASE_URL", plan.database_url, postgres_answers(plan.database_url))
    return Service(
        name="postgres",
        argv=tuple(server.argv()),
        prepare=server.prepare,
        check=server.create_database,
        port=server.port,
        port_setting="MATCHBEAT_POSTGRES_PORT",
        address=f"{LOOPBACK}:{server.port}",
        stop_signal=SIGINT,  # the fast shutdown: SIGTERM would wait for every client
        account=account(),
        cwd=server.folder,
    )


def _redis(plan: Plan) -> Service:
    server = plan.redis
    if server is None:
        return _external("redis", "REDIS_URL", plan.redis_url, redis_answers(plan.redis_url))
    return Service(
        name="redis",
        argv=tuple(server.argv()),
        prepare=server.prepare,
        check=redis_answers(server.url),
        port=server.port,
        port_setting="MATCHBEAT_REDIS_PORT",
        address=f"{LOOPBACK}:{server.port}",
    )


def _sandbox(plan: Plan) -> Service:
    parts = urlsplit(plan.sandbox_url)
    port = parts.port or 80
    if plan.settings.sandbox_url is not None:
        check = port_accepts(parts.hostname or LOOPBACK, port)
        return _external("sandbox", "MATCHBEAT_SANDBOX_URL", plan.sandbox_url, check)
    return _python(
        "sandbox", "src.sandbox", "--port", str(port), "--data-dir", str(plan.home.path / "sandbox"),
        *(("--history", str(plan.seasons.absolute())) if plan.seasons else ()),
        *_chaos(plan),
        check=port_accepts(LOOPBACK, port), port=port, port_setting="MATCHBEAT_SANDBOX_PORT",
        address=plan.sandbox_url,
    )  # fmt: skip


def _chaos(plan: Plan) -> tuple[str, ...]:
    settings = plan.settings
    if settings.sandbox_chaos is None:
        return ()
    return ("--chaos", settings.sandbox_chaos, "--chaos-seed", str(settings.sandbox_chaos_seed))


def _mlflow(plan: Plan) -> Service:
    url, port = plan.mlflow_tracking_uri, plan.settings.mlflow_port
    if plan.settings.mlflow_tracking_uri is not None:
        return _external("mlflow", "MLFLOW_TRACKING_URI", url, http_answers(f"{url}/health"))
    folder = plan.home.path / "mlflow"
    return _python(
        "mlflow", "mlflow", "server", "--host", LOOPBACK, "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder / 'mlflow.db'}",
        "--artifacts-destination", str(folder / "artifacts"),
        "--allowed-hosts", f"localhost:{port},{LOOPBACK}:{port}",
        prepare=lambda: folder.mkdir(mode=0o700, exist_ok=True),
        check=http_answers(f"{url}/health"), port=port, port_setting="MATCHBEAT_MLFLOW_PORT", address=url,
        # Its job consumers take 2 GB and serve features that we do not use.
        env={"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
    )  # fmt: skip


def _prefect(plan: Plan) -> Service:
    url, port = plan.prefect_api_url, plan.settings.prefect_port
    if plan.settings.prefect_api_url is not None:
        return _external("prefect", "PREFECT_API_URL", url, http_answers(f"{url}/health"))
    folder = plan.home.path / "prefect"
    auth = plan.settings.prefect_api_auth_string
    origins = f"http://{LOOPBACK}:{port},http://localhost:{port}"
    return _python(
        "prefect", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port),
        prepare=lambda: folder.mkdir(mode=0o700, exist_ok=True),
        check=http_answers(f"{url}/health"), port=port, port_setting="MATCHBEAT_PREFECT_PORT",
        address=url.removesuffix("/api"),
        # SQLite: Prefect on Postgres needs the extension pg_trgm, which the embedded one lacks.
        env={
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{folder / 'prefect.db'}",
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": origins,
            **({"PREFECT_SERVER_API_AUTH_STRING": auth.get_secret_value()} if auth else {}),
        },
    )  # fmt: skip


def _worker(plan: Plan, depends_on: tuple[str, ...]) -> Service:
    # -E: events, so that Flower sees the tasks.
    return _python(
        "worker", "celery", "-A", _APP, "worker", "--pool", "prefork", "-E", "--loglevel", "INFO",
        "--concurrency", str(plan.settings.worker_processes), "--queues", ",".join(QUEUES),
        depends_on=depends_on, check=log_says(plan.home.log_file("worker"), " ready."),
    )  # fmt: skip


def _flow_worker(plan: Plan, depends_on: tuple[str, ...]) -> Service:
    # Flows stop at their next checkpoint when it stops; what holds on longer may run again.
    return _python(
        "flow-worker", "celery", "-A", _APP, "worker", "--pool", "prefork", "-E", "--loglevel", "INFO",
        "--concurrency", str(plan.settings.flow_processes), "--queues", FLOW_QUEUE,
        "--hostname", "flow-worker@%h", "--max-tasks-per-child", "50",
        depends_on=depends_on, check=log_says(plan.home.log_file("flow-worker"), " ready."),
    )  # fmt: skip


def _prefect_worker(plan: Plan, depends_on: tuple[str, ...]) -> Service:
    scratch = plan.home.path / "prefect" / "tmp"
    return _python(
        "prefect-worker", "prefect", "worker", "start", "--pool", WORK_POOL, "--type", "process",
        "--name", f"matchbeat@{gethostname()}",
        prepare=lambda: scratch.mkdir(parents=True, exist_ok=True),
        depends_on=depends_on, check=log_says(plan.home.log_file("prefect-worker"), "started!"),
        env={
            "PREFECT_WORKER_QUERY_SECONDS": "1",
            "PREFECT_WORKER_WEBSERVER_HOST": LOOPBACK,
            # Prefect keeps its runners' folder under one fixed name in the machine's temporary folder, where
            # the first user of a shared machine would lock out the others.
            "TMPDIR": str(scratch),
        },
    )  # fmt: skip


def _beat(plan: Plan, depends_on: tuple[str, ...]) -> Service:
    # No pid file: the supervisor's lock keeps a second one away, and a stale file would keep ours away too.
    return _python(
        "beat", "celery", "-A", _APP, "beat", "--scheduler", _SCHEDULER, "--pidfile=", "--loglevel", "INFO",
        depends_on=depends_on, check=log_says(plan.home.log_file("beat"), "beat: Starting"),
    )  # fmt: skip


def _flower(plan: Plan) -> Service:
    port, folder = plan.settings.flower_port, plan.home.path / "flower"
    url = f"http://{LOOPBACK}:{port}"
    return _python(
        "flower", "celery", "-A", _APP, "flower", f"--address={LOOPBACK}", f"--port={port}",
        "--persistent=True", f"--db={folder / 'flower.db'}", "--state_save_interval=10000",
        "--max_tasks=10000",
        prepare=lambda: folder.mkdir(mode=0o700, exist_ok=True), depends_on=("redis",),
        check=http_answers(f"{url}/healthcheck"),
        port=port, port_setting="MATCHBEAT_FLOWER_PORT", address=url,
    )  # fmt: skip


def _api(plan: Plan) -> Service:
    settings = plan.settings
    return _python(
        "api", "uvicorn", "src.api.app:create_app", "--factory", "--host", settings.bind_host,
        "--port", str(settings.api_port), "--no-access-log",
        depends_on=("migrate", "redis"), check=http_answers(f"{plan.api_url}/health"),
        host=settings.bind_host, port=settings.api_port, port_setting="MATCHBEAT_API_PORT",
        address=plan.api_url,
    )  # fmt: skip


def _python(name: str, module: str, *arguments: str, **options: Any) -> Service:
    argv = (sys.executable, "-m", module, *arguments)
    return Service(name=name, argv=argv, cwd=CHECKOUT, **options)


def _external(name: str, setting: str, url: str, check: Check) -> Service:
    parts = urlsplit(url)
    address = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)
    return Service(
        name=name,
        check=check,
        address=address,
        advice=f"start the server that {setting} names ({address}), correct {setting}, or unset it "
        "to let Matchbeat start its own",
    )
