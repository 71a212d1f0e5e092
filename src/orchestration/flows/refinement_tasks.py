"""What follows on collected data: the quality check, features and predictions."""

from datetime import datetime
from typing import Any

from prefect import task

from src.core.errors import BadData
from src.domain.summary import QualityReport
from src.orchestration.flows.envelope import ONCE, RETRYING, working_context


@task(name="quality", **RETRYING)
def quality(since: datetime, until: datetime, fire_id: str | None) -> QualityReport:
    """Judge the matches that kick off in the window."""
    from src.pipeline.check_quality import check_quality

    return check_quality(working_context(fire_id), since=since, until=until)


@task(name="features", **RETRYING)
def features(fire_id: str | None) -> dict[str, int]:
    """Bring the features up to date."""
    from src.pipeline.refresh import refresh_features

    return refresh_features(working_context(fire_id))


@task(name="predictions", **RETRYING)
def predictions(days_ahead: int, fire_id: str | None) -> dict[str, int]:
    """Predict the coming matches with the champion."""
    from src.pipeline.predict import predict_upcoming

    return predict_upcoming(working_context(fire_id), days_ahead=days_ahead)


@task(name="cleaning", **ONCE)
def cleaning(odds_days: int, fire_id: str | None) -> dict[str, int]:
    """Drop odds older than `odds_days` that are past keeping."""
    from src.pipeline.clean import clean_old_data

    return clean_old_data(working_context(fire_id), odds_days=odds_days)


def require_quality(report: QualityReport, minimum: float) -> None:
    """Raise BadData with the numbers where the report is below `minimum`, or has nothing to judge."""
    if report.checked == 0:
        raise BadData(f"nothing to judge in {report.subject}: collect data before training on it")
    if report.score < minimum:
        raise BadData(
            f"quality of {report.subject} is {report.score:.3f} ({report.passed} of {report.checked} records "
            f"pass), below {minimum}; failures by rule: {_worst(report.failures)}"
        )


def _worst(failures: dict[str, int]) -> str:
    ranked = sorted(failures.items(), key=lambda item: -item[1])
    return ", ".join(f"{rule} {count}" for rule, count in ranked[:5]) or "none"


def counts(numbers: dict[str, Any]) -> str:
    """Return numbers in one line, as `features 120, matches 60`."""
    return ", ".join(f"{name} {value}" for name, value in numbers.items())
