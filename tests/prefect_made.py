"""Deployments and flow runs made in a real Prefect server, over its REST API and without a flow."""

from collections.abc import Mapping, Sequence
from typing import Any

import requests
from tenacity import retry, retry_if_result, stop_after_attempt, wait_fixed

POOL = "made-pool"
#: The schema of a flow that takes `day` and, where it is given, `fire_id`.
SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"day": {"type": "string"}, "count": {"type": "integer"}, "fire_id": {"type": "string"}},
}


@retry(
    retry=retry_if_result(lambda answer: answer.status_code == 503),
    stop=stop_after_attempt(20),
    wait=wait_fixed(0.1),
)
def call(method: str, url: str, body: Mapping[str, Any] | None = None) -> requests.Response:
    """Call the server; SQLite is locked at times."""
    return requests.request(method, url, json=body, timeout=10)


def told(method: str, url: str, body: Mapping[str, Any] | None = None) -> Any:
    answer = call(method, url, body)
    answer.raise_for_status()
    return answer.json() if answer.content else None


def make_pool(url: str, name: str = POOL) -> None:
    answer = call("POST", f"{url}/work_pools/", {"name": name, "type": "process"})
    assert answer.status_code in {201, 409}, answer.text


def make_deployment(url: str, name: str, pool: str = POOL, **more: Any) -> str:
    """Make a deployment in a pool, or make it anew; return its id."""
    make_pool(url, pool)
    flow = told("POST", f"{url}/flows/", {"name": "made-flow"})["id"]
    body = {
        "name": name,
        "flow_id": flow,
        "work_pool_name": pool,
        "parameter_openapi_schema": SCHEMA,
        "enforce_parameter_schema": True,
        **more,
    }
    return str(told("POST", f"{url}/deployments/", body)["id"])


def put_state(url: str, run_id: str, *types: str, **more: Any) -> None:
    """Set the states of a run by force, one after the other."""
    for type_ in types:
        body = {"state": {"type": type_, **more}, "force": True}
        told("POST", f"{url}/flow_runs/{run_id}/set_state", body)


def write_logs(url: str, run_id: str, messages: Sequence[str]) -> None:
    lines = [
        {
            "name": "made",
            "level": 20,
            "message": message,
            "timestamp": f"2026-03-01T12:00:00.{n:06}Z",
            "flow_run_id": run_id,
        }
        for n, message in enumerate(messages)
    ]
    for start in range(0, len(lines), 200):
        call("POST", f"{url}/logs/", lines[start : start + 200]).raise_for_status()  # type: ignore[arg-type]
