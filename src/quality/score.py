"""Counts what the rules say into one score."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from src.domain.summary import QualityReport
from src.quality.rules import Rule

Record = TypeVar("Record")


@dataclass
class Tally:
    """Checks by outcome; one check is one rule on one record that it applies to."""

    checked: int = 0
    failures: Counter[str] = field(default_factory=Counter)

    def add(self, rules: Sequence[Rule[Record]], records: Iterable[Record]) -> None:
        """Put each record to each rule."""
        for record in records:
            for rule in rules:
                if rule.applies(record):
                    self.checked += 1
                    if not rule.check(record):
                        self.failures[rule.name] += 1

    def report(self, subject: str) -> QualityReport:
        """Return the share of checks passed; it is 0 where there was nothing to check."""
        passed = self.checked - self.failures.total()
        return QualityReport(
            subject=subject,
            checked=self.checked,
            passed=passed,
            score=round(passed / self.checked, 6) if self.checked else 0.0,
            failures=dict(self.failures),
        )
