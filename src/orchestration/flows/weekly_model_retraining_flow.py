"""Weekly and emergency retraining."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from prefect import flow, task
from prefect.utilities.annotations import quote

from src.core.errors import BadData
from src.domain.summary import TrainingSummary
from src.orchestration.flows import refinement_tasks as refine
from src.orchestration.flows.envelope import ONCE, completed, limit_s, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.pipeline.check_quality import MINIMUM_SCORE
from src.pipeline.context import Context

if TYPE_CHECKING:
    from src.models.dataset import Dataset
    from src.pipeline.train import Candidate, Evaluation

#: The days that must be of good quality before a model may learn from the data.
VALIDATED = timedelta(days=30)
#: How far ahead a new champion predicts, in days.
DAYS_AHEAD = 14


@flow(name="weekly-model-retraining", timeout_seconds=limit_s("weekly-model-retraining"), **REPORTED)
def weekly_model_retraining_flow(
    minimum_quality: float = MINIMUM_SCORE, lookback_days: int | None = None, fire_id: str | None = None
) -> Any:
    """Validate the last 30 days, train a candidate, let the gate decide, and predict with the champion.

    Fails, with the numbers, where quality is below `minimum_quality`; the champion then stays as it was.
    `lookback_days` bounds the matches learnt from (None: all).
    """
    ctx = working_context(fire_id)
    now = ctx.clock.now()
    report = refine.quality(now - VALIDATED, now, fire_id)
    refine.require_quality(report, minimum_quality)
    return _retrained(ctx, "weekly", lookback_days, fire_id, {"quality": report.as_dict()})


@flow(name="emergency-model-retraining", timeout_seconds=limit_s("emergency-model-retraining"), **REPORTED)
def emergency_model_retraining_flow(
    reason: str = "by hand", lookback_days: int | None = None, fire_id: str | None = None
) -> Any:
    """Train out of turn, for `reason`; the same gate decides."""
    if not reason.strip():
        raise BadData("reason is empty: say why the model is retrained out of turn")
    return _retrained(working_context(fire_id), reason, lookback_days, fire_id, {"reason": reason})


def _retrained(
    ctx: Context, reason: str, lookback_days: int | None, fire_id: str | None, head: dict[str, Any]
) -> Any:
    if lookback_days is not None and lookback_days < 1:
        raise BadData(f"lookback_days is {lookback_days}: it must be at least 1, or left out for all matches")
    # `quote` keeps Prefect from walking through a table of matches in search of futures.
    dataset: Any = quote(prepared(lookback_days, fire_id))
    candidate: Any = quote(trained(dataset, reason, fire_id))
    evaluation: Any = quote(evaluated(dataset, candidate, fire_id))
    training = promoted(candidate, evaluation, fire_id)
    predicted = refine.predictions(DAYS_AHEAD, fire_id)
    verdict = "champion" if training.promoted else f"refused ({'; '.join(training.reasons)})"
    return completed(
        ctx,
        {**head, "training": training.as_dict(), "predictions": predicted},
        f"version {training.model_version} on {training.matches} matches: {verdict}; "
        f"{refine.counts(predicted)}",
    )


@task(name="prepare-features", **ONCE)
def prepared(lookback_days: int | None, fire_id: str | None) -> "Dataset":
    """Bring the features up to date and read the matches to learn from."""
    from src.pipeline.train import prepare_dataset

    return prepare_dataset(working_context(fire_id), lookback_days=lookback_days)


@task(name="train", **ONCE)
def trained(dataset: "Dataset", reason: str, fire_id: str | None) -> "Candidate":
    """Search and fit a candidate."""
    from src.pipeline.train import train_candidate

    return train_candidate(working_context(fire_id), dataset, reason=reason)


@task(name="evaluate", **ONCE)
def evaluated(dataset: "Dataset", candidate: "Candidate", fire_id: str | None) -> "Evaluation":
    """Score the candidate on matches that it has not seen."""
    from src.pipeline.train import evaluate_candidate

    return evaluate_candidate(working_context(fire_id), dataset, candidate)


@task(name="gate-and-promote", **ONCE)
def promoted(candidate: "Candidate", evaluation: "Evaluation", fire_id: str | None) -> TrainingSummary:
    """Let the gate decide whether the candidate becomes champion."""
    from src.pipeline.train import promote_candidate

    return promote_candidate(working_context(fire_id), candidate, evaluation)
