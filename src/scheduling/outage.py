"""The signal that Prefect is away, which people see beside the fires that wait for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from src.database.connection import Database
from src.database.signals import open_signal, raise_signal, resolve_signal
from src.domain.ports import Closed
from src.domain.signal import Severity, Signal

_KIND, _SUBJECT = "prefect_unavailable", "prefect"

#: A restart takes less.
_PATIENCE = timedelta(seconds=20)


class Outage:
    """Raises the signal once Prefect has been away for a while, or a fire was missed for it; resolves it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._away_since: datetime | None = None
        self._missed = 0
        #: None: nobody has looked since this leadership began.
        self._raised: bool | None = None

    def away(self, reason: str, at: datetime) -> None:
        """Note that Prefect did not answer."""
        self._away_since = self._away_since or at
        if not self._raised and at - self._away_since >= _PATIENCE:
            self._raise(reason, at)

    def missed(self, fires: Sequence[Closed], at: datetime) -> None:
        """Note fires that ended unrun because Prefect was away."""
        self._missed += len(fires)
        self._raise(fires[-1].reason, at)

    def back(self, at: datetime) -> None:
        """Note that Prefect answers."""
        self._away_since, self._missed = None, 0
        if self._raised is not False:
            with self._database.session() as session:
                resolve_signal(session, _KIND, _SUBJECT, at)
            self._raised = False

    def _raise(self, reason: str, at: datetime) -> None:
        with self._database.session() as session:
            missed = self._missed
            if self._raised is None and (row := open_signal(session, _KIND, _SUBJECT)) is not None:
                # The leadership before this one has counted too.
                missed += int(row.details.get("missed", 0))
            raise_signal(session, _signal(missed, reason), at)
        self._missed, self._raised = missed, True


def _signal(missed: int, reason: str) -> Signal:
    what = f"{missed} fires were missed" if missed else "fires of flows wait"
    return Signal(
        kind=_KIND,
        subject=_SUBJECT,
        severity=Severity.CRITICAL if missed else Severity.WARNING,
        message=f"Prefect does not answer and {what}: {reason}"[:500],
        details={"missed": missed},
    )
