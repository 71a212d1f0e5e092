"""Leadership among Beats: a session advisory lock elects, a lease covers the silent, an epoch fences."""

import select
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg2
from psycopg2.extensions import POLL_OK, POLL_WRITE
from sqlalchemy import make_url

from src.core.errors import Transient
from src.core.logging import redact
from src.database.locks import AdvisoryLock

#: Whoever changes the schedule or asks for a fire notifies this channel, with the entry's name.
CHANNEL = "matchbeat_schedule"

#: A leader that has been silent so long, by Postgres' clock, may be deposed.
LEASE_S = 10.0

_PATIENCE_S = 5.0

#: A lock that nobody holds is granted within this.
_AT_ONCE_S = 0.2

#: The server notices within seconds that the other end is gone, also while it waits for the lock.
_OPTIONS = (
    "-c timezone=UTC -c client_connection_check_interval=1000 -c tcp_keepalives_idle=5"
    " -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
)

_CAMPAIGN = f"select pg_advisory_lock({AdvisoryLock.LEADERSHIP.value})"

_BEGIN = """
    insert into leadership (id, epoch, holder, since, heartbeat_at, lease_s)
    values (1, 1, %(holder)s, clock_timestamp(), clock_timestamp(), %(lease)s)
    on conflict (id) do update
    set epoch = leadership.epoch + 1, holder = excluded.holder, since = excluded.since,
        heartbeat_at = excluded.heartbeat_at, lease_s = excluded.lease_s
    returning epoch, clock_timestamp()"""

_HEARTBEAT = """
    update leadership set heartbeat_at = clock_timestamp() where id = 1 and epoch = %(epoch)s
    returning clock_timestamp()"""

#: Ends the sessions that hold the lock for a leader whose lease has run out.
_DEPOSE = f"""
    select pg_terminate_backend(l.pid) from leadership r, pg_locks l
    join pg_database d on d.oid = l.database and d.datname = current_database()
    where r.heartbeat_at < clock_timestamp() - make_interval(secs => r.lease_s)
      and l.locktype = 'advisory' and l.classid = 0 and l.objid = {AdvisoryLock.LEADERSHIP.value}
      and l.granted and l.pid <> pg_backend_pid()"""  # noqa: S608 - our own numbers


class LeadershipLost(Transient):
    """A later leader has begun, or the connection that held the lock is gone: stand by and try again."""


class Leadership:
    """One Beat's candidacy, on a connection of its own that waits in line for the lock.

    Postgres hands the lock on the moment the leader's connection dies. A leader that is silent, its host
    frozen or cut off, loses its session when its lease has run out. Each leadership has a higher epoch than
    the one before it, which every write of the ledger checks: a deposed leader that wakes writes nothing.
    """

    def __init__(self, url: str, holder: str, lease_s: float = LEASE_S) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._holder = holder
        self._lease_s = lease_s
        self._link: Any = None
        #: The cursor that waits in line; psycopg2 needs it alive for the answer.
        self._in_line: Any = None
        self.epoch: int | None = None
        self.began_at: datetime | None = None

    def campaign(self) -> bool:
        """Wait in line for the lock; return whether this Beat leads. Raises Transient where Postgres is away.

        `began_at` is then Postgres' time. Otherwise the place in the line is kept: call again after `wait`.
        """
        if self.epoch is not None:
            return True
        try:
            if self._in_line is None:
                self._connect()
                self._in_line = self._link.cursor()
                self._in_line.execute(_CAMPAIGN)
                select.select([self._link], [], [], _AT_ONCE_S)
            if self._link.poll() != POLL_OK:
                return False
            ((self.epoch, self.began_at),) = self._run(
                _BEGIN, {"holder": self._holder, "lease": self._lease_s}
            )
            self._run(f"listen {CHANNEL}")
        except psycopg2.Error as error:
            self.resign()
            raise Transient(f"Postgres is not answering: {redact(str(error).strip())}") from error
        return True

    def wait(self, seconds: float) -> list[str]:
        """Wait for news: that this Beat may lead, or of the schedule; return what was notified.

        Raises LeadershipLost where the connection, and the lock with it, is gone.
        """
        if self._link is None:
            time.sleep(max(seconds, 0))
            return []
        try:
            if not self._link.notifies:
                readable, _, _ = select.select([self._link], [], [], max(seconds, 0))
                if readable and self.epoch is not None:
                    # Unlike `poll`, a statement notices that the session was ended.
                    self._run("select 1")
            heard = [notice.payload for notice in self._link.notifies]
            self._link.notifies.clear()
        except psycopg2.Error as error:
            self.resign()
            raise LeadershipLost("the connection that held the leadership is gone") from error
        return heard

    def heartbeat(self) -> datetime:
        """Show that this leader lives and return Postgres' time; raise LeadershipLost where it does not."""
        try:
            found = self._run(_HEARTBEAT, {"epoch": self.epoch})
        except psycopg2.Error as error:
            self.resign()
            raise LeadershipLost("the connection that held the leadership is gone") from error
        if not found:
            self.resign()
            raise LeadershipLost("a later leader has begun")
        return found[0][0]  # type: ignore[no-any-return]

    def depose_silent(self) -> bool:
        """End the session of a leader whose lease has run out; return whether there was one.

        On a connection of its own, for this Beat's own one waits in line.
        """
        try:
            link = psycopg2.connect(self._url, connect_timeout=5, application_name="matchbeat-beat-lease")
            try:
                with link, link.cursor() as cursor:
                    cursor.execute(_DEPOSE)
                    return cursor.rowcount > 0
            finally:
                link.close()
        except psycopg2.Error as error:
            raise Transient(f"Postgres is not answering: {redact(str(error).strip())}") from error

    def resign(self) -> None:
        """Close the connection; Postgres frees the lock, or the place in the line, with it."""
        link, self._link = self._link, None
        self.epoch, self.began_at, self._in_line = None, None, None
        if link is not None:
            link.close()

    def _connect(self) -> None:
        self.resign()
        self._link = psycopg2.connect(
            self._url, async_=1, connect_timeout=5, application_name="matchbeat-beat", options=_OPTIONS
        )
        self._settle()

    def _run(self, statement: str, values: dict[str, Any] | None = None) -> Sequence[tuple[Any, ...]]:
        with self._link.cursor() as cursor:
            cursor.execute(statement, values)
            self._settle()
            return cursor.fetchall() if cursor.description else []

    def _settle(self) -> None:
        """Wait until the server has answered; raise OperationalError where it does not in time."""
        until = time.monotonic() + _PATIENCE_S
        while (state := self._link.poll()) != POLL_OK:
            left = until - time.monotonic()
            reading, writing = ([], [self._link]) if state == POLL_WRITE else ([self._link], [])
            if left <= 0 or not any(select.select(reading, writing, [], left)):
                raise psycopg2.OperationalError(f"no answer within {_PATIENCE_S:g} s")
