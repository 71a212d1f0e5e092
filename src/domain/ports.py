"""The ports of the scheduler: what the engine asks of a ledger and of the carriers of its fires."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from src.domain.entry import Entry, Runner
from src.domain.fire import Fire, FireId, FireState


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheduled:
    """An entry of the schedule as it is stored; its parameters may be left out, a claim returns them.

    `next_due` is None where it has none. Each declaration or edit that changes the entry raises `revision`.
    `fired` counts its fires since it was declared, edited or resumed. While it is paused, `paused` says why,
    and its due times become skipped rows.
    """

    entry: Entry
    next_due: datetime | None
    revision: int = 1
    fired: int = 0
    paused: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Due:
    """A due time for the ledger; `reason` says why it is not claimed, where its state is another."""

    fire: Fire
    state: FireState = FireState.CLAIMED
    reason: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """An entry's move from the due time `was`, read at `revision`, to the next one; None where there is none.

    `fired` is how many fires the move adds to the entry's count.
    """

    was: datetime | None
    next_due: datetime | None
    revision: int = 1
    fired: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Claimed:
    """What a claim did.

    `lost` are the fires that were in the ledger already, `stale` the entries that were edited since they were
    read: nothing was written for those. `parameters` are in the rows that were written, by entry; an entry
    without any is left out.
    """

    lost: frozenset[FireId] = frozenset()
    stale: frozenset[str] = frozenset()
    parameters: Mapping[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    """How an entry stands in the ledger.

    `open` fires are claimed, sent or begun; `buffered` ones wait behind them, oldest first; `failures` counts
    the fires that failed in a row since the entry was last declared, edited or resumed.
    """

    open: tuple[FireId, ...] = ()
    buffered: tuple[FireId, ...] = ()
    failures: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Unsent:
    """A fire to be sent, with the entry that says how.

    `silent_since` where it was sent before then, and nobody had begun it as it was read. `attempts` is how
    often a worker has begun it. `since` is when its wait began: its due time, or when somebody asked for it
    by hand. `flow_run_id` is Prefect's, where it has a flow run already.
    """

    fire: Fire
    entry: Entry
    since: datetime
    silent_since: datetime | None = None
    attempts: int = 0
    flow_run_id: str | None = None

    @property
    def again(self) -> bool:
        """Whether it has been sent before, in vain."""
        return self.silent_since is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """A fire that its carrier has accepted; `flow_run_id` is Prefect's, where it is a flow run."""

    id: FireId
    flow_run_id: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Closed:
    """A fire that ends without having run, and why.

    `fault` is what would keep every fire of its entry from running, where it is such a thing.
    """

    id: FireId
    state: FireState
    reason: str
    fault: str | None = None


class Ledger(Protocol):
    """The durable record of every due time.

    Every write carries the epoch of the leadership it was decided under and raises `LeadershipLost` without
    any effect where a later leader has begun.
    """

    def declare(self, epoch: int, planned: Sequence[Scheduled], at: datetime) -> None:
        """Make the stored schedule what `planned` declares; an unchanged entry keeps its next due time."""
        ...

    def schedule(self, names: Collection[str] | None = None) -> list[Scheduled]:
        """Return the enabled and the paused entries, of `names` or all, and when each is due next."""
        ...

    def disable(self, epoch: int, entry: str, fault: str) -> None:
        """Take an entry that is wrong out of the schedule until it is declared anew."""
        ...

    def revive(self, epoch: int, deployments: Collection[str], at: datetime) -> list[str]:
        """Take the entries back into the schedule that waited for one of these deployments; name them."""
        ...

    def pause(self, epoch: int, entry: str, why: str, at: datetime) -> None:
        """Pause an entry in Beat's own name, as an operator would."""
        ...

    def standings(self, names: Collection[str]) -> Mapping[str, Standing]:
        """Return how each of these entries stands; one without fires may be left out."""
        ...

    def claim(
        self, epoch: int, due: Sequence[Due], steps: Mapping[str, Step], sent: Sequence[FireId], at: datetime
    ) -> Claimed:
        """Write the due times that are not in the ledger yet and move their entries on, in one transaction.

        Each due time needs the step of its entry. An entry that has been edited since its step's revision, or
        is not due at its `was` any more, is left as it is. `sent` are fires of an earlier claim that the
        carrier has taken meanwhile.
        """
        ...

    def move(self, epoch: int, steps: Mapping[str, Step], at: datetime) -> frozenset[str]:
        """Set the next due times of entries without a fire; return those edited since they were read."""
        ...

    def unsent(self, runner: Runner, limit: int, silent_since: datetime | None = None) -> list[Unsent]:
        """Return claimed fires that have not been sent, most urgent first.

        Fires that were sent through the broker before `silent_since`, the first time or for a retry, and not
        begun since are among them: a broker that lost its memory has lost their messages. What waits in a
        work pool is left alone: Prefect keeps it.
        """
        ...

    def unbegun(self, runner: Runner) -> int:
        """Return how many fires were sent through the broker, and not begun: each should have a message."""
        ...

    def mark_sent(self, epoch: int, sent: Sequence[Sent], at: datetime) -> None:
        """Record that the carriers have accepted these fires."""
        ...

    def close(self, epoch: int, closed: Sequence[Closed], at: datetime) -> None:
        """End fires that no worker has begun; one that was begun meanwhile is left alone."""
        ...

    def release(self, epoch: int, at: datetime) -> int:
        """Claim the oldest buffered fire of each entry that has no other open one; return how many."""
        ...


class Carrier(Protocol):
    """Takes fires to where they run.

    Sending the same fire again must not run it twice: its id is the Celery task id or Prefect's idempotency
    key. Raises Transient where the other side is away; what was taken before it went has `taken` called.
    """

    def send(self, fires: Sequence[Unsent], taken: Callable[[Sent], None]) -> list[Closed]:
        """Hand over fires in this order, telling `taken` of each; return those that are refused for good."""
        ...

    def cancel(self, fires: Sequence[FireId]) -> None:
        """Ask that these fires, sent earlier, end; they may have ended already."""
        ...

    def waiting(self) -> int | None:
        """Return how many messages wait for a worker; None where the broker cannot tell."""
        ...
