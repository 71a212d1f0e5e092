"""The daily collection, and collection by hand."""

from datetime import datetime, timedelta
from typing import Any

from prefect import flow

from src.core.errors import BadData
from src.domain.summary import SourceSummary
from src.orchestration.flows import collection_tasks as collect
from src.orchestration.flows import refinement_tasks as refine
from src.orchestration.flows.collection_tasks import Step
from src.orchestration.flows.envelope import completed, limit_s, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.orchestration.flows.pausing import PAUSE_TIMEOUT_S, begun_at, pausable

#: What the daily flow collects; odds have flows of their own.
DAILY = (Step.FIXTURES, Step.DETAILS, Step.SCHEDULES)


@flow(name="daily-data-collection", timeout_seconds=limit_s("daily-data-collection"), **REPORTED)
def daily_data_collection_flow(
    days_back: int = 2,
    days_ahead: int = 10,
    with_odds: bool = False,
    fire_id: str | None = None,
    pause_after: int | None = None,
    pause_timeout_s: int = PAUSE_TIMEOUT_S,
) -> Any:
    """Collect from `days_back` days ago to `days_ahead` days on; then quality, features and predictions.

    Completes where a source failed, with its error in the result; fails where all did. `with_odds` adds
    Titan007's odds, which a first run needs and the Titan flows keep fresh afterwards. Pauses before the next
    payload once it has asked for `pause_after` of them, or when Prefect is told to suspend it; resumed within
    `pause_timeout_s` seconds, it goes on there.
    """
    steps = (*DAILY, Step.ODDS) if with_odds else DAILY
    with pausable(pause_after, pause_timeout_s):
        return _collect_and_refine(steps, days_back, days_ahead, fire_id)


@flow(name="manual-data-collection", timeout_seconds=limit_s("manual-data-collection"), **REPORTED)
def manual_data_collection_flow(
    sources: list[Step] | None = None,
    days_back: int = 2,
    days_ahead: int = 10,
    fire_id: str | None = None,
    pause_after: int | None = None,
    pause_timeout_s: int = PAUSE_TIMEOUT_S,
) -> Any:
    """Collect the chosen sources (None: all) over the chosen days; then quality, features and predictions.

    Pauses as the daily collection does.
    """
    chosen = tuple(Step) if sources is None else tuple(Step(source) for source in sources)
    if not chosen:
        raise BadData(f"no source was chosen: name some of {', '.join(Step)}, or leave it out for all")
    with pausable(pause_after, pause_timeout_s):
        return _collect_and_refine(chosen, days_back, days_ahead, fire_id)


def _collect_and_refine(steps: tuple[Step, ...], days_back: int, days_ahead: int, fire_id: str | None) -> Any:
    if days_back < 0 or days_ahead < 0:
        raise BadData(f"days_back ({days_back}) and days_ahead ({days_ahead}) must not be negative")
    ctx = working_context(fire_id)
    now = begun_at(ctx)
    since, until = now - timedelta(days=days_back), now + timedelta(days=days_ahead)
    outcomes = _collected(steps, since, now, until, fire_id)
    collect.refuse_nothing(outcomes)
    report = refine.quality(since, until, fire_id)
    features = refine.features(fire_id)
    predicted = refine.predictions(max(days_ahead, 1), fire_id)
    return completed(
        ctx,
        {
            "sources": collect.as_dict(outcomes),
            "quality": report.as_dict(),
            "features": features,
            "predictions": predicted,
        },
        f"{collect.told(outcomes)}; quality {report.score:.3f} of {report.checked}; "
        f"{refine.counts(features)}; {refine.counts(predicted)}",
    )


def _collected(
    steps: tuple[Step, ...], since: datetime, now: datetime, until: datetime, fire_id: str | None
) -> dict[Step, SourceSummary]:
    futures = {}
    if Step.FIXTURES in steps:
        futures[Step.FIXTURES] = collect.fixtures.submit(since.date(), until.date(), fire_id)
    if Step.DETAILS in steps:
        futures[Step.DETAILS] = collect.details.submit(since, now, fire_id)
    if Step.SCHEDULES in steps:
        futures[Step.SCHEDULES] = collect.schedules.submit(fire_id)
    outcomes = collect.outcomes(futures)
    # Pages of matches are known by the schedules.
    if Step.REPORTS in steps:
        outcomes[Step.REPORTS] = collect.outcome(Step.REPORTS, collect.reports.submit(since, now, fire_id))
    # Odds hang on matches, so they wait for the fixtures.
    if Step.ODDS in steps:
        outcomes[Step.ODDS] = collect.whole_odds(since, until, now, fire_id)
    return outcomes
