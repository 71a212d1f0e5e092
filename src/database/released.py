"""Word to the leader that a fire has ended for which another one of its entry has waited."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.leadership import CHANNEL
from src.domain.fire import FireState

#: The payload that tells the leader to claim what was buffered; no entry has such a name.
RELEASED = "@released"

_TELL = text(f"""
    select pg_notify('{CHANNEL}', '{RELEASED}')
    where exists (
        select from fires
        where entry = any(:entries) and finished_at is null and state = '{FireState.BUFFERED}'
    )
""")  # noqa: S608 - our own constants


def tell_of_ended(session: Session, entries: Sequence[str]) -> None:
    """Notify whoever leads, where a fire of one of `entries`, of which one has ended, is buffered."""
    if entries:
        session.execute(_TELL, {"entries": list(entries)})
