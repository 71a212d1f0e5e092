"""Reads kept payloads once more, as a collection would, without asking any source.

What a payload says, it says of the time at which it was fetched: so it comes to the same rows however often
it is read, and a parser that reads more of it, or better, adds and corrects.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from src.core.logging import get_logger
from src.database.raw_log import Fetch, fetches, first_fetch, load_fetched
from src.domain.match import Source
from src.domain.payload import Payload
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.reading import Reading

log = get_logger(__name__)

#: So many bodies are in memory at once.
_BATCH = 50
#: So long a stretch of fetches is gone through at once, kind by kind.
_STRETCH = timedelta(days=1)


@dataclass
class Replay:
    """A source's kept payloads as they are read again.

    `left` counts those that belong to no match of ours: they wait for a link. `mended` counts quarantined
    records that can be read now.
    """

    reading: Reading
    left: int = 0
    mended: int = 0

    @property
    def ctx(self) -> Context:
        """What the replay works on."""
        return self.reading.ctx

    def payloads(self, wanted: Sequence[Fetch], *, counts: bool = True) -> Iterator[Payload]:
        """Yield the payloads of fetches, and count each as one that was kept."""
        for batch in self.batches(wanted, counts=counts):
            yield from batch

    def batches(self, wanted: Sequence[Fetch], *, counts: bool = True) -> Iterator[list[Payload]]:
        """Yield the payloads of fetches, some at a time, and count each as one that was kept."""
        some = iter(wanted)
        while batch := list(islice(some, _BATCH)):
            with self.ctx.database.session() as session:
                found = load_fetched(session, batch)
            if counts:
                self.reading.count(requested=len(found), from_cache=len(found))
            if found:
                yield found


@dataclass(frozen=True, kw_only=True)
class ReplaySummary:
    """What a replay of one source did: `summary.from_cache` payloads were read again."""

    summary: SourceSummary
    left: int
    mended: int


#: Reads the fetches of one stretch, by kind, each kind in order of time.
Reader = Callable[[Replay, Mapping[str, Sequence[Fetch]]], None]
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
    from src.pipeline.replay_sources import READERS

    # What was fetched this very moment is meant too.
    end = until or ctx.clock.now() + timedelta(microseconds=1)
    return [
        _replayed(ctx, source, READERS[source](), _stretches(ctx, source, since, end), report)
        for source in sources
    ]


def replay_fetches(ctx: Context, source: Source, wanted: Iterable[Fetch]) -> ReplaySummary:
    """Read some fetches of a source again."""
    from src.pipeline.replay_sources import READERS

    stretch: dict[str, list[Fetch]] = defaultdict(list)
    for fetch in wanted:
        stretch[fetch.kind].append(fetch)
    return _replayed(ctx, source, READERS[source](), [(ctx.clock.now(), stretch)], None)


def _replayed(
    ctx: Context,
    source: Source,
    reader: Reader,
    stretches: Iterable[tuple[datetime, Mapping[str, Sequence[Fetch]]]],
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
) -> Iterator[tuple[datetime, Mapping[str, Sequence[Fetch]]]]:
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
