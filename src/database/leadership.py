"""Leadership among Beats: a session advisory lock elects, an epoch fences."""

import select as select_fd
from datetime import datetime

import psycopg2
from sqlalchemy import make_url

from src.core.errors import Transient
from src.core.logging import redact
from src.database.locks import AdvisoryLock

#: Whoever changes the schedule or asks for a fire notifies this channel.
CHANNEL = "matchbeat_schedule"


class LeadershipLost(Transient):
    """A later leader has begun, or the connection that held the lock is gone: stand by and try again."""


class Leadership:
    """One Beat's candidacy, on a connection of its own.

    Postgres frees the lock the moment that connection dies. Each leadership has a higher epoch than the one
    before it, which every write of the ledger checks.
    """

    def __init__(self, url: str, holder: str) -> None:
        self._url = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        self._holder = holder
        self._link: psycopg2.extensions.connection | None = None
        self.epoch: int | None = None

    def campaign(self, at: datetime) -> bool:
        """Try to lead; return whether this Beat leads. Raises Transient where Postgres is away."""
        if self.epoch is not None:
            return True
        try:
            with self._connected().cursor() as cursor:
                cursor.execute("select pg_try_advisory_lock(%s)", (AdvisoryLock.LEADERSHIP.value,))
                if not _first(cursor):
                    return False
                cursor.execute(
                    """insert into leadership (id, epoch, holder, since) values (1, 1, %s, %s)
                       on conflict (id) do update
                       set epoch = leadership.epoch + 1, holder = excluded.holder, since = excluded.since
                       returning epoch""",
                    (self._holder, at),
                )
                self.epoch = int(_first(cursor))
        except psycopg2.Error as error:
            self.resign()
            raise Transient(f"Postgres is not answering: {redact(str(error).strip())}") from error
        return True

    def wait(self, seconds: float) -> bool:
        """Wait for a notification of a changed schedule; return whether one came.

        Raises LeadershipLost where the connection, and the lock with it, is gone.
        """
        try:
            link = self._connected()
            if not link.notifies:
                readable, _, _ = select_fd.select([link], [], [], max(seconds, 0))
                if readable:
                    _probe(link)
            came = bool(link.notifies)
            link.notifies.clear()
        except psycopg2.Error as error:
            self.resign()
            raise LeadershipLost("the connection that held the leadership is gone") from error
        return came

    def resign(self) -> None:
        """Close the connection; Postgres frees the lock with it."""
        link, self._link, self.epoch = self._link, None, None
        if link is not None:
            link.close()

    def _connected(self) -> psycopg2.extensions.connection:
        if self._link is None:
            self._link = psycopg2.connect(self._url, connect_timeout=5, application_name="matchbeat-beat")
            self._link.autocommit = True
            with self._link.cursor() as cursor:
                cursor.execute(f"listen {CHANNEL}")
        return self._link


def _probe(link: psycopg2.extensions.connection) -> None:
    """Take in what the server sent; unlike `poll`, a command notices that the session was ended."""
    with link.cursor() as cursor:
        cursor.execute("select 1")


def _first(cursor: psycopg2.extensions.cursor) -> int:
    row = cursor.fetchone()
    return int(row[0]) if row else 0
