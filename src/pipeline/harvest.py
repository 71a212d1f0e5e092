"""Fetches many payloads on a pool, keeps them raw in batches, and counts what happened."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

from sqlalchemy.orm import Session

from src.collectors.transport import Foreign
from src.core.errors import MatchbeatError, SourceChanged, Transient
from src.core.logging import get_logger
from src.core.metrics import COLLECTION_SUCCESS
from src.database.checkpoints import Arrival
from src.database.raw import load_payload, store_payloads
from src.database.signals import raise_signal, resolve_signal
from src.domain.odds import Market
from src.domain.payload import CUT_SHORT, Payload
from src.domain.summary import SourceSummary
from src.monitoring.collection import (
    SOURCE_CHANGED,
    SUCCESS_RATE,
    UNMAPPED,
    changed_signal,
    success_signal,
    unmapped_signal,
    unmapped_subject,
)
from src.pipeline.progress import PauseRequested, Progress
from src.pipeline.reading import Reading

log = get_logger(__name__)

Subject = TypeVar("Subject")

#: So many failures before the first success, and the source is given up for this run; so it is after so
#: many time-outs and refusals in a row, for each of them has had its retries.
_GIVE_UP_AFTER = 5
_GIVE_UP_IN_A_ROW = 10
#: A page or two may be missing; so many of a kind, and none that could be read, is a change of that kind.
_CHANGED_FOR_GOOD = 3

#: The kinds of payload that name bookmakers.
_ODDS = frozenset(market.value for market in Market)

#: The numbers that are told when payloads arrive; the others are told when what they say is stored.
_OF_FETCHES = ("requested", "fetched", "from_cache", "failed")


@dataclass(frozen=True, kw_only=True)
class Job(Generic[Subject]):
    """One payload to fetch: `kind` as the payload's own, what it is about, its name among the items."""

    kind: str
    subject: Subject
    item: str
    fetch: Callable[[], Payload]


@dataclass
class Harvest(Reading):
    """One source's part of a run: fetches, keeps raw, reads, and adds up over all attempts of the run.

    Threads only fetch; all writing is done by the calling thread. What `progress` has as done is left out;
    what arrived in an earlier attempt and was not stored is read, not fetched again.
    """

    progress: Progress
    #: What this attempt did, and what is written of the numbers by now.
    attempt: SourceSummary = field(init=False)
    _written: dict[str, int] = field(init=False)
    _away_in_a_row: int = field(default=0, init=False)
    _pauses: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.attempt = self.summary
        before = SourceSummary.of_numbers(self.source, self.progress.numbers)
        # What failed then is asked for again now.
        self.summary = replace(before, requested=before.requested - before.failed, failed=0)
        self._written = self.summary.numbers()

    def add(self, part: SourceSummary) -> None:
        """Add to what the run did, and to what this attempt did."""
        super().add(part)
        self.attempt += part

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
                if self.attempt.error and future.cancel():
                    continue
                payload = self._result(job, future)
                if payload is not None:
                    yield job, payload

    def _result(self, job: Job[Subject], future: Future[Payload]) -> Payload | None:
        self.count(requested=1)
        try:
            payload = future.result()
        except MatchbeatError as error:
            # What came in place of the payload is kept and quarantined as any that cannot be read.
            if not isinstance(error, Foreign) or error.payload.kind != job.kind:
                self._failed(job.kind, error)
                return None
            payload = error.payload
        self._away_in_a_row = 0
        self.count(fetched=int(not payload.from_cache), from_cache=int(payload.from_cache))
        return payload

    def _next(self, jobs: Iterator[Job[Subject]]) -> Job[Subject] | None:
        if self.attempt.error or self._pauses:
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
        never_came = not self.attempt.arrived and self.attempt.failed >= _GIVE_UP_AFTER
        if never_came or self._away_in_a_row >= _GIVE_UP_IN_A_ROW:
            self.count(error=str(error))

    def _kept(self, batch: Sequence[tuple[Job[Subject], Payload]]) -> list[tuple[Subject, Payload]]:
        arrivals = {
            job.item: Arrival(payload.sha256, payload.fetched_at)
            for job, payload in batch
            if payload.flaw != CUT_SHORT
        }
        with self.ctx.database.session() as session:
            store_payloads(session, [payload for _, payload in batch], self.ctx.fire)
            self.progress.mark_arrived(session, arrivals)
            self._write(session, self._sure())
        return [(job.subject, payload) for job, payload in batch]

    def _sure(self) -> dict[str, int]:
        # What was read and not marked yet will be read again, by this attempt or the next one.
        told = self.summary.numbers()
        return {**self._written, **{name: told[name] for name in _OF_FETCHES}}

    def _paused(self) -> PauseRequested:
        self.mend()
        self._tell_signals(self._lost_kinds(), self._sure())
        log.info("collection_paused", step=self.progress.step, **self.summary.as_dict())
        return PauseRequested(f"{self.progress.step} pauses between two items", self.summary)

    def mark(self, session: Session, items: Iterable[str]) -> None:
        """Mark items as done, with the numbers so far, in the transaction that stores what they came to."""
        self.progress.mark(session, items, self.at)
        self._write(session, self.summary.numbers())

    def keep_numbers(self) -> None:
        """Write the numbers so far, after reading what is not marked as done."""
        with self.ctx.database.session() as session:
            self._write(session, self.summary.numbers())

    def _write(self, session: Session, numbers: dict[str, int]) -> None:
        self.progress.keep_numbers(session, numbers, self.at)
        self._written = numbers

    def changed(self, kind: str, reason: str) -> None:
        """Note that a payload had none of the expected structure; give the source up where none has."""
        super().changed(kind, reason)
        told = self.changed_kinds[kind]
        if not self.read_kinds and len(told) >= _GIVE_UP_AFTER:
            self.count(error=told[0])

    def finish(self) -> SourceSummary:
        """Return what the run did; a source that gave nothing readable says so in its error.

        Each kind of payload that has changed its structure is a signal, open until one can be read again; a
        run that did not succeed well enough is another, open until one of the same step does. Bookmakers
        without a name of ours are kept, and told in a third.
        """
        attempt, lost = self.attempt, self._lost_kinds()
        if attempt.error is None and attempt.requested and not self.read_kinds:
            nothing = f"none of {attempt.requested} payloads could be fetched and read"
            self.count(error=next(iter(lost.values()), nothing))
        self.mend()
        self._tell_signals(lost, self.summary.numbers())
        self._tell_success()
        self._tell_unmapped()
        log.info("collected", step=self.progress.step, **self.summary.as_dict())
        return self.summary

    def _tell_signals(self, lost: dict[str, str], numbers: dict[str, int]) -> None:
        with self.ctx.database.session() as session:
            self._write(session, numbers)
            for kind, reason in lost.items():
                signal = changed_signal(self.source, kind, reason, others_read=bool(self.read_kinds))
                raise_signal(session, signal, self.at, self.ctx.fire)
            for kind in self.read_kinds:
                resolve_signal(session, SOURCE_CHANGED, f"{self.source}/{kind}", self.at)

    def _tell_success(self) -> None:
        rate, step = self.summary.success_rate, self.progress.step
        if rate is None:
            return
        COLLECTION_SUCCESS.labels(step).set(rate)
        signal = success_signal(step, self.summary)
        with self.ctx.database.session() as session:
            if signal is None:
                # A part closes its own alone: it says nothing of the part before it.
                resolve_signal(session, SUCCESS_RATE, step, self.at, parts=True)
            else:
                raise_signal(session, signal, self.at, self.ctx.fire)

    def _tell_unmapped(self) -> None:
        with self.ctx.database.session() as session:
            if self.unmapped:
                signal = unmapped_signal(self.source, self.unmapped)
                raise_signal(session, signal, self.at, self.ctx.fire)
            elif self.read_kinds & _ODDS:
                resolve_signal(session, UNMAPPED, unmapped_subject(self.source), self.at)

    def _lost_kinds(self) -> dict[str, str]:
        least = _CHANGED_FOR_GOOD if self.read_kinds else 1
        return {
            kind: reasons[0]
            for kind, reasons in self.changed_kinds.items()
            if kind not in self.read_kinds and len(reasons) >= least
        }
