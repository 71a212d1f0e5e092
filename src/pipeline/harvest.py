"""Fetches many payloads on a pool, keeps them raw in batches, and counts what happened."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from src.core.errors import BadData, MatchbeatError, SourceChanged, Transient
from src.core.logging import get_logger
from src.core.metrics import RECORDS
from src.database.checkpoints import Arrival
from src.database.quarantine import quarantine
from src.database.raw import load_payload, store_payloads
from src.database.signals import raise_signal, resolve_signal
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Parsed, Payload, Rejected
from src.domain.signal import Severity, Signal
from src.domain.summary import SourceSummary
from src.pipeline.context import Context
from src.pipeline.progress import PauseRequested, Progress

log = get_logger(__name__)

Subject = TypeVar("Subject")
Row = TypeVar("Row")

_SIGNAL = "source_changed"

#: So many failures before the first success, and the source is given up for this run; so it is after so
#: many time-outs and refusals in a row, for each of them has had its retries.
_GIVE_UP_AFTER = 5
_GIVE_UP_IN_A_ROW = 10
#: A page or two may be missing; so many of a kind, and none that could be read, is a change of that kind.
_CHANGED_FOR_GOOD = 3


#: What reading another shape than the expected one comes to: no payload stops the ones after it.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass(frozen=True, kw_only=True)
class Job(Generic[Subject]):
    """One payload to fetch: `kind` as the payload's own, what it is about, its name among the items."""

    kind: str
    subject: Subject
    item: str
    fetch: Callable[[], Payload]


@dataclass
class Harvest:
    """One source's part of a run: fetches, keeps raw, reads, and adds up.

    Threads only fetch; all writing is done by the calling thread. `at` is the run's own time. What `progress`
    has as done is left out; what arrived in an earlier attempt and was not stored is read, not fetched again.
    """

    ctx: Context
    source: Source
    at: datetime
    progress: Progress
    summary: SourceSummary = field(init=False)
    changed_kinds: dict[str, list[str]] = field(default_factory=dict)
    read_kinds: set[str] = field(default_factory=set)
    _away_in_a_row: int = 0
    _pauses: bool = False

    def __post_init__(self) -> None:
        self.summary = SourceSummary(source=self.source)

    def count(
        self, *, requested: int = 0, fetched: int = 0, from_cache: int = 0, failed: int = 0,
        parsed: int = 0, quarantined: int = 0, changed: int = 0, error: str | None = None,
    ) -> None:  # fmt: skip
        """Add to the summary; the first error stays."""
        self.summary += SourceSummary(
            source=self.source, requested=requested, fetched=fetched, from_cache=from_cache,
            failed=failed, parsed=parsed, quarantined=quarantined, changed=changed, error=error,
        )  # fmt: skip
        for outcome, number in (("parsed", parsed), ("quarantined", quarantined), ("changed", changed)):
            if number:
                RECORDS.labels(self.source, outcome).inc(number)

    def batches(
        self, jobs: Iterable[Job[Subject]], *, concurrency: int, batch_size: int
    ) -> Iterator[list[tuple[Subject, Payload]]]:
        """Yield the fetched payloads in the order of `jobs`, each batch kept raw before it is yielded.

        Where the run shall pause before the next job, raises PauseRequested after what was begun is yielded.
        """
        batch: list[tuple[Job[Subject], Payload]] = []
        for job, payload in self._fetched(iter(jobs), concurrency):
            batch.append((job, payload))
            if len(batch) >= batch_size:
                yield self._kept(batch)
                batch = []
        if batch:
            yield self._kept(batch)
        if self._pauses:
            raise self._paused()

    def _fetched(
        self, jobs: Iterator[Job[Subject]], concurrency: int
    ) -> Iterator[tuple[Job[Subject], Payload]]:
        running: deque[tuple[Job[Subject], Payload | Future[Payload]]] = deque()
        with ThreadPoolExecutor(concurrency, thread_name_prefix=f"fetch-{self.source}") as pool:
            while True:
                while len(running) < 2 * concurrency and (job := self._next(jobs)):
                    running.append((job, self._arrived(job) or pool.submit(job.fetch)))
                if not running:
                    return
                job, future = running.popleft()
                if isinstance(future, Payload):
                    yield job, future
                    continue
                if self.summary.error and future.cancel():
                    continue
                self.count(requested=1)
                try:
                    payload = future.result()
                except MatchbeatError as error:
                    self._failed(job.kind, error)
                else:
                    self._away_in_a_row = 0
                    self.count(fetched=int(not payload.from_cache), from_cache=int(payload.from_cache))
                    yield job, payload

    def _next(self, jobs: Iterator[Job[Subject]]) -> Job[Subject] | None:
        if self.summary.error or self._pauses:
            return None
        job = next((job for job in jobs if not self.progress.is_done(job.item)), None)
        if job is None or self.progress.arrival(job.item) or self.progress.take():
            return job
        self._pauses = True
        return None

    def _arrived(self, job: Job[Subject]) -> Payload | None:
        arrival = self.progress.arrival(job.item)
        if arrival is None:
            return None
        with self.ctx.database.session() as session:
            payload = load_payload(session, self.source, arrival.sha256)
        # Bytes are kept once: the row may tell of the first time that they were seen.
        return payload and replace(payload, kind=job.kind, fetched_at=arrival.at)

    def _failed(self, kind: str, error: MatchbeatError) -> None:
        log.warning("fetch_failed", source=self.source, error=str(error))
        if isinstance(error, SourceChanged):
            # Not given up for these alone: what arrived beside them may be well, and is read in its batch.
            self.changed_kinds.setdefault(kind, []).append(str(error))
        self._away_in_a_row = self._away_in_a_row + 1 if isinstance(error, Transient) else 0
        self.count(failed=1)
        never_came = not self.summary.arrived and self.summary.failed >= _GIVE_UP_AFTER
        if never_came or self._away_in_a_row >= _GIVE_UP_IN_A_ROW:
            self.count(error=str(error))

    def _kept(self, batch: Sequence[tuple[Job[Subject], Payload]]) -> list[tuple[Subject, Payload]]:
        arrivals = {
            job.item: Arrival(payload.sha256, payload.fetched_at)
            for job, payload in batch
            if payload.is_whole
        }
        with self.ctx.database.session() as session:
            store_payloads(session, [payload for _, payload in batch], self.ctx.fire)
            self.progress.mark_arrived(session, arrivals)
        return [(job.subject, payload) for job, payload in batch]

    def _paused(self) -> PauseRequested:
        self._tell_signals(self._lost_kinds())
        log.info("collection_paused", step=self.progress.step, **self.summary.as_dict())
        return PauseRequested(f"{self.progress.step} pauses between two items", self.summary)

    def read(self, payload: Payload, parse: Callable[[bytes], Parsed[Row]]) -> tuple[Row, ...]:
        """Return the rows of a payload; what cannot be read is quarantined and counted, and never raises."""
        if not payload.is_whole:
            reason = "the payload is cut short"
            self.reject(payload, [Rejected(key=WHOLE_PAYLOAD, reason=reason, record=payload.body)])
            return ()
        try:
            parsed = parse(payload.body)
        except (BadData, SourceChanged) as error:
            if isinstance(error, SourceChanged):
                self._changed(payload.kind, f"{payload.url}: {error}")
            self.reject(payload, [Rejected(key=WHOLE_PAYLOAD, reason=str(error), record=payload.body)])
            return ()
        except _UNREADABLE as error:
            reason = f"{type(error).__name__}: {error}"
            self.reject(payload, [Rejected(key=WHOLE_PAYLOAD, reason=reason, record=payload.body)])
            return ()
        self.read_kinds.add(payload.kind)
        self.count(parsed=len(parsed.rows))
        self.reject(payload, parsed.rejected)
        return parsed.rows

    def _changed(self, kind: str, reason: str) -> None:
        told = self.changed_kinds.setdefault(kind, [])
        told.append(reason)
        if not self.read_kinds and len(told) >= _GIVE_UP_AFTER:
            self.count(error=told[0])

    def reject(self, payload: Payload, rejected: Sequence[Rejected]) -> None:
        """Quarantine records of a payload and count them."""
        if not rejected:
            return
        log.warning("quarantined", source=self.source, url=payload.url, records=len(rejected))
        with self.ctx.database.session() as session:
            quarantine(session, payload, rejected, self.at, self.ctx.fire)
        self.count(quarantined=len(rejected))

    def finish(self) -> SourceSummary:
        """Return the summary; a source that gave nothing readable says so in its error.

        Each kind of payload that has changed its structure is a signal, open until one can be read again.
        """
        summary, lost = self.summary, self._lost_kinds()
        if summary.error is None and summary.requested and not self.read_kinds:
            nothing = f"none of {summary.requested} payloads could be fetched and read"
            self.count(error=next(iter(lost.values()), nothing))
        self._tell_signals(lost)
        log.info("collected", **self.summary.as_dict())
        return self.summary

    def _tell_signals(self, lost: dict[str, str]) -> None:
        with self.ctx.database.session() as session:
            for kind, reason in lost.items():
                raise_signal(session, self._signal(kind, reason), self.at, self.ctx.fire)
            for kind in self.read_kinds:
                resolve_signal(session, _SIGNAL, f"{self.source}/{kind}", self.at)

    def _lost_kinds(self) -> dict[str, str]:
        least = _CHANGED_FOR_GOOD if self.read_kinds else 1
        return {
            kind: reasons[0]
            for kind, reasons in self.changed_kinds.items()
            if kind not in self.read_kinds and len(reasons) >= least
        }

    def _signal(self, kind: str, reason: str) -> Signal:
        return Signal(
            kind=_SIGNAL,
            subject=f"{self.source}/{kind}",
            severity=Severity.WARNING if self.read_kinds else Severity.CRITICAL,
            message=f"{self.source} no longer answers as it did: {reason}",
        )
