"""The collection of each source as a task of its own, and what their outcomes add up to."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Any

from prefect import task
from prefect.futures import PrefectFuture

from src.core.errors import Transient
from src.core.logging import redact
from src.domain.odds import Market
from src.domain.summary import SourceSummary
from src.orchestration.flows.envelope import RETRYING, seconds, working_context
from src.orchestration.flows.pausing import Stopped, progress, until_paused
from src.pipeline.progress import PauseRequested


class Step(StrEnum):
    """A part of a collection that can be chosen, and that fails alone."""

    FIXTURES = "fotmob-fixtures"
    DETAILS = "fotmob-details"
    SCHEDULES = "fbref"
    REPORTS = "fbref-reports"
    ODDS = "titan007"


class NothingArrived(Transient):
    """A source gave not one payload; `summary` has the numbers."""

    def __init__(self, summary: SourceSummary) -> None:
        super().__init__(summary.error)
        self.summary = summary


def arrived(summary: SourceSummary) -> SourceSummary:
    """Return the summary; raise NothingArrived, which is tried again, where nothing could be fetched.

    What arrived and could not be read is no matter of waiting: the error then stays in the summary.
    """
    if summary.error and not summary.arrived:
        raise NothingArrived(summary)
    return summary


@task(name="fotmob-fixtures", timeout_seconds=seconds(minutes=5), **RETRYING)
def fixtures(since: date, until: date, fire_id: str | None) -> SourceSummary | Stopped:
    """Collect FotMob's day lists, both days included."""
    from src.pipeline.collect import collect_fixtures

    ctx = working_context(fire_id)
    done = progress(ctx, Step.FIXTURES)
    return until_paused(lambda: arrived(collect_fixtures(ctx, since=since, until=until, progress=done)))


@task(name="fotmob-details", timeout_seconds=seconds(minutes=10), **RETRYING)
def details(since: datetime, until: datetime, fire_id: str | None) -> SourceSummary | Stopped:
    """Collect FotMob's details of the known matches that kicked off in the window."""
    from src.pipeline.collect import collect_details

    ctx = working_context(fire_id)
    done = progress(ctx, Step.DETAILS)
    return until_paused(lambda: arrived(collect_details(ctx, since=since, until=until, progress=done)))


@task(name="fbref", timeout_seconds=seconds(minutes=15), **RETRYING)
def schedules(fire_id: str | None) -> SourceSummary | Stopped:
    """Collect FBref's pages of the current season."""
    from src.pipeline.collect import collect_schedules

    ctx = working_context(fire_id)
    done = progress(ctx, Step.SCHEDULES)
    return until_paused(lambda: arrived(collect_schedules(ctx, progress=done)))


@task(name="fbref-reports", timeout_seconds=seconds(minutes=30), **RETRYING)
def reports(since: datetime, until: datetime, fire_id: str | None) -> SourceSummary | Stopped:
    """Collect FBref's pages of the played matches that kicked off in the window."""
    from src.pipeline.collect import collect_reports

    ctx = working_context(fire_id)
    done = progress(ctx, Step.REPORTS)
    return until_paused(lambda: arrived(collect_reports(ctx, since=since, until=until, progress=done)))


@task(name="titan007", timeout_seconds=seconds(minutes=45), **RETRYING)
def odds(
    since: datetime,
    until: datetime,
    fire_id: str | None,
    markets: Sequence[Market] = tuple(Market),
    batch_size: int = 20,
    max_concurrency: int | None = None,
    step: str = Step.ODDS,
) -> SourceSummary | Stopped:
    """Collect Titan007's odds of the matches that kick off in the window.

    `step` names the part of the run that this is: what is done in one part is asked for again in another.
    """
    from src.pipeline.collect import collect_odds

    ctx = working_context(fire_id)
    collecting = partial(
        collect_odds,
        ctx,
        since=since,
        until=until,
        markets=markets,
        batch_size=batch_size,
        max_concurrency=max_concurrency,
        progress=progress(ctx, step),
    )
    return until_paused(lambda: arrived(collecting()))


def whole_odds(since: datetime, until: datetime, now: datetime, fire_id: str | None) -> SourceSummary:
    """Collect the odds of a long window: match odds for all of it, the other markets from two days ago on.

    Handicap and total lines of matches long played teach the model nothing and cost two pages each.
    """
    recent = max(since, now - timedelta(days=2))
    match_odds = odds.submit(since, until, fire_id, markets=(Market.ONE_X_TWO,))
    parts = [outcome(Step.ODDS, match_odds)]
    if recent < until:
        others = (Market.ASIAN_HANDICAP, Market.OVER_UNDER)
        # A part of its own: each tells of itself alone.
        lines = odds.submit(recent, until, fire_id, markets=others, step=f"{Step.ODDS}/lines")
        parts.append(outcome(Step.ODDS, lines))
    return sum(parts[1:], start=parts[0])


def outcome(step: Step, future: PrefectFuture[Any]) -> SourceSummary:
    """Wait for a source's task; a source that failed becomes a summary with its error, and stops no other.

    Raises PauseRequested where the task stopped for a pause.
    """
    return _summary(step, future.result(raise_on_failure=False))


def outcomes(futures: Mapping[Step, PrefectFuture[Any]]) -> dict[Step, SourceSummary]:
    """Wait for all tasks, then return each one's outcome; raise PauseRequested where one paused."""
    results = {step: future.result(raise_on_failure=False) for step, future in futures.items()}
    return {step: _summary(step, result) for step, result in results.items()}


def _summary(step: Step, result: object) -> SourceSummary:
    if isinstance(result, Stopped):
        raise PauseRequested(f"{step.value} stopped between two items", result.summary)
    if isinstance(result, SourceSummary):
        return result
    if isinstance(result, NothingArrived):
        return result.summary
    return SourceSummary(source=step.value, error=redact(f"{type(result).__name__}: {result}"))


def refuse_nothing(outcomes: Mapping[Step, SourceSummary]) -> None:
    """Raise Transient where every source failed, or where payloads were asked for and none arrived.

    A window without matches asks for nothing, and that is well.
    """
    requested = sum(summary.requested for summary in outcomes.values())
    arrived = sum(summary.arrived for summary in outcomes.values())
    if all(summary.error for summary in outcomes.values()) or (requested and not arrived):
        raise Transient(f"nothing was collected: {told(outcomes)}")


def told(outcomes: Mapping[Step, SourceSummary]) -> str:
    """Return one line on what each source did, as `fbref 5 of 5, 380 changed`."""
    return "; ".join(_told(step, summary) for step, summary in outcomes.items())


def _told(step: Step, summary: SourceSummary) -> str:
    if summary.error:
        return f"{step.value} failed ({summary.error})"
    bad = f", {summary.quarantined} quarantined" if summary.quarantined else ""
    return f"{step.value} {summary.arrived} of {summary.requested}, {summary.changed} changed{bad}"


def as_dict(outcomes: Mapping[Step, SourceSummary]) -> dict[str, Any]:
    """Return a JSON-able mapping of step to numbers."""
    return {step.value: summary.as_dict() for step, summary in outcomes.items()}
