"""One source's kept payloads as they are read again, a batch of bodies in memory at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from src.database.raw_log import Fetch, load_fetched
from src.domain.payload import Payload
from src.pipeline.context import Context
from src.pipeline.reading import Reading

#: So many bodies are in memory at once.
_BATCH = 50

#: Fetches of one stretch of time by kind, each kind in order of time.
Stretch = Mapping[str, Sequence[Fetch]]


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


#: Reads a stretch of a source's fetches.
Reader = Callable[[Replay, Stretch], None]
