"""What is wrong with a policy, told with the field and an example."""

from collections.abc import Iterator
from datetime import timedelta

from src.domain.entry import Cadence, Interval
from src.domain.policy import Policy

_NONE = timedelta(0)
_DAY = timedelta(days=1)


def check_policy(policy: Policy, cadence: Cadence) -> str | None:
    """Return what is wrong with an entry's policy, with field and example; None where nothing is."""
    if policy == _DEFAULT:
        return None
    return next(_faults(policy, cadence), None)


#: Right for every cadence.
_DEFAULT = Policy()


def _faults(policy: Policy, cadence: Cadence) -> Iterator[str]:
    counts = {
        "buffer_limit": policy.buffer_limit,
        "catch_up_limit": policy.catch_up_limit,
        "pause_after": policy.pause_after,
        "max_fires": policy.max_fires,
    }
    for name, count in counts.items():
        if count is not None and count < 1:
            yield f"{name} {count} must be at least 1, for example 10"
    if policy.retries < 0:
        yield f"retries {policy.retries} must not be negative, for example 2"
    if policy.catch_up_window <= _NONE:
        yield f"catch_up_window {_seconds(policy.catch_up_window)} must be positive, for example 3600 s"
    if policy.expires is not None and policy.expires <= _NONE:
        yield f"expires {_seconds(policy.expires)} must be positive, for example 540 s"
    yield from _jitter_faults(policy.jitter, cadence)
    yield from _bound_faults(policy)


def _jitter_faults(jitter: timedelta, cadence: Cadence) -> Iterator[str]:
    if jitter < _NONE:
        yield f"jitter {_seconds(jitter)} must not be negative, for example 30 s"
    # Within the interval, delayed due times keep their order.
    if isinstance(cadence, Interval):
        if jitter and jitter.total_seconds() >= cadence.every_s:
            yield (
                f"jitter {_seconds(jitter)} must be less than the interval of {cadence.every_s:g} s,"
                f" for example {cadence.every_s / 10:g} s"
            )
    elif jitter >= _DAY:
        yield f"jitter {_seconds(jitter)} must be less than a day, for example 30 s"


def _bound_faults(policy: Policy) -> Iterator[str]:
    for name, at in (("start", policy.start), ("end", policy.end)):
        if at is not None and at.tzinfo is None:
            yield f"{name} {at.isoformat()} has no time zone, for example 2026-11-22T02:00:00+00:00"
            return
    if policy.start is not None and policy.end is not None and policy.start >= policy.end:
        yield (
            f"end {policy.end.isoformat()} must be after start {policy.start.isoformat()},"
            f" for example {(policy.start + _DAY).isoformat()}"
        )


def _seconds(span: timedelta) -> str:
    return f"of {span.total_seconds():g} s"
