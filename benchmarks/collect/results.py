"""What was measured."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One value of one run; `batch` is the quotes of one transaction, where that is of account."""

    measure: str
    unit: str
    value: float
    batch: int | None = None
