"""The three flows of Titan007's odds."""

from typing import Any

from prefect import flow

from src.domain.summary import SourceSummary
from src.orchestration.flows import collection_tasks as collect
from src.orchestration.flows import refinement_tasks as refine
from src.orchestration.flows.collection_tasks import Step
from src.orchestration.flows.envelope import completed, limit_s, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.orchestration.flows.pausing import PAUSE_TIMEOUT_S, begun_at, pausable
from src.pipeline.context import Context
from src.pipeline.odds_modes import Hybrid, Live, Mode, OddsWindow, Regular


@flow(name="titan-regular", timeout_seconds=limit_s("titan-regular"), **REPORTED)
def titan_regular_flow(
    days_ahead: int = 1,
    batch_size: int = 20,
    max_concurrency: int = 15,
    fire_id: str | None = None,
    pause_after: int | None = None,
    pause_timeout_s: int = PAUSE_TIMEOUT_S,
) -> Any:
    """Collect the odds of all matches of the coming `days_ahead` days.

    Pauses before the next payload once it has asked for `pause_after` of them, or when Prefect is told to
    suspend it; resumed within `pause_timeout_s` seconds, it goes on there. So do all three flows.
    """
    mode = Regular(days_ahead=days_ahead, batch_size=batch_size, max_concurrency=max_concurrency)
    ctx = working_context(fire_id)
    with pausable(pause_after, pause_timeout_s):
        return _ended(ctx, _collected(ctx, mode, fire_id))


@flow(name="titan-live", timeout_seconds=limit_s("titan-live"), **REPORTED)
def titan_live_flow(
    hours_ahead: int = 2,
    batch_size: int = 10,
    max_concurrency: int = 8,
    fire_id: str | None = None,
    pause_after: int | None = None,
    pause_timeout_s: int = PAUSE_TIMEOUT_S,
) -> Any:
    """Collect the odds of matches that start within `hours_ahead` hours, or have just started."""
    mode = Live(hours_ahead=hours_ahead, batch_size=batch_size, max_concurrency=max_concurrency)
    ctx = working_context(fire_id)
    with pausable(pause_after, pause_timeout_s):
        return _ended(ctx, _collected(ctx, mode, fire_id))


@flow(name="titan-hybrid", timeout_seconds=limit_s("titan-hybrid"), **REPORTED)
def titan_hybrid_flow(
    regular_hours_ahead: int = 1,
    live_hours_ahead: int = 2,
    enable_live: bool = True,
    cleanup_days: int = 7,
    fire_id: str | None = None,
    pause_after: int | None = None,
    pause_timeout_s: int = PAUSE_TIMEOUT_S,
) -> Any:
    """Collect the regular window, then the live one, then drop odds older than `cleanup_days` days.

    The windows go one after the other: they overlap, and share the source's rate limit.
    """
    mode = Hybrid(
        regular_hours_ahead=regular_hours_ahead,
        live_hours_ahead=live_hours_ahead,
        enable_live=enable_live,
        cleanup_days=cleanup_days,
    )
    ctx = working_context(fire_id)
    with pausable(pause_after, pause_timeout_s):
        summary = _collected(ctx, mode, fire_id)
        return _ended(ctx, summary, cleaned=refine.cleaning(cleanup_days, fire_id))


def _collected(ctx: Context, mode: Mode, fire_id: str | None) -> SourceSummary:
    parts = [_odds(window, fire_id) for window in mode.windows(begun_at(ctx))]
    return sum(parts[1:], start=parts[0])


def _odds(window: OddsWindow, fire_id: str | None) -> SourceSummary:
    future = collect.odds.submit(
        window.since,
        window.until,
        fire_id,
        batch_size=window.batch_size,
        max_concurrency=window.max_concurrency,
        step=window.step,
    )
    return collect.outcome(Step.ODDS, future)


def _ended(ctx: Context, summary: SourceSummary, cleaned: dict[str, int] | None = None) -> Any:
    outcomes = {Step.ODDS: summary}
    collect.refuse_nothing(outcomes)
    result: dict[str, Any] = {"sources": collect.as_dict(outcomes)}
    message = collect.told(outcomes)
    if cleaned is not None:
        result["cleaned"] = cleaned
        message += f"; cleaned: {refine.counts(cleaned)}"
    return completed(ctx, result, message)
