"""The fire ledger on Postgres, as Beat writes it: fenced by the epoch of the leadership."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Connection, func, select, text

from src.core.errors import Misconfigured
from src.database import schedule as stored
from src.database import schedule_edits, schedule_load
from src.database.claim import CLAIM, claim_values
from src.database.connection import Database
from src.database.leadership import CHANNEL, LeadershipLost
from src.database.leadership_fence import fence
from src.database.recordset import recordset
from src.database.tables.schedule import FireRow, ScheduleEntryRow
from src.domain.entry import FlowRunner, Runner
from src.domain.fire import UNBEGUN, Fire, FireId, FireState
from src.domain.ports import Claimed, Closed, Due, Scheduled, Sent, Standing, Step, Unsent

#: A message tells of such a fire, or should.
_SENT_STATES = (FireState.SENT, FireState.RETRIED)

_TELL = text("select pg_notify(:channel, :entry)")

_MARK_SENT = text(f"""
    update fires f
    set state = case f.state when '{FireState.CLAIMED}' then '{FireState.SENT}' else f.state end,
        sent_at = :at,
        flow_run_id = coalesce(s.flow_run_id, f.flow_run_id)
    from json_to_recordset(cast(:rows as json)) as s (id uuid, flow_run_id text)
    where f.id = s.id
""")  # noqa: S608 - our own constants

_CLOSE = text("""
    update fires f set state = c.state, reason = c.reason, finished_at = :at
    from json_to_recordset(cast(:rows as json)) as c (id uuid, state text, reason text)
    where f.id = c.id
      and f.state = any(:unbegun)
""")

#: The newest end that was no failure splits the failures in a row from those before it.
_STANDINGS = text(f"""
    select e.name,
           array(select f.id::text from fires f where f.entry = e.name and f.finished_at is null
                 and f.state <> '{FireState.BUFFERED}' order by f.due_at),
           array(select f.id::text from fires f where f.entry = e.name and f.finished_at is null
                 and f.state = '{FireState.BUFFERED}' order by f.due_at),
           (select count(*) from fires f where f.entry = e.name and f.due_at >= e.counted_from
                 and f.state in ('{FireState.FAILED}', '{FireState.LOST}')
                 and f.due_at > coalesce(
                     (select max(g.due_at) from fires g
                      where g.entry = e.name and g.state = '{FireState.SUCCEEDED}'), '-infinity'))
    from schedule_entries e where e.name = any(:names)
""")  # noqa: S608 - our own constants

_RELEASE = text(f"""
    update fires f set state = '{FireState.CLAIMED}', reason = null, claimed_at = :at
    where f.id in (
        select distinct on (b.entry) b.id from fires b
        where b.finished_at is null and b.state = '{FireState.BUFFERED}'
          and not exists (select from fires o where o.entry = b.entry and o.finished_at is null
                          and o.state <> '{FireState.BUFFERED}')
        order by b.entry, b.due_at
    )
""")  # noqa: S608 - our own constants


class PostgresLedger:
    """The `Ledger` of `src.domain.ports`.

    `claim` keeps a connection of its own, so one thread at a time calls it; the rest may be called from any.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._link: Connection | None = None

    def declare(self, epoch: int, planned: Sequence[Scheduled], at: datetime) -> None:
        """See `Ledger.declare`."""
        with self._database.session() as session:
            fence(session, epoch)
            stored.declare(session, planned, at)

    def schedule(self, names: Collection[str] | None = None) -> list[Scheduled]:
        """See `Ledger.schedule`."""
        with self._database.session() as session:
            return schedule_load.scheduled(session, names)

    def disable(self, epoch: int, entry: str, fault: str) -> None:
        """See `Ledger.disable`."""
        with self._database.session() as session:
            fence(session, epoch)
            stored.disable(session, entry, fault)
            session.execute(_TELL, {"channel": CHANNEL, "entry": entry})

    def revive(self, epoch: int, deployments: Collection[str], at: datetime) -> list[str]:
        """See `Ledger.revive`."""
        with self._database.session() as session:
            fence(session, epoch)
            revived = stored.revive(session, deployments, at)
            for entry in revived:
                session.execute(_TELL, {"channel": CHANNEL, "entry": entry})
            return revived

    def pause(self, epoch: int, entry: str, why: str, at: datetime) -> None:
        """See `Ledger.pause`."""
        with self._database.session() as session:
            fence(session, epoch)
            schedule_edits.pause_by_beat(session, entry, why, at)

    def standings(self, names: Collection[str]) -> Mapping[str, Standing]:
        """See `Ledger.standings`."""
        rows = self._statement(_STANDINGS, {"names": list(names)})
        return {
            name: Standing(open=_ids(running), buffered=_ids(waiting), failures=failures)
            for name, running, waiting, failures in rows
        }

    def claim(
        self, epoch: int, due: Sequence[Due], steps: Mapping[str, Step], sent: Sequence[FireId], at: datetime
    ) -> Claimed:
        """See `Ledger.claim`; one statement and one round trip, however many are due."""
        ((leads, stale, parameters, lost),) = self._statement(
            CLAIM, claim_values(epoch, due, steps, sent, at)
        )
        if not leads:
            raise LeadershipLost(f"epoch {epoch} is over")
        edited = frozenset(stale)
        entry_of = {str(one.fire.id): one.fire.entry for one in due} if lost else {}
        known = frozenset(_ids(id_ for id_ in lost if entry_of[id_] not in edited))
        return Claimed(lost=known, stale=edited, parameters=parameters)

    def move(self, epoch: int, steps: Mapping[str, Step], at: datetime) -> frozenset[str]:
        """See `Ledger.move`."""
        return self.claim(epoch, (), steps, (), at).stale

    def unsent(self, runner: Runner, limit: int, silent_since: datetime | None = None) -> list[Unsent]:
        """See `Ledger.unsent`."""
        wanted = FireRow.state == FireState.CLAIMED
        if silent_since is not None:
            wanted |= _in_broker(runner) & (FireRow.sent_at < silent_since)
        with self._database.session() as session:
            rows = session.execute(
                select(FireRow, ScheduleEntryRow)
                .join(ScheduleEntryRow, ScheduleEntryRow.name == FireRow.entry)
                .where(FireRow.finished_at.is_(None), wanted, ScheduleEntryRow.runner == runner)
                .order_by(ScheduleEntryRow.priority.desc(), FireRow.due_at)
                .limit(limit)
            ).all()
            return [item for fire, row in rows if (item := _unsent(fire, row, silent_since)) is not None]

    def unbegun(self, runner: Runner) -> int:
        """See `Ledger.unbegun`."""
        with self._database.session() as session:
            return session.scalars(
                select(func.count())
                .select_from(FireRow)
                .join(ScheduleEntryRow, ScheduleEntryRow.name == FireRow.entry)
                .where(FireRow.finished_at.is_(None), _in_broker(runner), ScheduleEntryRow.runner == runner)
            ).one()

    def mark_sent(self, epoch: int, sent: Sequence[Sent], at: datetime) -> None:
        """See `Ledger.mark_sent`; a fire that a worker has already started keeps its state."""
        rows = recordset({"id": item.id, "flow_run_id": item.flow_run_id} for item in sent)
        with self._database.session() as session:
            fence(session, epoch)
            session.execute(_MARK_SENT, {"at": at, "rows": rows})

    def close(self, epoch: int, closed: Sequence[Closed], at: datetime) -> None:
        """See `Ledger.close`."""
        rows = recordset({"id": item.id, "state": item.state, "reason": item.reason} for item in closed)
        with self._database.session() as session:
            fence(session, epoch)
            session.execute(_CLOSE, {"at": at, "rows": rows, "unbegun": list(UNBEGUN)})

    def release(self, epoch: int, at: datetime) -> int:
        """See `Ledger.release`."""
        with self._database.session() as session:
            fence(session, epoch)
            return int(session.execute(_RELEASE, {"at": at}).rowcount)  # type: ignore[attr-defined]

    def end(self) -> None:
        """Give back the connection of the claims."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def _statement(self, statement: Any, values: Mapping[str, Any]) -> Sequence[Any]:
        link, self._link = self._link, None
        with self._database.statements(link) as lent:
            rows = lent.execute(statement, values).all()
        self._link = lent
        return rows


def _in_broker(runner: Runner) -> ColumnElement[bool]:
    """Fires of which a message of the broker tells, or should; what waits in a work pool has none."""
    sent = FireRow.state.in_(_SENT_STATES)
    return sent if runner is Runner.CELERY else sent & (ScheduleEntryRow.flow_runner == FlowRunner.CELERY)


def _unsent(fire: FireRow, row: ScheduleEntryRow, silent_since: datetime | None) -> Unsent | None:
    """Return the fire with its entry; None where that cannot be read: it waits for a declaration."""
    try:
        entry = stored.entry(row)
    except Misconfigured:
        return None
    since = fire.claimed_at if fire.by_hand else fire.due_at
    return Unsent(
        fire=_fire(fire),
        entry=entry,
        since=since,
        silent_since=silent_since if fire.state in _SENT_STATES else None,
        attempts=fire.attempts,
        flow_run_id=fire.flow_run_id,
    )


def _ids(found: Any) -> tuple[FireId, ...]:
    return tuple(FireId(UUID(id_)) for id_ in found)


def _fire(row: FireRow) -> Fire:
    return Fire(
        id=FireId(row.id), entry=row.entry, due_at=row.due_at, parameters=row.parameters, by_hand=row.by_hand
    )
