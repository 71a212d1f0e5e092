"""Prefect's server with our routes beside it, as one process on a free port."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from src.stack.postgres import PostgresServer
from tests.ports import free_port, running
from tests.prefect_server import QUIET

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def server(postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home, port = tmp_path_factory.mktemp("beside"), free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    environment |= QUIET | {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        "PREFECT_SERVER_UI_ENABLED": "true",
        "PREFECT_UI_API_URL": f"{url}/api",
        "MATCHBEAT_HOME": str(home),
        "DATABASE_URL": postgres_server.url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "PYTHONPATH": str(Path(__file__).resolve().parents[3]),
    }
    command = [
        sys.executable, "-m", "uvicorn", "src.api.beside_prefect:create_app", "--factory",
        "--host", "127.0.0.1", "--port", str(port),
    ]  # fmt: skip

    def healthy() -> None:
        requests.get(f"{url}/api/health", timeout=2).raise_for_status()

    with running(command, healthy, limit_s=120, cwd=home, env=environment):
        yield url


def test_prefects_api_and_services_run(server: str) -> None:
    assert requests.get(f"{server}/api/health", timeout=5).json() is True
    # A write needs the database that Prefect's own lifespan made.
    made = requests.post(f"{server}/api/flows/", json={"name": "beside"}, timeout=10)
    assert made.status_code == 201
    assert requests.get(f"{server}/ui-settings", timeout=5).json()["api_url"] == f"{server}/api"


def test_prefects_ui_is_served_at_the_root(server: str) -> None:
    page = requests.get(server, headers={"Accept": "text/html"}, timeout=10)
    assert page.status_code == 200
    assert "Prefect" in page.text


def test_ours_answer_below_matchbeat(server: str) -> None:
    assert requests.get(f"{server}/matchbeat/health", timeout=5).json() == {"status": "ok"}
    assert requests.get(f"{server}/matchbeat/schedule", timeout=10).json()["entries"] == []
    assert requests.head(f"{server}/matchbeat/schedule", timeout=10).status_code == 200
    assert requests.get(f"{server}/matchbeat/schedule/nobody", timeout=10).status_code == 404


def test_the_dashboards_links_stay_below_matchbeat(server: str) -> None:
    for address in (f"{server}/matchbeat", f"{server}/matchbeat/", f"{server}/matchbeat/docs"):
        page = requests.get(address, timeout=10)
        assert page.status_code == 200
        assert 'href="/matchbeat/static/matchbeat.css"' in page.text
        assert 'href="/static' not in page.text
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    style = requests.get(f"{server}/matchbeat/static/matchbeat.css", timeout=5)
    assert style.headers["content-type"].startswith("text/css")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed_below_matchbeat(server: str, method: str) -> None:
    for path in ("schedule/titan-live/pause", "schedule/titan-live", "health", "nowhere", ""):
        refused = requests.request(method, f"{server}/matchbeat/{path}".rstrip("/"), json={}, timeout=5)
        assert refused.status_code == 405
        assert refused.headers["allow"] == "GET, HEAD"
        assert refused.json()["title"] == "Method Not Allowed"


def test_only_reading_routes_are_described(server: str) -> None:
    described = requests.get(f"{server}/matchbeat/openapi.json", timeout=5).json()
    assert {method for methods in described["paths"].values() for method in methods} == {"get"}


def test_importing_the_module_does_not_import_prefect() -> None:
    code = "import sys, src.api.beside_prefect; sys.exit('prefect' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
