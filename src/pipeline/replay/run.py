"""Goes through the fetches of a time, a day at a stretch, and adds up."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from src.core.logging import get_logger
from src.database.raw_log import Fetch, fetches, first_fetch
from src.domain.match import Source
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.reading import Reading
from src.pipeline.replay.reader import Reader, Replay, Stretch
from src.pipeline.replay.sources import READERS

log = get_logger(__name__)

#: So long a stretch of fetches is gone through at once, kind by kind.
_STRETCH = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class ReplaySummary:
    """What a replay of one source did: `summary.from_cache` payloads were read again."""

    summary: SourceSummary
    left: int
    mended: int


#: Told of what a replay has come to: the source, up to when, and its numbers.
Report = Callable[[Source, datetime, SourceSummary], None]


def replay(
    ctx: Context,
    *,
    since: datetime,
    until: datetime | None = None,
    sources: Sequence[Source] = tuple(Source),
    report: Report | None = None,
) -> list[ReplaySummary]:
    """Read what was fetched from `since` to before `until` (aware; by default to now) again.

    Returns a summary of each source. Nothing is fetched, no signal is raised; records that can be read now
    leave the quarantine. Doing it twice changes nothing. Raises Transient where Postgres is away.
    """
    # What was fetched this very moment is meant too.
    end = until or ctx.clock.now() + timedelta(microseconds=1)
    return [
        _replayed(ctx, source, READERS[source](), _stretches(ctx, source, since, end), report)
        for source in sources
    ]


def replay_fetches(ctx: Context, source: Source, wanted: Iterable[Fetch]) -> ReplaySummary:
    """Read some fetches of a source again."""
    stretch: dict[str, list[Fetch]] = defaultdict(list)
    for fetch in wanted:
        stretch[fetch.kind].append(fetch)
    return _replayed(ctx, source, READERS[source](), [(ctx.clock.now(), stretch)], None)


def _replayed(
    ctx: Context,
    source: Source,
    reader: Reader,
    stretches: Iterable[tuple[datetime, Stretch]],
    report: Report | None,
) -> ReplaySummary:
    going = Replay(Reading(ctx, source, ctx.clock.now(), seen_again=False))
    for end, stretch in stretches:
        reader(going, stretch)
        going.mended += going.reading.mend()
        if report is not None:
            report(source, end, going.reading.summary)
    told = ReplaySummary(summary=going.reading.summary, left=going.left, mended=going.mended)
    log.info("replayed", left=told.left, mended=told.mended, **told.summary.as_dict())
    return told


def _stretches(
    ctx: Context, source: Source, since: datetime, until: datetime
) -> Iterator[tuple[datetime, Stretch]]:
    with ctx.database.session() as session:
        first = first_fetch(session, source, since)
    begin = until if first is None else first
    while begin < until:
        end = min(begin + _STRETCH, until)
        stretch: dict[str, list[Fetch]] = defaultdict(list)
        with ctx.database.session() as session:
            for fetch in fetches(session, source, begin, end):
                stretch[fetch.kind].append(fetch)
        if stretch:
            yield end, stretch
        begin = end
