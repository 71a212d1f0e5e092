"""What a use case did, in numbers that add up."""

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass(frozen=True, kw_only=True)
class SourceSummary:
    """One source's part of a collection run.

    Of the `requested` payloads, `fetched` arrived, `from_cache` were kept from before and still hold, and
    `failed` did not come: the three add up to it. `parsed` records were read, `quarantined` were not;
    `changed` rows were written. `error` says why the source was given up, if it was.
    """

    source: str
    requested: int = 0
    fetched: int = 0
    from_cache: int = 0
    failed: int = 0
    parsed: int = 0
    quarantined: int = 0
    changed: int = 0
    error: str | None = None

    @property
    def arrived(self) -> int:
        """How many payloads there were to read, from the network or kept from before."""
        return self.fetched + self.from_cache

    def __add__(self, other: "SourceSummary") -> "SourceSummary":
        """Add up two parts of the same source."""
        numbers = {
            f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self) if f.type is int
        }
        return SourceSummary(source=self.source, error=self.error or other.error, **numbers)

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-able mapping."""
        return asdict(self)


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
