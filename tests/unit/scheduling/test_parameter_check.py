from pathlib import Path
from typing import Any

import pytest

from src.core.errors import Misconfigured
from src.domain.edit import Refused
from src.domain.entry import Entry, Runner
from src.scheduling import parameter_check
from src.scheduling.catalog import CATALOG, find
from src.scheduling.parameter_check import check_accepted, names_of

LIVE = "titan-live-deployment"
MANUAL = "manual-data-collection-deployment"
WEEKLY = "weekly-model-retraining-deployment"
PREFECT_ENTRIES = [entry for entry in CATALOG if entry.runner is Runner.PREFECT]
#: Values of all JSON types, some of them at the edge of what pydantic converts.
VALUES = [None, True, 0, 2, 2.0, 2.5, "2", "2.5", "two", "true", "", [], ["1"], [1], {}, {"a": 1}]


@pytest.mark.parametrize("entry", CATALOG, ids=lambda entry: entry.name)
def test_every_entry_of_the_catalog_has_known_names_and_takes_its_parameters(entry: Entry) -> None:
    assert names_of(entry.runner, entry.target) is not None
    check_accepted(entry.runner, entry.target, entry.parameters)


def test_a_wrong_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(
        Misconfigured, match=r"parameters: quality.check takes no 'day_back'; did you mean days_"
    ):
        check_accepted("celery", "quality.check", {"day_back": 1})


def test_an_unknown_target_is_left_alone() -> None:
    check_accepted("celery", "no.such.task", {"anything": 1})
    check_accepted("prefect", "no-such-deployment", {"anything": 1})


@pytest.mark.parametrize(
    ("target", "parameters", "problem"),
    [
        (LIVE, {"hours_ahead": "two"}, "titan-live-deployment: hours_ahead must be int, got 'two'"),
        (LIVE, {"hours_ahead": None}, "hours_ahead must be int, got None; for example {'hours_ahead': 2}"),
        (WEEKLY, {"lookback_days": "all"}, "lookback_days must be int | None, got 'all'"),
        (WEEKLY, {"minimum_quality": "high"}, "minimum_quality must be float, got 'high'"),
        (MANUAL, {"sources": "odds"}, "sources must be list[Step] | None, got 'odds'"),
        ("titan-hybrid-deployment", {"enable_live": "perhaps"}, "enable_live must be bool, got 'perhaps'"),
        ("emergency-model-retraining-deployment", {"reason": 5}, "reason must be str, got 5"),
    ],
)
def test_a_wrong_type_is_refused_with_the_name(target: str, parameters: dict[str, Any], problem: str) -> None:
    with pytest.raises(Refused) as raised:
        check_accepted("prefect", target, parameters)
    assert raised.value.field == "parameters"
    assert problem in raised.value.problem


def test_a_flow_is_given_what_prefect_converts_and_a_task_only_what_fits_as_it_is() -> None:
    check_accepted("prefect", LIVE, {"hours_ahead": "2"})
    check_accepted("celery", "quality.check", {"days_back": 2})
    with pytest.raises(Refused, match="days_back must be int, got '2'"):
        check_accepted("celery", "quality.check", {"days_back": "2"})


@pytest.mark.parametrize("entry", PREFECT_ENTRIES, ids=lambda entry: entry.name)
def test_nothing_is_refused_that_prefect_would_take(entry: Entry) -> None:
    from prefect.exceptions import ParameterTypeError

    from src.orchestration.flow_loading import load_flow

    flow = load_flow(entry.target)
    for name in names_of(entry.runner, entry.target) or ():
        for value in VALUES:
            try:
                flow.validate_parameters({name: value})
                taken = True
            except ParameterTypeError:
                taken = False
            if taken or name != "sources":  # the members of `list[Step]` are left to the flow
                assert accepted(entry.target, {name: value}) is taken, (name, value)


def test_types_that_the_source_does_not_tell_are_left_to_the_flow(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = (
        "def made(a, b: Odd, c: 'int', d: int | Odd, e: dict[str, int], *, f: list[float | str] = (),\n"
        "         g: typing.Optional[int] = None): ...\n"
    )
    (tmp_path / "made.py").write_text(source)
    monkeypatch.setitem(parameter_check.ENTRYPOINTS, "made", f"{tmp_path / 'made.py'}:made")
    anything = {"a": object(), "b": "x", "c": "x", "d": "x", "g": "x"}
    check_accepted("prefect", "made", anything | {"e": {"x": 1}, "f": [1.5, "x"]})
    assert not accepted("made", {"e": {"x": "y"}})
    assert not accepted("made", {"f": [None]})


def test_a_long_value_is_told_in_short() -> None:
    with pytest.raises(Refused) as raised:
        check_accepted("prefect", find("titan-live").target, {"hours_ahead": "x" * 5000})
    assert len(raised.value.problem) < 200


def accepted(target: str, parameters: dict[str, Any]) -> bool:
    try:
        check_accepted("prefect", target, parameters)
    except Refused:
        return False
    return True
