"""Signals about a collection: a source that changed, a run that succeeded too little, unknown bookmakers."""

from collections.abc import Collection

from src.domain.match import Source
from src.domain.signal import Severity, Signal
from src.domain.summary import SourceSummary

SOURCE_CHANGED, SUCCESS_RATE, UNMAPPED = "source_changed", "success_rate", "unmapped"

#: Below this share of payloads that arrived and could be read, a run is a matter for a signal.
LEAST_SUCCESS = 0.95

#: So many names are told in a message; the others are in its details.
_SHOWN = 5


def changed_signal(source: Source, kind: str, reason: str, *, others_read: bool) -> Signal:
    """Return the signal that a kind of payload has none of the expected structure any more."""
    return Signal(
        kind=SOURCE_CHANGED,
        subject=f"{source}/{kind}",
        severity=Severity.WARNING if others_read else Severity.CRITICAL,
        message=f"{source} no longer answers as it did: {reason}",
    )


def success_signal(step: str, summary: SourceSummary) -> Signal | None:
    """Return the signal that a run of `step` succeeded too little, None where it did well or did nothing."""
    rate = summary.success_rate
    if rate is None or rate >= LEAST_SUCCESS:
        return None
    well = summary.arrived - summary.unreadable
    return Signal(
        kind=SUCCESS_RATE,
        subject=step,
        severity=Severity.WARNING,
        message=f"{step}: {well} of {summary.requested} payloads arrived and could be read, {rate:.1%} "
        f"where {LEAST_SUCCESS:.0%} are usual: {summary.failed} did not come, "
        f"{summary.unreadable} are in quarantine (`matchbeat quarantine list`)",
        details=summary.as_dict(),
    )


def unmapped_subject(source: Source) -> str:
    """Return the subject of the signal about a source's unknown bookmakers."""
    return f"{source}/bookmakers"


def unmapped_signal(source: Source, bookmakers: Collection[str]) -> Signal:
    """Return the signal that bookmakers have no name of ours: they are kept as the source calls them."""
    names = sorted(bookmakers)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return Signal(
        kind=UNMAPPED,
        subject=unmapped_subject(source),
        severity=Severity.INFO,
        message=f"{len(names)} bookmakers have no name of ours and are kept under their source's: "
        f"{', '.join(names[:_SHOWN])}{more}",
        details={"bookmakers": names},
    )
