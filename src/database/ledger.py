"""The fire ledger on Postgres, as Beat writes it: fenced by the epoch of the leadership."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database.connection import Database
from src.database.leadership import LeadershipLost
from src.database.recordset import recordset
from src.database.tables.schedule import FireRow, LeadershipRow, ScheduleEntryRow
from src.domain.entry import Runner
from src.domain.fire import OPEN, Fire, FireId, FireState
from src.domain.ports import Claimed, Due, Scheduled, Sent, Step, Unsent

#: Fence, rows and next due times in one statement: whoever is not the leader any more writes nothing.
_CLAIM = text("""
    with leader as (
        select epoch from leadership where id = 1 and epoch = :epoch for share
    ), step as (
        select * from json_to_recordset(cast(:steps as json))
            as s (name text, was timestamptz, next_due timestamptz)
    ), stale as (
        select name from step s where not exists (
            select from schedule_entries e where e.name = s.name and e.enabled and e.next_due = s.was
        )
    ), written as (
        insert into fires
            (id, entry, due_at, by_hand, state, epoch, parameters, claimed_at, reason, finished_at)
        select r.* from leader, json_to_recordset(cast(:rows as json)) as r (
            id uuid, entry text, due_at timestamptz, by_hand boolean, state text, epoch bigint,
            parameters jsonb, claimed_at timestamptz, reason text, finished_at timestamptz
        )
        where r.entry not in (select name from stale)
        on conflict do nothing
        returning id
    ), moved as (
        update schedule_entries e set next_due = s.next_due
        from leader, step s
        where e.name = s.name and e.enabled and e.next_due = s.was
    )
    select (select count(*) from leader), (select count(*) from written), (select count(*) from stale)
""")

_MARK_SENT = text(f"""
    update fires f
    set state = case f.state when '{FireState.CLAIMED}' then '{FireState.SENT}' else f.state end,
        sent_at = :at,
        flow_run_id = coalesce(s.flow_run_id, f.flow_run_id)
    from json_to_recordset(cast(:rows as json)) as s (id uuid, flow_run_id text)
    where f.id = s.id
""")  # noqa: S608 - our own constants


class PostgresLedger:
    """The `Ledger` of `src.domain.ports`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def declare(self, epoch: int, planned: Sequence[Scheduled], at: datetime) -> None:
        """See `Ledger.declare`."""
        with self._database.session() as session:
            _fence(session, epoch)
            stored.declare(session, planned, at)

    def schedule(self) -> list[Scheduled]:
        """See `Ledger.schedule`."""
        with self._database.session() as session:
            return stored.enabled(session)

    def claim(self, epoch: int, due: Sequence[Due], steps: Mapping[str, Step], at: datetime) -> Claimed:
        """See `Ledger.claim`; one statement, however many are due."""
        values = {
            "epoch": epoch,
            "rows": recordset(_row(item, epoch, at) for item in due),
            "steps": recordset({"name": name, **asdict(step)} for name, step in steps.items()),
        }
        with self._database.session() as session:
            leads, new, stale = session.execute(_CLAIM, values).one()
            if not leads:
                raise LeadershipLost(f"epoch {epoch} is over")
            return Claimed(new=int(new), stale=bool(stale))

    def unsent(self, runner: Runner, limit: int, silent_since: datetime) -> list[Unsent]:
        """See `Ledger.unsent`."""
        wanted = FireRow.state == FireState.CLAIMED
        if runner is Runner.CELERY:
            wanted |= (FireRow.state == FireState.SENT) & (FireRow.sent_at < silent_since)
        with self._database.session() as session:
            rows = session.execute(
                select(FireRow, ScheduleEntryRow)
                .join(ScheduleEntryRow, ScheduleEntryRow.name == FireRow.entry)
                .where(wanted, ScheduleEntryRow.runner == runner)
                .order_by(ScheduleEntryRow.priority.desc(), FireRow.due_at)
                .limit(limit)
            ).all()
            return [item for fire, row in rows if (item := _unsent(fire, row)) is not None]

    def mark_sent(self, epoch: int, sent: Sequence[Sent], at: datetime) -> None:
        """See `Ledger.mark_sent`; a fire that a worker has already started keeps its state."""
        with self._database.session() as session:
            _fence(session, epoch)
            session.execute(
                _MARK_SENT,
                {
                    "at": at,
                    "rows": recordset({"id": item.id, "flow_run_id": item.flow_run_id} for item in sent),
                },
            )

    def mark_missed(self, epoch: int, fire: FireId, reason: str, at: datetime) -> None:
        """See `Ledger.mark_missed`."""
        with self._database.session() as session:
            _fence(session, epoch)
            session.execute(
                update(FireRow)
                .where(FireRow.id == fire, FireRow.state.in_((FireState.CLAIMED, FireState.SENT)))
                .values(state=FireState.MISSED, reason=reason, finished_at=at)
            )

    def close_lost(self, epoch: int, at: datetime, grace: timedelta) -> dict[FireId, str]:
        """Close fires that were started and have outlived their limit by `grace`; return their entries.

        Their worker ended without a word.
        """
        with self._database.session() as session:
            _fence(session, epoch)
            limit = func.make_interval(0, 0, 0, 0, 0, 0, ScheduleEntryRow.limit_s)
            lost = session.execute(
                update(FireRow)
                .where(FireRow.entry == ScheduleEntryRow.name, FireRow.state == FireState.STARTED)
                .where(FireRow.started_at + limit + grace < at)
                .values(state=FireState.LOST, reason="its worker ended without a word", finished_at=at)
                .returning(FireRow.id, FireRow.entry)
            ).all()
            return {FireId(id_): entry for id_, entry in lost}

    def open_flow_runs(self) -> dict[str, FireId]:
        """Return the fires that run, or wait to run, in Prefect, by flow run id."""
        with self._database.session() as session:
            rows = session.execute(
                select(FireRow.flow_run_id, FireRow.id)
                .where(FireRow.state.in_(OPEN), FireRow.flow_run_id.is_not(None))
                .order_by(FireRow.due_at)
            ).all()
            return {str(run): FireId(id_) for run, id_ in rows}

    def disable(self, epoch: int, entry: str, fault: str) -> None:
        """See `Ledger.disable`."""
        with self._database.session() as session:
            _fence(session, epoch)
            stored.disable(session, entry, fault)


def _unsent(fire: FireRow, row: ScheduleEntryRow) -> Unsent | None:
    """Return the fire with its entry; None where that cannot be read: it waits for a declaration."""
    try:
        return Unsent(fire=_fire(fire), entry=stored.entry(row), again=fire.state == FireState.SENT)
    except Misconfigured:
        return None


def _fence(session: Session, epoch: int) -> None:
    """Hold the leadership row while the transaction lasts: a new leader's epoch waits for us, or stops us."""
    found = session.scalar(
        select(LeadershipRow.epoch).where(LeadershipRow.id == 1).with_for_update(read=True)
    )
    if found != epoch:
        raise LeadershipLost(f"epoch {epoch} is over: the ledger is at {found}")


def _row(item: Due, epoch: int, at: datetime) -> dict[str, object]:
    missed = item.missed is not None
    return {
        "id": item.fire.id,
        "entry": item.fire.entry,
        "due_at": item.fire.due_at,
        "by_hand": item.fire.by_hand,
        "state": FireState.MISSED if missed else FireState.CLAIMED,
        "epoch": epoch,
        "parameters": item.fire.parameters,
        "claimed_at": at,
        "reason": item.missed,
        "finished_at": at if missed else None,
    }


def _fire(row: FireRow) -> Fire:
    return Fire(
        id=FireId(row.id), entry=row.entry, due_at=row.due_at, parameters=row.parameters, by_hand=row.by_hand
    )
