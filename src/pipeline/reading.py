"""Reads a source's payloads, quarantines what cannot be read of them, and adds up."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from src.core.errors import BadData, SourceChanged
from src.core.logging import get_logger
from src.core.metrics import RECORDS
from src.database.quarantine import mend, mend_replaced, quarantine
from src.domain.match import Source
from src.domain.payload import CUT_SHORT, WHOLE_PAYLOAD, Parsed, Payload, Rejected
from src.domain.summary import SourceSummary
from src.pipeline.context import Context

log = get_logger(__name__)

Row = TypeVar("Row")

#: What reading another shape than the expected one comes to: no payload stops the ones after it.
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


@dataclass
class Reading:
    """One source's payloads as they are read, whether they have just arrived or were kept.

    `at` is the run's own time (aware). `seen_again` is whether the payloads are told anew, so that a record
    which is rejected once more counts.
    """

    ctx: Context
    source: Source
    at: datetime
    seen_again: bool = field(default=True, kw_only=True)
    summary: SourceSummary = field(init=False)
    #: Why payloads had not the expected structure, by kind; and the kinds of those that had it.
    changed_kinds: dict[str, list[str]] = field(default_factory=dict, init=False)
    read_kinds: set[str] = field(default_factory=set, init=False)
    #: Bookmakers that we have no name for, as their source names them.
    unmapped: set[str] = field(default_factory=set, init=False)
    _rejected: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set), init=False)

    def __post_init__(self) -> None:
        self.summary = SourceSummary(source=self.source)

    def count(
        self, *, requested: int = 0, fetched: int = 0, from_cache: int = 0, failed: int = 0,
        unreadable: int = 0, parsed: int = 0, quarantined: int = 0, changed: int = 0,
        error: str | None = None,
    ) -> None:  # fmt: skip
        """Add to the summary; the first error stays."""
        self.add(
            SourceSummary(
                source=self.source, requested=requested, fetched=fetched, from_cache=from_cache,
                failed=failed, unreadable=unreadable, parsed=parsed, quarantined=quarantined,
                changed=changed, error=error,
            )
        )  # fmt: skip
        for outcome, number in (("parsed", parsed), ("quarantined", quarantined), ("changed", changed)):
            if number:
                RECORDS.labels(self.source, outcome).inc(number)

    def add(self, part: SourceSummary) -> None:
        """Add a part to the summary."""
        self.summary += part

    def read(
        self, payload: Payload, parse: Callable[[bytes], Parsed[Row]], *, counts: bool = True
    ) -> tuple[Row, ...]:
        """Return the rows of a payload; what cannot be read is quarantined and counted, and never raises.

        Nothing is counted where the run has read it before (`counts` is false).
        """
        before = self.summary
        rows = self._read(payload, parse)
        if not counts:
            self.summary = replace(before, error=self.summary.error)
        return rows

    def _read(self, payload: Payload, parse: Callable[[bytes], Parsed[Row]]) -> tuple[Row, ...]:
        if payload.flaw is not None:
            if payload.flaw != CUT_SHORT:
                self.changed(payload.kind, payload.flaw)
            self._refuse(payload, payload.flaw)
            return ()
        try:
            parsed = parse(payload.body)
        except (BadData, SourceChanged) as error:
            if isinstance(error, SourceChanged):
                self.changed(payload.kind, f"{payload.url}: {error}")
            self._refuse(payload, str(error))
            return ()
        except _UNREADABLE as error:
            self._refuse(payload, f"{type(error).__name__}: {error}")
            return ()
        self.was_read(payload)
        self.count(parsed=len(parsed.rows))
        self.reject(payload, parsed.rejected)
        return parsed.rows

    def was_read(self, payload: Payload) -> None:
        """Note that a payload had the expected structure."""
        self.read_kinds.add(payload.kind)
        self._rejected[payload.kind, payload.sha256] |= set()

    def _refuse(self, payload: Payload, reason: str) -> None:
        self.count(unreadable=1)
        self.reject(payload, [Rejected(key=WHOLE_PAYLOAD, reason=reason, record=payload.body)])

    def changed(self, kind: str, reason: str) -> None:
        """Note that a payload had none of the expected structure."""
        self.changed_kinds.setdefault(kind, []).append(reason)

    def reject(self, payload: Payload, rejected: Sequence[Rejected]) -> None:
        """Quarantine records of a payload and count them."""
        if not rejected:
            return
        tell = log.warning if self.seen_again else log.info
        tell("quarantined", source=self.source, url=payload.url, records=len(rejected))
        self._rejected[payload.kind, payload.sha256] |= {item.key for item in rejected}
        with self.ctx.database.session() as session:
            quarantine(session, payload, rejected, self.at, self.ctx.fire, seen_again=self.seen_again)
        self.count(quarantined=len(rejected))

    def mend(self) -> int:
        """Close what was quarantined of these payloads and could be read now; return how many records.

        So are payloads that could not be read, where their addresses have brought readable ones since.
        """
        with self.ctx.database.session() as session:
            mended = sum(
                mend(session, self.source, kind, sha256, still, self.at)
                for (kind, sha256), still in sorted(self._rejected.items())
            )
            replaced = mend_replaced(session, self.source, self.at)
        self._rejected.clear()
        if mended or replaced:
            log.info("quarantine_mended", source=self.source, records=mended, replaced=replaced)
        return mended
