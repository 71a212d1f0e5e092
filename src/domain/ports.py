"""The ports of the scheduler: what the engine asks of a ledger and of the carriers of its fires."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from src.domain.entry import Entry, Runner
from src.domain.fire import Fire, FireId


@dataclass(frozen=True, kw_only=True)
class Due:
    """A due time to be claimed; `missed` is why it must not run any more, None where it is to run."""

    fire: Fire
    missed: str | None = None


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """An entry and its next due time; None where it has none."""

    entry: Entry
    next_due: datetime | None


@dataclass(frozen=True, kw_only=True)
class Step:
    """An entry's move from the due time `was` to the next one; None where there is none."""

    was: datetime
    next_due: datetime | None


@dataclass(frozen=True, kw_only=True)
class Claimed:
    """What a claim did: `new` rows written, and `stale` where an entry was edited since it was read."""

    new: int
    stale: bool


@dataclass(frozen=True, kw_only=True)
class Unsent:
    """A fire to be sent, with the entry that says how; `again` where it was sent and never begun."""

    fire: Fire
    entry: Entry
    again: bool = False


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A fire that its carrier has accepted; `flow_run_id` is Prefect's, where it is a flow run."""

    id: FireId
    flow_run_id: str | None = None


class Ledger(Protocol):
    """The durable record of every due time.

    Every write carries the epoch of the leadership it was decided under and raises `LeadershipLost` without
    any effect where a later leader has begun.
    """

    def declare(self, epoch: int, planned: Sequence[Scheduled], at: datetime) -> None:
        """Make the stored schedule what `planned` declares; an unchanged entry keeps its next due time."""
        ...

    def schedule(self) -> list[Scheduled]:
        """Return the enabled entries and when each is due next."""
        ...

    def disable(self, epoch: int, entry: str, fault: str) -> None:
        """Take an entry that is wrong out of the schedule until it is declared anew."""
        ...

    def claim(self, epoch: int, due: Sequence[Due], steps: Mapping[str, Step], at: datetime) -> Claimed:
        """Write the due times that are not in the ledger yet and move the entries on, in one transaction.

        An entry that has been paused or is not due at its step's `was` any more is left as it is.
        """
        ...

    def unsent(self, runner: Runner, limit: int, silent_since: datetime) -> list[Unsent]:
        """Return claimed fires that have not been sent, most urgent first.

        Celery fires that were sent before `silent_since` and never begun are among them: a broker that lost
        its memory has lost their messages. Prefect keeps its own; those are left alone.
        """
        ...

    def mark_sent(self, epoch: int, sent: Sequence[Sent], at: datetime) -> None:
        """Record that the carriers have accepted these fires."""
        ...

    def mark_missed(self, epoch: int, fire: FireId, reason: str, at: datetime) -> None:
        """Close a claimed fire that can no longer run."""
        ...


class Carrier(Protocol):
    """Takes a fire to where it runs.

    Sending the same fire again must not run it twice: its id is the Celery task id or Prefect's idempotency
    key. Raises Transient where the other side is away.
    """

    def send(self, fire: Fire, entry: Entry) -> Sent:
        """Hand over one fire."""
        ...
