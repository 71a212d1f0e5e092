"""Fetches many payloads on a pool, keeps them raw in batches, and counts what happened."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from src.core.errors import BadData, MatchbeatError, SourceChanged, Transient
from src.core.logging import get_logger
from src.core.metrics import RECORDS
from src.database.quarantine import quarantine
from src.database.raw import store_payloads
from src.database.signals import raise_signal, resolve_signal
from src.domain.match import Source
from src.domain.payload import Parsed, Payload, Rejected
from src.domain.signal import Severity, Signal
from src.domain.summary import SourceSummary
from src.pipeline.context import Context

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
    """One payload to fetch: `kind` as the payload's own, and what it is about."""

    kind: str
    subject: Subject
    fetch: Callable[[], Payload]


@dataclass
class Harvest:
    """One source's part of a run: fetches, keeps raw, reads, and adds up.

    Threads only fetch; all writing is done by the calling thread. `at` is the run's own time.
    """

    ctx: Context
    source: Source
    at: datetime
    summary: SourceSummary = field(init=False)
    changed_kinds: dict[str, list[str]] = field(default_factory=dict)
    read_kinds: set[str] = field(default_factory=set)
    _away_in_a_row: int = 0

    def __post_init__(self) -> None:
        self.summary = SourceSummary(source=self.source)

    def count(
        self, *, requested: int = 0, fetched: int = 0, failed: int = 0, parsed: int = 0,
        quarantined: int = 0, changed: int = 0, error: str | None = None,
    ) -> None:  # fmt: skip
        """Add to the summary; the first error stays."""
        self.summary += SourceSummary(
            source=self.source, requested=requested, fetched=fetched, failed=failed, parsed=parsed,
            quarantined=quarantined, changed=changed, error=error,
        )  # fmt: skip
        for outcome, number in (("parsed", parsed), ("quarantined", quarantined), ("changed", changed)):
            if number:
                RECORDS.labels(self.source, outcome).inc(number)

    def batches(
        self, jobs: Iterable[Job[Subject]], *, concurrency: int, batch_size: int
    ) -> Iterator[list[tuple[Subject, Payload]]]:
        """Yield the fetched payloads in the order of `jobs`, each batch kept raw before it is yielded."""
        batch: list[tuple[Subject, Payload]] = []
        for subject, payload in self._fetched(iter(jobs), concurrency):
            batch.append((subject, payload))
            if len(batch) >= batch_size:
                self._keep(batch)
                yield batch
                batch = []
        if batch:
            self._keep(batch)
            yield batch

    def _fetched(self, jobs: Iterator[Job[Subject]], concurrency: int) -> Iterator[tuple[Subject, Payload]]:
        running: deque[tuple[Job[Subject], Future[Payload]]] = deque()
        with ThreadPoolExecutor(concurrency, thread_name_prefix=f"fetch-{self.source}") as pool:
            while True:
                while len(running) < 2 * concurrency and (job := self._next(jobs)):
                    running.append((job, pool.submit(job.fetch)))
                if not running:
                    return
                job, future = running.popleft()
                if self.summary.error and future.cancel():
                    continue
                self.count(requested=1)
                try:
                    payload = future.result()
                except MatchbeatError as error:
                    self._failed(job.kind, error)
                else:
                    self._away_in_a_row = 0
                    self.count(fetched=1)
                    yield job.subject, payload

    def _next(self, jobs: Iterator[Job[Subject]]) -> Job[Subject] | None:
        return None if self.summary.error else next(jobs, None)

    def _failed(self, kind: str, error: MatchbeatError) -> None:
        log.warning("fetch_failed", source=self.source, error=str(error))
        if isinstance(error, SourceChanged):
            self._changed(kind, str(error))
        self._away_in_a_row = self._away_in_a_row + 1 if isinstance(error, Transient) else 0
        self.count(failed=1)
        never_came = not self.summary.fetched and self.summary.failed >= _GIVE_UP_AFTER
        if never_came or self._away_in_a_row >= _GIVE_UP_IN_A_ROW:
            self.count(error=str(error))

    def _keep(self, batch: Sequence[tuple[Subject, Payload]]) -> None:
        with self.ctx.database.session() as session:
            store_payloads(session, [payload for _, payload in batch], self.ctx.fire)

    def read(self, payload: Payload, parse: Callable[[bytes], Parsed[Row]]) -> tuple[Row, ...]:
        """Return the rows of a payload; what cannot be read is quarantined and counted, and never raises."""
        try:
            parsed = parse(payload.body)
        except (BadData, SourceChanged) as error:
            if isinstance(error, SourceChanged):
                self._changed(payload.kind, f"{payload.url}: {error}")
            self.reject(payload, [Rejected(key="payload", reason=str(error), record=payload.body)])
            return ()
        except _UNREADABLE as error:
            reason = f"{type(error).__name__}: {error}"
            self.reject(payload, [Rejected(key="payload", reason=reason, record=payload.body)])
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
        with self.ctx.database.session() as session:
            for kind, reason in lost.items():
                raise_signal(session, self._signal(kind, reason), self.at, self.ctx.fire)
            for kind in self.read_kinds:
                resolve_signal(session, _SIGNAL, f"{self.source}/{kind}", self.at)
        log.info("collected", **self.summary.as_dict())
        return self.summary

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
