"""Refuses changes of the schedule that cannot be, with field and example, before anything is written."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from src.core.errors import Misconfigured
from src.database.schedule_json import cadence_from_json, cadence_to_json, policy_from_json
from src.domain.edit import Author, Refused
from src.domain.entry import ByHand, Cadence, Density
from src.domain.policy import Policy
from src.scheduling.cadence import check_cadence, next_due
from src.scheduling.catalog import nearest
from src.scheduling.policy_check import check_policy

#: The parameter that the scheduler itself gives to flows.
_RESERVED = "fire_id"

#: No schedule reaches further, and no sum of its times leaves the calendar.
_FIRST_YEAR, _LAST_YEAR = 1970, 2200
_LONGEST = timedelta(days=30 * 365)

#: Lists and objects may be nested so deeply.
_DEEPEST = 99

_POLICY_EXAMPLE = "for example {'overlap': 'skip', 'catch_up_window': 600}"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What an edit changes; None leaves a field as it is.

    `parameters` replace those of an earlier edit. The fields of `policy`, as they are stored, go over those
    of an earlier edit; a field that is None there is the declared one again.
    """

    cadence: Cadence | None = None
    parameters: dict[str, Any] | None = None
    priority: int | None = None
    policy: dict[str, Any] | None = None


def check_author(by: Author) -> None:
    """Refuse an edit without who or why; raise Refused naming the field."""
    for field, value, example in (("who", by.who, "lena"), ("why", by.why, "upstream is down")):
        if not value.strip() or not _storable(value):
            raise Refused(field, f"must be a text, for example {example!r}")


def check_wanted(wanted: Wanted, now: datetime) -> None:
    """Refuse a change that cannot be; raise Refused with the field and an example."""
    if wanted == Wanted() or wanted == Wanted(policy={}):
        raise Refused("edit", "nothing to change: give a cadence, priority, parameters or policy, "
                      "for example priority 7")  # fmt: skip
    if wanted.priority is not None and not 0 <= wanted.priority <= 9:
        raise Refused("priority", f"{wanted.priority} is outside 0 to 9 (9 is most urgent), for example 7")
    if wanted.cadence is not None:
        _check_cadence(wanted.cadence, now)
    check_parameters(wanted.parameters or {})
    if wanted.policy:
        _check_fields(wanted.policy)


def check_parameters(parameters: Mapping[str, Any]) -> None:
    """Refuse parameters that cannot be stored or that are the scheduler's own."""
    if _RESERVED in parameters:
        raise Refused("parameters", f"{_RESERVED!r} is the scheduler's own, for example {{'days': 1}}")
    if not _storable(dict(parameters)):
        raise Refused("parameters", "hold what cannot be kept as JSON (a NUL, a lone surrogate, NaN, 100 "
                      "nested lists); for example {'days': 1}")  # fmt: skip


def policy_given(stored: Mapping[str, Any], cadence: Cadence) -> Policy:
    """Return the policy of these fields; refuse values that cannot be or do not go with the cadence."""
    try:
        policy = policy_from_json(dict(stored))
        fault = _check_far(policy) or check_policy(policy, cadence)
    except Misconfigured as error:
        raise Refused("policy", str(error).removeprefix("policy ")) from error
    if fault is not None:
        raise Refused("policy", fault)
    return policy


def _check_far(policy: Policy) -> str | None:
    """Refuse what no calendar can add to a due time."""
    for name in ("catch_up_window", "jitter", "expires"):
        span = getattr(policy, name)
        if span is not None and span > _LONGEST:
            return f"{name} of {span.total_seconds():g} s is longer than 30 years, for example 3600"
    for name in ("start", "end"):
        at = getattr(policy, name)
        if at is not None and not _FIRST_YEAR <= at.year <= _LAST_YEAR:
            return f"{name} {at.isoformat()} is no time of a schedule, for example 2026-11-22T02:00:00+00:00"
    return None


def cadence_given(given: Mapping[str, Any]) -> Cadence:
    """Return the cadence in a JSON object as it is stored; zone (UTC) and anchor (1970) may be left out."""
    whole = dict(given)
    if "cron" in whole:
        whole.setdefault("timezone", "UTC")
    elif "every_s" in whole:
        whole.setdefault("anchor", datetime(1970, 1, 1, tzinfo=UTC).isoformat())
    try:
        found = cadence_from_json(whole)
    except Misconfigured as error:
        raise Refused("cadence", str(error)) from error
    # A misspelt zone must not be taken for UTC.
    kept = cadence_to_json(found)
    if kept.keys() != whole.keys() or kept.get("density") != whole.get("density"):
        more = sorted(whole.keys() - kept.keys()) or ["density"]
        raise Refused("cadence", f"{more[0]!r} holds what {'/'.join(kept)} does not take, for example "
                      "{'cron': '0 2 * * *', 'timezone': 'Europe/Paris'}")  # fmt: skip
    return found


def check_instant(field: str, at: datetime) -> datetime:
    """Return `at` in UTC; refuse a time without a zone, or far from any schedule."""
    if at.tzinfo is None:
        raise Refused(field, f"{at.isoformat()} has no time zone, for example 2026-11-22T02:00:00+00:00")
    if not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise Refused(field, f"{at.isoformat()} is no due time, for example 2026-11-22T02:00:00+00:00")
    return at.astimezone(UTC)


def _check_cadence(cadence: Cadence, now: datetime) -> None:
    fault = check_cadence(cadence)
    if fault is None and not isinstance(cadence, Density) and not _has_due_time(cadence, now):
        fault = "it has no due time to come; a cadence that has is, for example, '0 2 * * *'"
    if fault is not None:
        raise Refused("cadence", fault)


def _has_due_time(cadence: Cadence, now: datetime) -> bool:
    try:
        return next_due(cadence, now) is not None
    except OverflowError:
        return False


def _check_fields(policy: Mapping[str, Any]) -> None:
    """Refuse a field that policies lack, or whose value by itself cannot be."""
    known = {field.name for field in fields(Policy)}
    for name, value in policy.items():
        if name not in known:
            raise Refused("policy", f"there is no field {name!r}{nearest(name, known)}; {_POLICY_EXAMPLE}")
        if not _storable(value):
            raise Refused("policy", f"{name} is no value that can be kept; {_POLICY_EXAMPLE}")
        if value is not None:
            policy_given({name: value}, ByHand())


def _storable(value: Any) -> bool:
    """Whether Postgres keeps `value` as JSON, and every part of ours can read it back."""
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False).encode()
        return not any("\0" in text for text in _texts(value))
    except (ValueError, RecursionError):
        return False


def _texts(value: Any, depth: int = 0) -> Iterator[str]:
    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from (key, *_texts(item, depth + 1))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, depth + 1)
