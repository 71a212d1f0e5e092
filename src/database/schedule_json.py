"""Cadences and policies as the schedule's tables and overrides hold them."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

from src.core.errors import Misconfigured
from src.domain.entry import ByHand, Cadence, Cron, Density, DensityStep, Interval, OneOff
from src.domain.policy import CatchUp, Overlap, Policy

_EPOCH = Interval(every_s=1).anchor
_EPOCH_TEXT = _EPOCH.isoformat()
_BY_HAND = ByHand()
_DEFAULT = Policy()


def cadence_to_json(cadence: Cadence) -> dict[str, Any]:
    """Return the cadence as it is stored."""
    match cadence:
        case Cron(expression=expression, timezone=zone):
            return {"cron": expression, "timezone": zone}
        case Interval(every_s=every_s, anchor=anchor):
            return {"every_s": every_s, "anchor": anchor.isoformat()}
        case OneOff(at=at):
            return {"at": at.isoformat()}
        case Density(steps=steps):
            return {
                "density": [
                    {"matches": step.matches, "within_s": step.within_s, "every_s": step.every_s}
                    for step in steps
                ]
            }
        case ByHand():
            return {}


def cadence_from_json(stored: Mapping[str, Any]) -> Cadence:
    """Return the cadence that `cadence_to_json` stored; raise Misconfigured where it is not one."""
    try:
        cadence = _cadence(stored)
    except (ValueError, OverflowError):
        cadence = None
    if cadence is None:
        example = "{'cron': '0 2 * * *', 'timezone': 'UTC'}"
        raise Misconfigured(f"{stored!r} is no cadence, for example {example}")
    return cadence


def _cadence(stored: Mapping[str, Any]) -> Cadence | None:
    match stored:
        case {"every_s": float() | int() as every_s, "anchor": str(anchor)}:
            at = _EPOCH if anchor == _EPOCH_TEXT else datetime.fromisoformat(anchor)
            return Interval(every_s=float(every_s), anchor=at)
        case {"cron": str(expression), "timezone": str(zone)}:
            return Cron(expression=expression, timezone=zone)
        case {"at": str(at)}:
            return OneOff(at=datetime.fromisoformat(at))
        case {"density": [*steps]}:
            read = [found for step in steps if (found := _step(step)) is not None]
            return Density(steps=tuple(read)) if len(read) == len(steps) else None
        case {} if not stored:
            return _BY_HAND
    return None


def _step(stored: object) -> DensityStep | None:
    match stored:
        case {
            "matches": int(matches),
            "within_s": float() | int() as within_s,
            "every_s": float() | int() as every_s,
        } if matches is not True and matches is not False:
            return DensityStep(matches=matches, within_s=float(within_s), every_s=float(every_s))
    return None


def policy_to_json(policy: Policy) -> dict[str, Any]:
    """Return the policy as it is stored: what differs from the default, spans in seconds."""
    values = {name: getattr(policy, name) for name in _FIELDS}
    return {name: _plain(value) for name, value in values.items() if value != getattr(_DEFAULT, name)}


def policy_from_json(stored: Mapping[str, Any]) -> Policy:
    """Return the policy that `policy_to_json` stored; equal ones are one object.

    Raises Misconfigured, with field and example, where it holds what a policy has not.
    """
    if not stored:
        return _DEFAULT
    try:
        # With the types, since 1 and True are one key otherwise.
        return _policy(tuple((name, type(value), value) for name, value in stored.items()))
    except TypeError:
        # What cannot be hashed is of no type that a policy holds, and its field gets named.
        return _read_policy(stored)


@lru_cache(maxsize=1_024)
def _policy(stored: tuple[tuple[str, type, Any], ...]) -> Policy:
    return _shared(_read_policy({name: value for name, _type, value in stored}))


@lru_cache(maxsize=1_024)
def _shared(policy: Policy) -> Policy:
    return _DEFAULT if policy == _DEFAULT else policy


def _read_policy(stored: Mapping[str, Any]) -> Policy:
    return Policy(**{name: _field(name, value) for name, value in stored.items()})


def _field(name: str, value: object) -> Any:
    if name not in _FIELDS:
        known = ", ".join(_FIELDS)
        raise Misconfigured(
            f"policy has no field {name!r}; it has {known}, for example {{'overlap': 'skip'}}"
        )
    if value is None and getattr(_DEFAULT, name) is None:
        return None
    read, example = _FIELDS[name]
    try:
        return read(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise Misconfigured(f"policy {name} {value!r} is wrong, for example {example!r}") from error


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _span(value: object) -> timedelta:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(value)
    return timedelta(seconds=value)


def _time(value: object) -> datetime:
    at = datetime.fromisoformat(value) if isinstance(value, str) else None
    if at is None or at.tzinfo is None:
        raise ValueError(value)
    return at


def _plain(value: object) -> object:
    match value:
        case timedelta():
            return value.total_seconds()
        case datetime():
            return value.isoformat()
        case StrEnum():
            return value.value
    return value


_MOMENT = "2026-11-22T02:00:00+00:00"

#: How each field of a policy is read, and an example of it.
_FIELDS: dict[str, tuple[Callable[[Any], object], object]] = {
    "overlap": (Overlap, "skip"),
    "buffer_limit": (_count, 10),
    "catch_up": (CatchUp, "latest"),
    "catch_up_window": (_span, 3600),
    "catch_up_limit": (_count, 100),
    "pause_after": (_count, 5),
    "jitter": (_span, 30),
    "start": (_time, _MOMENT),
    "end": (_time, _MOMENT),
    "max_fires": (_count, 1),
    "expires": (_span, 540),
    "retries": (_count, 2),
}
