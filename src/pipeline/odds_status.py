"""How the collection of odds stands: what is due next, what ran last, and what it brought."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from src.database import census
from src.database.freshness import freshness
from src.database.runs import runs
from src.database.schedule import EntryView, views
from src.database.signals import open_signals
from src.domain.match import Source
from src.pipeline.context import Context
from src.pipeline.smart import Verdict, verdict
from src.scheduling.cadence import describe
from src.scheduling.catalog import find

#: The entries of the modes: regular, live (by match density: smart), hybrid.
ENTRIES = ("titan-regular", "titan-live", "titan-hybrid")

_UNDECLARED = "no Beat has declared it yet"


@dataclass(frozen=True, kw_only=True)
class EntryStatus:
    """An entry, when it is due (UTC), and why it is not, where it is disabled."""

    entry: str
    when: str
    next_due: datetime | None
    last_due: datetime | None
    last_outcome: str | None
    disabled: str | None


@dataclass(frozen=True, kw_only=True)
class PastRun:
    """A run of the ledger; `sources` are the numbers of its summary by source, empty where it has none."""

    run: str
    entry: str
    due_at: datetime
    state: str
    seconds: float | None
    reason: str | None
    sources: dict[str, dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class OddsStatus:
    """The state at `at`; `leader` is the Beat that leads, None where none does and nothing fires by itself.

    `next_day` watched matches are to start within a day, `without_odds` of them have none.
    """

    at: datetime
    leader: str | None
    entries: list[EntryStatus]
    smart: Verdict
    runs: list[PastRun]
    next_day: int
    without_odds: int
    last_odds: datetime | None
    signals: list[str]


def odds_status(ctx: Context, *, last_runs: int = 5) -> OddsStatus:
    """Read the state of the modes with the last runs of each; raise Transient where Postgres is away."""
    now, smart = ctx.clock.now(), verdict(ctx)
    with ctx.database.session() as session:
        leader, current = census.leader(session), freshness(session, now)
        known = {view.entry.name: view for view in views(session)}
        return OddsStatus(
            at=now,
            leader=leader.holder if leader and leader.held else None,
            entries=[_entry(name, known.get(name)) for name in ENTRIES],
            smart=smart,
            runs=_past(session, now, last_runs),
            next_day=current.next_day,
            without_odds=current.without_odds,
            last_odds=current.last_odds,
            signals=[
                f"{row.severity}: {row.message}"
                for row in open_signals(session)
                if row.subject.partition("/")[0] == Source.TITAN007
            ],
        )


def _entry(name: str, view: EntryView | None) -> EntryStatus:
    if view is None:
        return EntryStatus(
            entry=name, when=describe(find(name).cadence), next_due=None, last_due=None, last_outcome=None,
            disabled=_UNDECLARED,
        )  # fmt: skip
    return EntryStatus(
        entry=name, when=describe(view.entry.cadence), next_due=view.next_due if view.enabled else None,
        last_due=view.last_due, last_outcome=view.last_state, disabled=view.disabled_reason,
    )  # fmt: skip


def _past(session: Session, now: datetime, last: int) -> list[PastRun]:
    found = [run for name in ENTRIES for run in runs(session, now, entry=name, limit=last)]
    return [
        PastRun(
            run=str(run.fire),
            entry=run.entry,
            due_at=run.due_at,
            state=run.state.value,
            seconds=run.duration_s,
            reason=run.reason,
            sources=_sources(run.result),
        )
        for run in sorted(found, key=lambda run: run.due_at, reverse=True)
    ]


def _sources(result: Mapping[str, Any] | None) -> dict[str, dict[str, Any]]:
    # What a flow of somebody else's has left beside a fire may have any shape.
    told = (result or {}).get("sources")
    rows = told.items() if isinstance(told, dict) else ()
    return {str(name): numbers for name, numbers in rows if isinstance(numbers, dict)}
