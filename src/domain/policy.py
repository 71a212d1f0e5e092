"""Policies of a schedule entry: what happens when fires meet, come late or fail."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Overlap(StrEnum):
    """What a due time does while an earlier fire of its entry is still open; the meanings are Temporal's.

    `allow` runs beside it, `skip` does not run, `buffer_one` waits for it if nobody else does, `buffer_all`
    waits in line up to the policy's `buffer_limit`, `cancel_other` ends it and runs when it has ended.
    """

    ALLOW = "allow"
    SKIP = "skip"
    BUFFER_ONE = "buffer_one"
    BUFFER_ALL = "buffer_all"
    CANCEL_OTHER = "cancel_other"


class CatchUp(StrEnum):
    """Which of the due times that passed while nobody led, and are still inside the window, run."""

    NONE = "none"
    LATEST = "latest"
    ALL = "all"


@dataclass(frozen=True, kw_only=True, slots=True)
class Policy:
    """How the due times of an entry are treated.

    `catch_up_window`: a due time older than this when it is found, or when its carrier takes it, is missed.
    `catch_up_limit` caps `CatchUp.ALL`, `buffer_limit` caps `Overlap.BUFFER_ALL`.
    `pause_after` failures in a row the entry is paused. `jitter` delays each due time by a part of it that is
    always the same for that due time. Nothing is due before `start` or after `end` (aware); after `max_fires`
    fires the entry is done. A fire that no worker has begun `expires` after its due time ends as expired.
    A fire whose worker crashed or vanished is run again up to `retries` times; what fails by itself is not.
    """

    overlap: Overlap = Overlap.ALLOW
    buffer_limit: int = 10
    catch_up: CatchUp = CatchUp.ALL
    catch_up_window: timedelta = timedelta(hours=1)
    catch_up_limit: int = 1_000
    pause_after: int | None = None
    jitter: timedelta = timedelta(0)
    start: datetime | None = None
    end: datetime | None = None
    max_fires: int | None = None
    expires: timedelta | None = None
    retries: int = 0
