"""Counts what the tables hold, for people and for Prometheus."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from src.database.locks import AdvisoryLock
from src.database.tables.learning import QualityReportRow
from src.database.tables.matches import CompetitionRow
from src.database.tables.schedule import FireRow, LeadershipRow, ScheduleEntryRow

#: The tables worth showing, in the order of the data's way.
TABLES = (
    "raw_payloads", "quarantine", "competitions", "teams", "matches", "team_stats", "odds_latest",
    "odds_history", "features", "predictions", "quality_reports", "signals", "fires",
)  # fmt: skip

#: Of these, not all rows are worth a look.
_ONLY = {"quarantine": "where state = 'open'"}

#: A table of more rows than this is estimated from Postgres's own statistics: counting reads all of it.
EXACT_UP_TO = 200_000


# Of a table in partitions, Postgres knows the sizes of these alone.
_ESTIMATES = text("""
    select c.relname, coalesce(sum(greatest(part.reltuples, 0)), 0)::bigint as rows
    from pg_class c
    left join pg_inherits i on i.inhparent = c.oid
    left join pg_class part on part.oid = coalesce(i.inhrelid, c.oid)
    where c.oid = any(cast(:names as regclass[]))
    group by c.relname
""")


@dataclass(frozen=True, kw_only=True)
class Leader:
    """The last leadership; `held` is whether its lock is held now.

    A leader that has been silent, since `heartbeat_at`, for `lease_s` seconds may be deposed; `silent_s` is
    how long that is by Postgres' clock.
    """

    epoch: int
    holder: str
    since: datetime
    held: bool
    heartbeat_at: datetime
    lease_s: float
    silent_s: float


@dataclass(frozen=True, kw_only=True)
class QualityScore:
    """The newest quality report: `score` of `checked` records in 0..1."""

    subject: str
    score: float
    checked: int
    passed: int
    failures: dict[str, int]
    created_at: datetime


def row_counts(session: Session, exact_up_to: int = EXACT_UP_TO) -> dict[str, int]:
    """Return the rows of each main table; those of more rows than `exact_up_to` are estimated.

    Of the quarantine, what is open counts.
    """
    found = session.execute(_ESTIMATES, {"names": list(TABLES)})
    estimates = {str(name): int(rows) for name, rows in found}
    small = [name for name in TABLES if estimates.get(name, 0) <= exact_up_to]
    exact = session.execute(
        text(
            " union all ".join(
                f"select '{name}', count(*) from {name} {_ONLY.get(name, '')}"  # noqa: S608 - our own names
                for name in small
            )
        )
    )
    counts = estimates | {str(name): int(rows) for name, rows in exact}
    return {name: counts[name] for name in TABLES}


def fires_by_state(session: Session) -> dict[str, dict[str, int]]:
    """Return the fires in the ledger by entry and state."""
    rows = session.execute(
        select(FireRow.entry, FireRow.state, func.count())
        .group_by(FireRow.entry, FireRow.state)
        .order_by(FireRow.entry, FireRow.state)
    )
    counted: dict[str, dict[str, int]] = {}
    for entry, state, count in rows:
        counted.setdefault(entry, {})[state] = count
    return counted


def flow_runs_by_state(session: Session) -> dict[str, int]:
    """Return the fires that became a Prefect flow run, by state."""
    rows = session.execute(
        select(FireRow.state, func.count()).where(FireRow.flow_run_id.is_not(None)).group_by(FireRow.state)
    )
    return {str(state): int(count) for state, count in rows}


def oldest_due(session: Session) -> datetime | None:
    """Return the earliest next due time of an enabled entry; one in the past waits for Beat."""
    return session.scalar(select(func.min(ScheduleEntryRow.next_due)).where(ScheduleEntryRow.enabled))


def leader(session: Session) -> Leader | None:
    """Return the last leadership, None where no Beat has ever led."""
    held = text(
        """exists (select from pg_locks l join pg_database d on d.oid = l.database
                    where d.datname = current_database() and l.locktype = 'advisory'
                      and l.classid = 0 and l.objid = :key and l.granted)"""
    ).bindparams(key=AdvisoryLock.LEADERSHIP.value)
    silent_s = text("extract(epoch from clock_timestamp() - heartbeat_at)::float8")
    found = session.execute(select(LeadershipRow, held, silent_s)).one_or_none()
    if found is None:
        return None
    row, is_held, silent = found
    return Leader(
        epoch=row.epoch,
        holder=row.holder,
        since=row.since,
        held=bool(is_held),
        heartbeat_at=row.heartbeat_at,
        lease_s=row.lease_s,
        silent_s=max(silent, 0.0),
    )


def last_quality(session: Session) -> QualityScore | None:
    """Return the newest quality report."""
    row = session.scalars(
        select(QualityReportRow)
        .order_by(QualityReportRow.created_at.desc(), QualityReportRow.id.desc())
        .limit(1)
    ).first()
    return (
        None
        if row is None
        else QualityScore(
            subject=row.subject,
            score=row.score,
            checked=row.checked,
            passed=row.passed,
            failures=dict(row.failures),
            created_at=row.created_at,
        )
    )


def competition_names(session: Session) -> list[str]:
    """Return the names of the watched competitions that are stored, in order."""
    names = select(CompetitionRow.name).where(CompetitionRow.watched).distinct().order_by(CompetitionRow.name)
    return list(session.scalars(names))
