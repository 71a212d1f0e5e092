"""Look which sources are there, then collect batches of those in parallel.

What it shows
    Each source is asked for a sign of life first, with a short time-out; one that is away is skipped with the
    reason and costs nothing more. The batches of the others run in parallel on a bounded task runner; a batch
    that fails, fails alone. Each batch is a use case of `src.pipeline`, which keeps to its source's pace
    however many batches run, and writes so that doing it twice changes nothing.

How to run it
    `matchbeat up`, then `python -m src.orchestration.flows.examples.data_extraction`. The sources are those
    of the settings: the sandbox's, unless MATCHBEAT_UPSTREAM says `live`.

What one sees
    A flow run `example-data-extraction` with a task `probe` for each source and a task for each batch, at
    most four at once; its state says for example "fotmob 3 of 3 batches, titan007 3 of 3 batches; skipped:
    fbref (https://fbref.com answered 503)".
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any

import requests
from prefect import flow, task, unmapped
from prefect.futures import PrefectFuture
from prefect.task_runners import ThreadPoolTaskRunner

from src.core.errors import BadData, Transient
from src.core.logging import redact
from src.core.settings import Settings
from src.domain.summary import SourceSummary
from src.orchestration.flows.collection_tasks import arrived
from src.orchestration.flows.envelope import ONCE, RETRYING, completed, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.pipeline.collect import collect_fixtures, collect_odds, collect_schedules
from src.pipeline.context import Context

#: Batches that run at once. Each holds a database connection; a pool has fifteen.
PARALLEL = 4
#: Seconds that a source has for its sign of life.
PROBE_TIMEOUT_S = 3.0

Window = tuple[datetime, datetime]


class Origin(StrEnum):
    """A source that can be chosen."""

    FOTMOB = "fotmob"
    FBREF = "fbref"
    TITAN007 = "titan007"


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a source lives and how a batch of it is collected; a `whole` one has a single batch."""

    urls: Callable[[Settings], Sequence[str]]
    collect: Callable[[Context, datetime, datetime], SourceSummary]
    whole: bool = False


def _fixtures(ctx: Context, since: datetime, until: datetime) -> SourceSummary:
    # Day lists include both ends, and a batch ends where the next one begins.
    return collect_fixtures(ctx, since=since.date(), until=(until - timedelta(days=1)).date())


SOURCES = {
    Origin.FOTMOB: Source(urls=lambda settings: [settings.fotmob_base_url], collect=_fixtures),
    Origin.FBREF: Source(
        urls=lambda settings: [settings.fbref_base_url],
        collect=lambda ctx, _since, _until: collect_schedules(ctx),
        whole=True,
    ),
    Origin.TITAN007: Source(
        urls=lambda settings: [settings.titan_days_url, settings.titan_euro_url, settings.titan_pages_url],
        collect=lambda ctx, since, until: collect_odds(ctx, since=since, until=until),
    ),
}


@flow(
    name="example-data-extraction",
    timeout_seconds=3600,
    task_runner=ThreadPoolTaskRunner(max_workers=PARALLEL),  # type: ignore[arg-type]
    **REPORTED,
)
def data_extraction_flow(
    sources: list[Origin] | None = None, days: int = 3, batch_days: int = 1, fire_id: str | None = None
) -> Any:
    """Collect the coming `days` days of the chosen sources (None: all) in batches of `batch_days` days.

    Completes where a source was skipped or a batch failed, and names them in the result; raises Transient
    where no source was available, or no batch succeeded.
    """
    chosen = list(Origin) if sources is None else list(dict.fromkeys(sources))
    if not chosen or days < 1 or batch_days < 1:
        raise BadData(
            f"choose a source of {', '.join(Origin)}, and days ({days}) and batch_days of at least 1"
        )
    ctx = working_context(fire_id)
    skipped = unavailable(chosen, fire_id)
    available = [origin for origin in chosen if origin not in skipped]
    if not available:
        raise Transient(f"no source is available: {_told_skipped(skipped)}")
    windows = spans(ctx.clock.now(), days, batch_days)
    # All batches are handed over before the first is waited for; the task runner bounds how many run.
    futures = {
        origin: [batch.submit(origin, since, until, fire_id) for since, until in _windows(origin, windows)]
        for origin in available
    }
    found = {origin: _gathered(origin, waiting) for origin, waiting in futures.items()}
    if not any(part["batches"] > len(part["failed_batches"]) for part in found.values()):
        raise Transient(f"no batch succeeded: {_told(found, skipped)}")
    summary = {"sources": _by_name(found), "skipped": _by_name(skipped)}
    return completed(ctx, summary, _told(found, skipped))


def unavailable(chosen: Sequence[Origin], fire_id: str | None) -> dict[Origin, str]:
    """Ask all sources at once for a sign of life; return why those are skipped that gave none."""
    answers = probe.map(list(chosen), fire_id=unmapped(fire_id))
    reasons = [_reason(answer) for answer in answers]
    return {origin: reason for origin, reason in zip(chosen, reasons, strict=True) if reason}


def _reason(answer: PrefectFuture[str | None]) -> str | None:
    found: Any = answer.result(raise_on_failure=False)
    return redact(str(found)) if isinstance(found, BaseException) else found


@task(name="probe", **ONCE)
def probe(origin: Origin, fire_id: str | None) -> str | None:
    """Return why a source cannot be used now, or None.

    Any answer below 500 is a sign of life, for the addresses are beginnings of addresses and may have no
    page; only 429 is none: the source asks us to stay away.
    """
    settings = working_context(fire_id).settings
    for url in SOURCES[origin].urls(settings):
        try:
            answer = requests.get(
                url, timeout=PROBE_TIMEOUT_S, stream=True, headers={"User-Agent": settings.user_agent}
            )
        except requests.RequestException as error:
            return f"{redact(url)} does not answer: {type(error).__name__}"
        with answer:
            if answer.status_code >= 500 or answer.status_code == 429:
                return f"{redact(url)} answered {answer.status_code}"
    return None


@task(name="batch", task_run_name="{origin} from {since:%d %b}", **RETRYING)
def batch(origin: Origin, since: datetime, until: datetime, fire_id: str | None) -> SourceSummary:
    """Collect one batch of a source."""
    return arrived(SOURCES[origin].collect(working_context(fire_id), since, until))


def spans(begin: datetime, days: int, batch_days: int) -> list[Window]:
    """Cut `days` days from `begin` on into windows of `batch_days` days; the last may be shorter."""
    cuts = [begin + timedelta(days=day) for day in [*range(0, days, batch_days), days]]
    return list(pairwise(cuts))


def _windows(origin: Origin, windows: Sequence[Window]) -> Sequence[Window]:
    return [(windows[0][0], windows[-1][1])] if SOURCES[origin].whole else windows


def _gathered(origin: Origin, futures: Sequence[PrefectFuture[SourceSummary]]) -> dict[str, Any]:
    total, failed = SourceSummary(source=origin.value), []
    for future in futures:
        ended: object = future.result(raise_on_failure=False)
        if isinstance(ended, SourceSummary):
            total += ended
        else:
            failed.append(redact(f"{type(ended).__name__}: {ended}"))
    return {"batches": len(futures), "failed_batches": failed, **total.as_dict()}


def _told(found: Mapping[Origin, dict[str, Any]], skipped: Mapping[Origin, str]) -> str:
    parts = [
        f"{origin.value} {part['batches'] - len(part['failed_batches'])} of {part['batches']} batches"
        for origin, part in found.items()
    ]
    return ", ".join(parts) + (f"; skipped: {_told_skipped(skipped)}" if skipped else "")


def _told_skipped(skipped: Mapping[Origin, str]) -> str:
    return "; ".join(f"{origin.value} ({reason})" for origin, reason in skipped.items())


def _by_name(parts: Mapping[Origin, Any]) -> dict[str, Any]:
    return {origin.value: part for origin, part in parts.items()}


if __name__ == "__main__":
    from src.orchestration.flows.examples.by_hand import by_hand

    sys.exit(by_hand(data_extraction_flow))
