"""What the catalog declares of Prefect, and the file that holds it."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from src.domain.entry import Cron, FlowRunner
from src.orchestration.declared import declared, project_version, queue_priorities
from src.orchestration.prefect_yaml import FILE, prefect_yaml, write_prefect_yaml
from src.orchestration.work_pools import CELERY_POOL_TYPE, _template
from src.scheduling.catalog import CATALOG, find
from src.scheduling.entrypoints import CELERY_WORK_POOL, ENTRYPOINTS, WORK_POOL, source_folder

LIVE = find("titan-live")
IN_POOL = replace(LIVE, flow_runner=FlowRunner.POOL)


def test_the_committed_prefect_yaml_is_what_the_catalog_declares() -> None:
    committed = (source_folder() / FILE).read_text(encoding="utf-8")
    assert committed == prefect_yaml(), "run `matchbeat flows yaml`"


def test_prefect_yaml_holds_every_deployment_and_no_path_of_this_machine() -> None:
    text = prefect_yaml()
    assert {one["name"] for one in yaml.safe_load(text)["deployments"]} == set(ENTRYPOINTS)
    assert str(source_folder()) not in text


def test_prefect_yaml_holds_what_is_declared() -> None:
    entries = [IN_POOL, replace(find("titan-hybrid"), flow_runner=FlowRunner.CELERY)]
    pool, celery = yaml.safe_load(prefect_yaml(entries))["deployments"]
    assert pool == {
        "name": "titan-live-deployment",
        "entrypoint": ENTRYPOINTS["titan-live-deployment"],
        "version": project_version(),
        "description": declared([IN_POOL])[0].description,
        "tags": ["matchbeat", "entry:titan-live"],
        "parameters": LIVE.parameters,
        "enforce_parameter_schema": True,
        "concurrency_limit": {"limit": 1, "collision_strategy": "ENQUEUE"},
        "work_pool": {
            "name": WORK_POOL,
            "work_queue_name": LIVE.queue,
            "job_variables": {"command": "python -m prefect.engine"},
        },
    }
    assert "concurrency_limit" not in celery
    assert celery["work_pool"]["name"] == CELERY_WORK_POOL


def test_prefect_yaml_is_written_once(tmp_path: Path) -> None:
    file = tmp_path / "prefect.yaml"
    assert write_prefect_yaml(file) == (file, True)
    assert write_prefect_yaml(file) == (file, False)


def test_the_description_names_the_entry_and_its_time_zone() -> None:
    entry = replace(LIVE, cadence=Cron(expression="0 8 * * *", timezone="Europe/Paris"))
    assert "`titan-live`: `0 8 * * * (Europe/Paris)`" in declared([entry])[0].description


def test_entries_that_share_a_deployment_are_one_deployment_declared_by_the_first() -> None:
    second = replace(LIVE, name="titan-evening", parameters={"hours_ahead": 5})
    (one,) = declared([LIVE, second])
    assert (one.entry, one.parameters) == ("titan-live", LIVE.parameters)
    assert one.tags == ["matchbeat", "entry:titan-live", "entry:titan-evening"]


def test_queues_are_ranked_by_their_most_urgent_entry_with_1_first() -> None:
    entries = [replace(LIVE, queue=queue, priority=priority)
               for queue, priority in (("b", 5), ("a", 5), ("low", 1), ("high", 9), ("low", 8))]  # fmt: skip
    assert queue_priorities(entries) == {CELERY_WORK_POOL: {"high": 1, "low": 2, "a": 3, "b": 4}}
    both = queue_priorities([*entries, replace(IN_POOL, queue="low")])
    assert both[WORK_POOL] == {"low": 1}


def test_tasks_of_celery_declare_nothing_in_prefect() -> None:
    tasks = [entry for entry in CATALOG if entry.runner == "celery"]
    assert (declared(tasks), queue_priorities(tasks)) == ([], {})


@pytest.mark.parametrize("kind", ["process", "docker", "kubernetes", CELERY_POOL_TYPE])
def test_every_type_of_pool_has_a_template(kind: str) -> None:
    template = _template(kind)
    assert template["job_configuration"]
    image = template["variables"]["properties"].get("image", {}).get("default")
    assert image == (f"matchbeat:{project_version()}" if kind in {"docker", "kubernetes"} else None)
