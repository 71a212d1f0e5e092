"""The catalog against the flows it names, without a server."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from src.core.errors import Misconfigured
from src.domain.entry import Runner
from src.orchestration.flow_loading import FlowUnloadable, load_flow, load_flows
from src.scheduling.catalog import CATALOG, find
from src.scheduling.entrypoints import ENTRYPOINTS, source_folder


def test_every_prefect_entry_of_the_catalog_has_a_flow_that_takes_its_parameters() -> None:
    entries = [entry for entry in CATALOG if entry.runner is Runner.PREFECT]
    flows, broken = load_flows(entries)
    assert broken == []
    assert set(flows) == set(ENTRYPOINTS)
    assert {flow.name for flow in flows.values()} == {entry.name for entry in entries}


def test_every_flow_takes_a_fire_id() -> None:
    flows, _ = load_flows(entry for entry in CATALOG if entry.runner is Runner.PREFECT)
    assert all("fire_id" in flow.parameters.properties for flow in flows.values())


@pytest.mark.parametrize(
    ("parameters", "fault"),
    [
        ({"hour_ahead": 2}, "'hour_ahead' is not one of titan-live; did you mean hours_ahead"),
        ({"hours_ahead": "soon"}, "titan-live refuses its parameters"),
    ],
)
def test_parameters_that_a_flow_would_refuse_name_the_entry(parameters: dict[str, Any], fault: str) -> None:
    wrong = replace(find("titan-live"), parameters=parameters)
    with pytest.raises(Misconfigured, match=f"entry 'titan-live'.*{fault}"):
        load_flows([wrong])


def test_every_fault_is_told_at_once() -> None:
    one = replace(find("titan-live"), target="titan-life-deployment")
    two = replace(find("titan-hybrid"), parameters={"cleanup": 1})
    with pytest.raises(Misconfigured) as raised:
        load_flows([one, two])
    assert "titan-live-deployment" in str(raised.value)
    assert "cleanup_days" in str(raised.value)


def test_the_source_folder_holds_the_package() -> None:
    for entrypoint in ENTRYPOINTS.values():
        assert (source_folder() / entrypoint.partition(":")[0]).is_file()


@pytest.mark.parametrize(
    ("source", "told"),
    [
        (
            "import no_such_module\n",
            r"ModuleNotFoundError: No module named 'no_such_module', .*made.py line 1",
        ),
        ("\nx = [\n", r"SyntaxError: .*made.py, line 2"),
        ("raise SystemExit('no key')\n", "SystemExit: no key"),
        ("other = 1\n", "MissingFlowError"),
        ("def titan_live_flow(): ...\n", "is not a flow"),
    ],
)
def test_a_module_without_its_flow_tells_the_error_and_its_line(
    source: str, told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "made.py").write_text(source)
    monkeypatch.setitem(ENTRYPOINTS, "titan-live-deployment", f"{tmp_path}/made.py:titan_live_flow")
    with pytest.raises(FlowUnloadable, match=told):
        load_flow("titan-live-deployment")


def test_a_broken_module_is_told_once_with_all_that_it_stops(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("titan-live-deployment", "titan-hybrid-deployment"):
        monkeypatch.setitem(ENTRYPOINTS, name, f"{tmp_path}/absent.py:{name}")
    flows, (broken,) = load_flows([find(name) for name in ("titan-live", "titan-hybrid", "titan-regular")])
    assert set(flows) == {"titan-regular-deployment"}
    assert broken.deployments == ["titan-hybrid-deployment", "titan-live-deployment"]
    assert str(broken).startswith(f"{tmp_path}/absent.py does not import (")
