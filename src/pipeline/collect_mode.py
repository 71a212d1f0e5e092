"""One run of a mode of odds collection, in the process that calls it."""

from collections.abc import Callable
from dataclasses import dataclass

from src.domain.summary import SourceSummary
from src.pipeline.clean import clean_old_data
from src.pipeline.collect_odds import collect_odds
from src.pipeline.context import Context
from src.pipeline.odds_modes import Hybrid, Mode, OddsWindow
from src.pipeline.progress import Progress


@dataclass(frozen=True, kw_only=True)
class ModeRun:
    """What a run did: its windows, their numbers together, and what was cleaned by table, if it cleans."""

    windows: tuple[OddsWindow, ...]
    summary: SourceSummary
    cleaned: dict[str, int] | None = None


def collect_mode(
    ctx: Context,
    mode: Mode,
    *,
    most_matches: int | None = None,
    progress: Callable[[str], Progress] | None = None,
) -> ModeRun:
    """Run a mode now; a window whose source failed does not stop the next one.

    `most_matches` caps each window, most imminent first; `progress` makes the progress of a step. Raises
    Transient where Postgres is away; a source that is away is told in the summary's `error`.
    """
    windows = mode.windows(ctx.clock.now())
    parts = [
        collect_odds(
            ctx,
            since=window.since,
            until=window.until,
            batch_size=window.batch_size,
            max_concurrency=window.max_concurrency,
            progress=progress(window.step) if progress else None,
            most_matches=most_matches,
        )
        for window in windows
    ]
    cleaned = clean_old_data(ctx, odds_days=mode.cleanup_days) if isinstance(mode, Hybrid) else None
    return ModeRun(windows=windows, summary=sum(parts[1:], start=parts[0]), cleaned=cleaned)
