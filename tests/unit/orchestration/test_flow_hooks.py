"""Every flow of the catalog tells its end."""

from inspect import signature
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from src.domain.entry import Runner
from src.orchestration.flows import outcome_hooks
from src.orchestration.flows.daily_data_collection_flow import (
    daily_data_collection_flow,
    manual_data_collection_flow,
)
from src.orchestration.flows.fire_of_run import fire_of_run
from src.orchestration.flows.titan_flows import titan_hybrid_flow, titan_live_flow, titan_regular_flow
from src.orchestration.flows.weekly_model_retraining_flow import (
    emergency_model_retraining_flow,
    weekly_model_retraining_flow,
)
from src.scheduling.catalog import CATALOG

COLLECTIONS = (
    daily_data_collection_flow,
    manual_data_collection_flow,
    titan_hybrid_flow,
    titan_live_flow,
    titan_regular_flow,
)
FLOWS = (*COLLECTIONS, emergency_model_retraining_flow, weekly_model_retraining_flow)
FIRE, OTHER = str(UUID(int=5)), str(UUID(int=6))


def test_these_are_the_flows_of_the_catalog() -> None:
    assert {flow.name for flow in FLOWS} == {e.name for e in CATALOG if e.runner is Runner.PREFECT}


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_every_flow_tells_each_of_its_ends(flow: Any) -> None:
    assert flow.on_completion_hooks == [outcome_hooks.record_completed]
    assert flow.on_failure_hooks == [outcome_hooks.record_failed]
    assert flow.on_cancellation_hooks == [outcome_hooks.record_cancelled]
    assert flow.on_crashed_hooks == [outcome_hooks.note_crashed]


@pytest.mark.parametrize("hooks", outcome_hooks.REPORTED.values(), ids=outcome_hooks.REPORTED)
def test_hooks_have_the_names_that_prefect_calls_them_by(hooks: list[Any]) -> None:
    assert [list(signature(hook).parameters) for hook in hooks] == [["flow", "flow_run", "state"]]


@pytest.mark.parametrize("flow", COLLECTIONS, ids=lambda flow: flow.name)
def test_every_collection_can_be_told_to_pause(flow: Any) -> None:
    properties = flow.parameters.properties
    assert properties["pause_timeout_s"]["default"] == 86_400
    assert properties["pause_after"]["default"] is None


@pytest.mark.parametrize(
    ("parameters", "tags", "fire"),
    [
        ({"fire_id": FIRE}, [f"fire:{OTHER}"], FIRE),
        ({}, ["matchbeat", f"fire:{OTHER}"], OTHER),
        ({"fire_id": None}, [f"fire:{OTHER}"], OTHER),
        ({}, ["fire:none"], None),
        ({"fire_id": "none"}, [], None),
        ({}, [], None),
    ],
)
def test_a_flow_runs_fire_is_its_parameter_or_its_tag(
    parameters: dict[str, Any], tags: list[str], fire: str | None
) -> None:
    run: Any = SimpleNamespace(parameters=parameters, tags=tags)
    assert fire_of_run(run) == (UUID(fire) if fire else None)
