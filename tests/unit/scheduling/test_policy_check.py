"""Wrong policies are refused with their field and an example."""

from datetime import UTC, datetime, timedelta

import pytest

from src.domain.entry import ByHand, Cadence, Cron, Interval
from src.domain.policy import Policy
from src.scheduling.policy_check import check_policy

DAILY = Cron(expression="0 2 * * *")
MINUTELY = Interval(every_s=60)
AT = datetime(2026, 3, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAIVE = AT.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("field", "policy", "cadence"),
    [
        ("buffer_limit", Policy(buffer_limit=0), DAILY),
        ("catch_up_limit", Policy(catch_up_limit=0), DAILY),
        ("catch_up_window", Policy(catch_up_window=timedelta(0)), DAILY),
        ("pause_after", Policy(pause_after=0), DAILY),
        ("max_fires", Policy(max_fires=0), DAILY),
        ("jitter", Policy(jitter=-SECOND), DAILY),
        ("jitter", Policy(jitter=timedelta(days=1)), DAILY),
        ("jitter", Policy(jitter=timedelta(days=1)), ByHand()),
        ("jitter", Policy(jitter=-SECOND), MINUTELY),
        ("jitter", Policy(jitter=60 * SECOND), MINUTELY),
        ("start", Policy(start=NAIVE, end=AT), DAILY),
        ("end", Policy(start=AT, end=NAIVE), DAILY),
        ("end", Policy(start=AT, end=AT), DAILY),
        ("expires", Policy(expires=timedelta(0)), DAILY),
    ],
)
def test_a_wrong_field_is_named_with_an_example(field: str, policy: Policy, cadence: Cadence) -> None:
    fault = check_policy(policy, cadence)
    assert fault is not None
    assert fault.startswith(f"{field} ")
    assert "for example" in fault


@pytest.mark.parametrize(
    ("policy", "cadence"),
    [
        (Policy(), DAILY),
        (Policy(), Interval(every_s=0.001)),
        (Policy(jitter=59 * SECOND), MINUTELY),
        (Policy(jitter=timedelta(days=1) - SECOND), DAILY),
        (Policy(jitter=timedelta(days=2)), Interval(every_s=7 * 86_400)),
        (Policy(start=AT, end=AT + SECOND, max_fires=1, pause_after=1, expires=SECOND), DAILY),
    ],
)
def test_a_right_policy_is_not_objected_to(policy: Policy, cadence: Cadence) -> None:
    assert check_policy(policy, cadence) is None
