"""Joins with staged rows, of which Postgres has no statistics."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

_LOOPS_OFF = text("set local enable_nestloop = off")
_AS_SET = text("set local enable_nestloop to default")


@contextmanager
def hash_joins(session: Session) -> Iterator[None]:
    """Let Postgres join by hashing or by merging alone.

    Where its statistics are behind it takes a batch for a few rows, and would compare each staged row with
    each row of the batch's matches: minutes in place of a second. An error ends this with the transaction.
    """
    session.execute(_LOOPS_OFF)
    yield
    session.execute(_AS_SET)
