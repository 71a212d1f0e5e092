"""What a use case did, in numbers that add up."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SourceSummary:
    """One source's part of a collection run, over all attempts of it.

    Of the `requested` payloads, `fetched` arrived, `from_cache` were kept from before and still hold, and
    `failed` did not come: the three add up to it. Of those that arrived, `unreadable` could not be read at
    all. `parsed` records were read, `quarantined` were not; `changed` rows were written. `error` says why the
    source was given up, if it was.
    """

    source: str
    requested: int = 0
    fetched: int = 0
    from_cache: int = 0
    failed: int = 0
    unreadable: int = 0
    parsed: int = 0
    quarantined: int = 0
    changed: int = 0
    error: str | None = None

    @property
    def arrived(self) -> int:
        """How many payloads there were to read, from the network or kept from before."""
        return self.fetched + self.from_cache

    @property
    def success_rate(self) -> float | None:
        """The share of the requested payloads that arrived and could be read, None where there were none."""
        if not self.requested:
            return None
        return max(0.0, (self.arrived - self.unreadable) / self.requested)

    def __add__(self, other: "SourceSummary") -> "SourceSummary":
        """Add up two parts of the same source."""
        mine, its = self.numbers(), other.numbers()
        both = SourceSummary.of_numbers(self.source, {name: mine[name] + its[name] for name in mine})
        return replace(both, error=self.error or other.error)

    @classmethod
    def of_numbers(cls, source: str, numbers: Mapping[str, int]) -> "SourceSummary":
        """Return a summary with these counts, the others being 0."""
        return replace(cls(source=source), **numbers)  # type: ignore[arg-type]

    def numbers(self) -> dict[str, int]:
        """Return the counts alone."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.type is int}

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        rate = self.success_rate
        return {**asdict(self), "success_rate": None if rate is None else round(rate, 4)}


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """The outcome of the quality rules over a window; `score` is in 0..1, `failures` counts by rule."""

    subject: str
    checked: int
    passed: int
    score: float
    failures: dict[str, int]

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class TrainingSummary:
    """What a training run made: `promoted` is whether the gate let it become champion, `reasons` why not."""

    run_id: str
    model_version: str
    metrics: dict[str, float]
    promoted: bool
    reasons: tuple[str, ...]
    matches: int

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)
