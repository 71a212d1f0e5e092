"""Puts a window of matches and their odds to the quality rules."""

from datetime import datetime

from src.core.logging import get_logger
from src.database.quality import match_records, quote_records, source_records, store_report
from src.database.signals import raise_signal, resolve_signal
from src.domain.match import Source
from src.domain.signal import Severity, Signal
from src.domain.summary import QualityReport
from src.pipeline.context import Context
from src.quality.rules import MATCH_RULES, QUOTE_RULES, SOURCE_RULES
from src.quality.score import Tally

log = get_logger(__name__)

#: Below this the data is not good enough to train on.
MINIMUM_SCORE = 0.85

_SUBJECT = "matches"
_SIGNAL = "low_quality"


def check_quality(ctx: Context, *, since: datetime, until: datetime) -> QualityReport:
    """Check matches that kick off from `since` to before `until`; keep the report.

    Raises the signal `low_quality` below MINIMUM_SCORE and resolves it from there on.
    """
    now = ctx.clock.now()
    tally = Tally()
    with ctx.database.session() as session:
        tally.add(MATCH_RULES, match_records(session, since, until, now))
        tally.add(QUOTE_RULES, quote_records(session, since, until))
        tally.add(SOURCE_RULES, source_records(session, [Source.FOTMOB, Source.TITAN007], now))
        report = tally.report(_SUBJECT)
        store_report(session, report, since, until, now, ctx.fire)
        if report.score < MINIMUM_SCORE:
            raise_signal(session, _signal(report), now, ctx.fire)
        else:
            resolve_signal(session, _SIGNAL, _SUBJECT, now)
    log.info("quality_checked", **report.as_dict())
    return report


def _signal(report: QualityReport) -> Signal:
    worst = ", ".join(f"{name} ({count})" for name, count in sorted(report.failures.items()))
    return Signal(
        kind=_SIGNAL,
        subject=_SUBJECT,
        severity=Severity.WARNING,
        message=f"quality {report.score:.3f} is below {MINIMUM_SCORE}: {worst or 'nothing to check'}",
        details=report.as_dict(),
    )
