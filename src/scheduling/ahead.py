"""Flow runs made a little before they are due, so that a warm worker stands ready when their time comes."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.domain.entry import Entry, FlowRunner, Runner
from src.domain.fire import Fire, FireId, FireState, fire_id
from src.domain.ports import Scheduled, Unsent
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.flow_carrier import FlowCarrier

log = get_logger(__name__)

#: A run is made so long before it is due; a worker then waits with it.
LEAD = timedelta(seconds=3)

#: At most so many runs are made in one round, so that what is due by now does not wait behind them.
_ROUND = 10

#: A claim comes milliseconds after the due time; a run without one so much later is not wanted any more.
_LATE = timedelta(seconds=10)

#: A due time that became one of these does not run now; a buffered one gets another run when its turn comes.
_NOT_NOW = {FireState.SKIPPED, FireState.BUFFERED, FireState.MISSED}

#: Entries by name, with their parameters and the revision that they were read at.
Entries = Callable[[Collection[str]], Mapping[str, tuple[Entry, int]]]

#: The states of those of the fires that have a row.
States = Callable[[Collection[FireId]], Mapping[FireId, FireState]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Coming:
    """A due time that comes: when its entry is to fire (jitter included), and the revision it was read at."""

    fire: FireId
    entry: str
    due_at: datetime
    when: datetime
    revision: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Made:
    """A flow run that waits for its due time."""

    coming: Coming
    run_id: str


class Ahead:
    """Makes flow runs for Celery workers before their due time, and unmakes those that will not be.

    Such a run cannot start too early or in vain: its worker begins the fire in the ledger, which has no row
    for it before a leader claims it. One thread, which waits for Prefect, calls it.
    """

    def __init__(self, client: PrefectClient, carrier: FlowCarrier, entries: Entries, states: States) -> None:
        self._client = client
        self._carrier = carrier
        self._entries = entries
        self._states = states
        self._made: dict[FireId, _Made] = {}

    @property
    def made(self) -> frozenset[str]:
        """The flow runs that wait for their due times."""
        return frozenset(made.run_id for made in self._made.values())

    def round(self, coming: Collection[Coming], at: datetime) -> None:
        """Bring the runs that wait to what is `coming` at `at`; raise Transient where Prefect is away."""
        wanted = {one.fire: one for one in coming}
        self._settle(wanted, at)
        new = [one for one in wanted.values() if one.fire not in self._made and one.when > at]
        if not new:
            return
        entries = self._entries([one.entry for one in new])
        for one in sorted(new, key=lambda one: one.when)[:_ROUND]:
            entry, revision = entries.get(one.entry, (None, None))
            if entry is None or revision != one.revision:
                continue
            try:
                self._make(one, entry)
            except Misconfigured as error:
                # Its fire will say so once it is due; the others are made.
                log.info("flow_run_not_made_ahead", entry=entry.name, reason=str(error))

    def _make(self, one: Coming, entry: Entry) -> None:
        fire = Fire(id=one.fire, entry=entry.name, due_at=one.due_at, parameters=entry.parameters)
        item = Unsent(fire=fire, entry=entry, since=one.due_at)
        run = self._carrier.create(item)
        self._made[one.fire] = _Made(coming=one, run_id=run.id)
        self._carrier.stand_by(item, run.id, one.when)

    def _settle(self, wanted: Mapping[FireId, Coming], at: datetime) -> None:
        """Forget what has been claimed, and unmake what was edited, paused or skipped meanwhile."""
        doubtful = {fire: made for fire, made in self._made.items() if wanted.get(fire) != made.coming}
        if not doubtful:
            return
        states = self._states(doubtful)
        for fire, made in doubtful.items():
            state, due = states.get(fire), made.coming.when
            # Between its due time and its claim it is neither coming nor in the ledger.
            if state is None and due <= at <= due + _LATE:
                continue
            if state is None or state in _NOT_NOW:
                log.info("flow_run_withdrawn", entry=made.coming.entry, fire_id=str(fire))
                self._carrier.forget(fire)
                self._client.delete_flow_run(made.run_id)
            del self._made[fire]


def coming(items: Iterable[tuple[datetime, Scheduled]]) -> list[Coming]:
    """Return the due times among these for which a run can be made ahead."""
    return [
        Coming(
            fire=fire_id(item.entry.name, item.next_due),
            entry=item.entry.name,
            due_at=item.next_due,
            when=when,
            revision=item.revision,
        )
        for when, item in items
        if item.next_due is not None
        and item.entry.runner is Runner.PREFECT
        and item.entry.flow_runner is FlowRunner.CELERY
    ]
