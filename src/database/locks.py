"""The advisory locks of the database, all in one place: two uses of one number would wait for each other."""

from enum import IntEnum

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session


class AdvisoryLock(IntEnum):
    """What each lock guards; the numbers are arbitrary, and ours alone in this database."""

    MIGRATION = 6_020_461
    LEADERSHIP = 6_020_462
    MATCHES = 6_020_463
    ODDS = 6_020_464
    SIGNALS = 6_020_465
    ALIGNMENT = 6_020_466


def take_turns(session: Session | Connection, lock: AdvisoryLock) -> None:
    """Wait for `lock` and hold it until the transaction ends."""
    session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": lock.value})
