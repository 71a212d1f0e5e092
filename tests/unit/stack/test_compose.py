from pathlib import Path
from typing import Any

import pytest
import yaml

from src.scheduling.dispatch import FLOW_QUEUE
from src.scheduling.entrypoints import WORK_POOL
from src.stack.services import QUEUES

ROOT = Path(__file__).resolve().parents[3]
FILES = ("docker-compose.yml", "docker-compose.scheduler.yml")


def services(name: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / name).read_text())["services"]
    return found


@pytest.mark.parametrize("file", FILES)
def test_a_service_that_is_extended_has_no_profile_to_pass_on(file: str) -> None:
    for name, service in services(file).items():
        if "extends" in service:
            base = services(service["extends"]["file"])[service["extends"]["service"]]
            assert "profiles" not in {**base, **service}, name


def test_the_containers_serve_the_queues_and_the_pool_of_the_embedded_stack() -> None:
    assert f"--queues={','.join(QUEUES)}" in services(FILES[1])["worker"]["command"]
    assert f"--queues={FLOW_QUEUE}" in services(FILES[1])["flow-worker"]["command"]
    assert WORK_POOL in services(FILES[0])["prefect-worker"]["command"]
