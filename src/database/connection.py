"""Sessions on Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.orm import Session, sessionmaker

from src.core.errors import Misconfigured, Transient
from src.core.settings import settings

#: Postgres' codes of an undefined table and column: nobody has migrated this database.
_OTHER_SCHEMA = {"42P01", "42703"}


class Database:
    """A pool of connections to one Postgres database; sessions work in UTC."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.engine: Engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg2"),
            # As many as a collection asks on at once: those beyond are closed again after each question.
            pool_size=pool_size,
            max_overflow=5,
            pool_timeout=5,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 5, "options": "-c timezone=UTC"},
            hide_parameters=True,
        )
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session in one transaction: committed at the end, rolled back on an error.

        Raises Transient where Postgres is away, Misconfigured where it lacks our tables.
        """
        with _told(), self._sessions.begin() as session:
            yield session

    @contextmanager
    def statements(self, link: Connection | None) -> Iterator[Connection]:
        """Lend a connection on which each statement is a transaction of its own, and one round trip.

        `link` is one that this lent before, to be used again. Raises as `session` does; the connection is
        then closed.
        """
        with _told():
            lent = link or self._own_connection()
            try:
                yield lent
            except BaseException:
                lent.close()
                raise

    def _own_connection(self) -> Connection:
        """Open a connection outside the pool, for statements over many keys at once.

        Without these settings Postgres may read a large table whole, once for each batch of keys.
        """
        link = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        link.detach()
        link.exec_driver_sql("set random_page_cost = 1.1; set jit = off")
        return link

    def ping(self) -> None:
        """Ask the server for a sign of life; raise Transient without one."""
        with self.session() as session:
            session.execute(text("select 1"))

    def close(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


@contextmanager
def _told() -> Iterator[None]:
    """Say what went wrong in our own errors."""
    try:
        yield
    except OperationalError as error:
        raise Transient(f"Postgres is not answering: {str(error.orig).strip()}") from error
    except PoolExhausted as error:
        raise Transient("Postgres is not answering: no connection came free within 5 s") from error
    except ProgrammingError as error:
        if getattr(error.orig, "pgcode", None) not in _OTHER_SCHEMA:
            raise
        raise Misconfigured(
            f"the database has another schema ({str(error.orig).splitlines()[0]}): "
            "bring it up to date with `python -m src.stack.migrate`, or correct DATABASE_URL"
        ) from error


@cache
def get_database() -> Database:
    """Return this process's database, opened at the first use of a session."""
    return Database(settings().require_database_url())
