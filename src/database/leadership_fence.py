"""The fence before a leader's write."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from src.database.leadership import LeadershipLost
from src.database.tables.schedule import LeadershipRow


def fence(session: Session, epoch: int) -> None:
    """Hold the leadership row while the transaction lasts: a new leader's epoch waits for us, or stops us.

    Raises LeadershipLost where `epoch` is not the ledger's any more.
    """
    found = session.scalar(
        select(LeadershipRow.epoch).where(LeadershipRow.id == 1).with_for_update(read=True)
    )
    if found != epoch:
        raise LeadershipLost(f"epoch {epoch} is over: the ledger is at {found}")
