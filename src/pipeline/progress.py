"""How a use case pauses between two items of its work and later goes on with the next one.

Who runs the use case says when it shall pause (`PauseSwitch`); what is done is kept under the run's id in
Postgres (`Progress`), so that the run can go on in another process, on another machine, after a restart.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from threading import Lock
from uuid import UUID

from sqlalchemy.orm import Session

from src.core.errors import BadData, MatchbeatError
from src.database import checkpoints
from src.database.checkpoints import Arrival
from src.database.connection import Database
from src.domain.summary import SourceSummary


class PauseRequested(MatchbeatError):
    """The work stopped between two items because it was asked to; all that is done is kept.

    `summary` has the numbers of this attempt.
    """

    def __init__(self, message: str, summary: SourceSummary | None = None) -> None:
        super().__init__(message)
        self.summary = summary


def _never() -> bool:
    return False


class PauseSwitch:
    """Says when one attempt of a run shall pause; its threads share it.

    It does when `requested` answers yes, and when `after` items were begun and another one is wanted. Raises
    BadData where `after` is below 1.
    """

    def __init__(self, requested: Callable[[], bool] = _never, after: int | None = None) -> None:
        if after is not None and after < 1:
            raise BadData(f"pause_after is {after}: it must be at least 1 item, or left out to go through")
        self._requested, self._left, self._lock = requested, after, Lock()

    def take(self) -> bool:
        """Return whether one more item may be begun, and count it in where it may."""
        if self._requested():
            return False
        with self._lock:
            if self._left == 0:
                return False
            self._left = None if self._left is None else self._left - 1
            return True


class Progress:
    """Which items of one step of a run are done, and whether the next may be begun.

    `run` is the run's fire or flow run id; without one, progress is kept in memory and ends with this object.
    Not to be shared by threads that mark.
    """

    def __init__(
        self, database: Database, run: UUID | None, step: str, switch: PauseSwitch | None = None
    ) -> None:
        self.run, self.step, self._switch = run, step, switch or PauseSwitch()
        self._done: set[str] = set()
        self._arrived: dict[str, Arrival] = {}
        self._arrived_earlier: frozenset[str] = frozenset()
        #: What earlier attempts of the step came to: the numbers of a `SourceSummary`.
        self.numbers: dict[str, int] = {}
        if run is not None:
            with database.session() as session:
                self._done = checkpoints.done(session, run, step)
                self._arrived = checkpoints.arrived(session, run, step)
                self._arrived_earlier = frozenset(self._arrived)
                self.numbers = checkpoints.numbers(session, run, step)

    def is_done(self, item: str) -> bool:
        """Tell whether an item was done, in this attempt or an earlier one."""
        return item in self._done

    def arrival(self, item: str) -> Arrival | None:
        """Return what arrived for an item in this attempt or an earlier one."""
        return self._arrived.get(item)

    def arrived_earlier(self, item: str) -> bool:
        """Tell whether an item had arrived before this attempt."""
        return item in self._arrived_earlier

    def mark(self, session: Session, items: Iterable[str], at: datetime) -> None:
        """Mark items as done, in the transaction that stores what was made of them."""
        marked = set(items)
        if self.run is not None:
            checkpoints.mark(session, self.run, self.step, marked, at)
        self._done |= marked

    def mark_arrived(self, session: Session, payloads: Mapping[str, Arrival]) -> None:
        """Note what arrived for each item, in the transaction that keeps it raw."""
        if self.run is not None:
            checkpoints.mark_arrived(session, self.run, self.step, payloads)
        self._arrived = {**payloads, **self._arrived}

    def keep_numbers(self, session: Session, numbers: Mapping[str, int], at: datetime) -> None:
        """Write what the step has come to, for the attempts after this one."""
        if self.run is not None:
            checkpoints.keep_numbers(session, self.run, self.step, numbers, at)

    def take(self) -> bool:
        """Return whether the next item may be begun, and count it in where it may."""
        return self._switch.take()

    def pause_point(self) -> None:
        """Count the next item in; raise PauseRequested where the run shall pause before it."""
        if not self.take():
            raise PauseRequested(f"{self.step} pauses: {len(self._done)} items are done")
