import json
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.errors import Misconfigured
from src.database.schedule_json import policy_from_json, policy_to_json
from src.domain.policy import CatchUp, Overlap, Policy

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
SPANS = st.timedeltas(timedelta(0), timedelta(days=3_000))
COUNTS = st.integers(1, 10_000)
POLICIES = st.builds(
    Policy,
    overlap=st.sampled_from(Overlap),
    buffer_limit=COUNTS,
    catch_up=st.sampled_from(CatchUp),
    catch_up_window=SPANS,
    catch_up_limit=COUNTS,
    pause_after=st.none() | COUNTS,
    jitter=SPANS,
    start=st.none() | MOMENTS,
    end=st.none() | MOMENTS,
    max_fires=st.none() | COUNTS,
    expires=st.none() | SPANS,
)


@given(policy=POLICIES)
def test_what_is_stored_comes_back(policy: Policy) -> None:
    assert policy_from_json(json.loads(json.dumps(policy_to_json(policy)))) == policy


@given(policy=POLICIES)
def test_only_what_differs_from_the_default_is_stored(policy: Policy) -> None:
    default = Policy()
    differing = {
        field.name for field in fields(Policy) if getattr(policy, field.name) != getattr(default, field.name)
    }
    assert set(policy_to_json(policy)) == differing


@given(policy=POLICIES)
def test_equal_policies_are_one_object(policy: Policy) -> None:
    stored = policy_to_json(policy)
    assert policy_from_json(stored) is policy_from_json(dict(reversed(stored.items())))


def test_the_default_is_stored_as_nothing_and_is_one_object() -> None:
    assert policy_to_json(Policy()) == {}
    assert policy_from_json({}) is policy_from_json({"jitter": 0}) is policy_from_json({"start": None})


def test_spans_are_seconds_times_are_iso_and_choices_their_values() -> None:
    policy = Policy(overlap=Overlap.BUFFER_ONE, jitter=timedelta(minutes=1.5), start=AT, max_fires=3)
    assert policy_to_json(policy) == {
        "overlap": "buffer_one",
        "jitter": 90.0,
        "start": "2026-03-01T12:00:00+00:00",
        "max_fires": 3,
    }


@pytest.mark.parametrize(
    "stored",
    [
        {"overlap": "sometimes"},
        {"overlap": None},
        {"overlap": ["skip"]},
        {"catch_up": 1},
        {"buffer_limit": 2.5},
        {"buffer_limit": True},
        {"catch_up_limit": "many"},
        {"catch_up_window": "an hour"},
        {"catch_up_window": 1e300},
        {"jitter": float("nan")},
        {"pause_after": {}},
        {"max_fires": "3"},
        {"start": "2026-03-01T12:00:00"},
        {"end": "soon"},
        {"expires": [1]},
        {"overlaps": "skip"},
    ],
)
def test_what_is_no_policy_is_refused_with_field_and_example(stored: dict[str, Any]) -> None:
    policy_from_json({"buffer_limit": 1})
    (field,) = stored
    with pytest.raises(Misconfigured, match=rf"policy.* '?{field}'?.* for example"):
        policy_from_json(stored)


def test_one_is_not_taken_for_true() -> None:
    assert policy_from_json({"max_fires": 1}).max_fires == 1
    with pytest.raises(Misconfigured, match="max_fires"):
        policy_from_json({"max_fires": True})
