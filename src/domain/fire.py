"""Fires: one row of the ledger for each (entry, due time)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID, uuid5

FireId = NewType("FireId", UUID)

_NAMESPACE = UUID("7a3a6f0e-5a5e-4f0b-9a43-6d6174636862")


class FireState(StrEnum):
    """Where a fire stands; the states of `OPEN` may still change.

    A fire is `claimed` when its row is written, `buffered` while it waits for an earlier one of its entry,
    `sent` when its carrier has it, `started` when a worker has begun it, `retried` while a failed attempt
    waits for the next one, `paused` while its flow run is suspended. It ends as `succeeded`, `failed`, `lost`
    (its worker vanished) or `revoked`; one that nobody began ends as `missed` (found or taken too late),
    `expired` (begun too late) or `skipped` (a pause or a policy kept it from running).
    """

    CLAIMED = "claimed"
    BUFFERED = "buffered"
    SENT = "sent"
    STARTED = "started"
    RETRIED = "retried"
    PAUSED = "paused"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    LOST = "lost"
    REVOKED = "revoked"
    MISSED = "missed"
    EXPIRED = "expired"
    SKIPPED = "skipped"


OPEN = (
    FireState.CLAIMED,
    FireState.BUFFERED,
    FireState.SENT,
    FireState.STARTED,
    FireState.RETRIED,
    FireState.PAUSED,
)

#: States of an open fire that nobody runs and nobody has paused.
UNBEGUN = (FireState.CLAIMED, FireState.BUFFERED, FireState.SENT, FireState.RETRIED)

#: States of a fire that never ran and never will by itself; a backfill may claim it again.
UNRUN = (FireState.MISSED, FireState.EXPIRED, FireState.SKIPPED)


def fire_id(entry: str, due_at: datetime) -> FireId:
    """Return the id of the fire of `entry` at `due_at`: the same pair has the same id on every machine.

    It is the Celery task id and Prefect's idempotency key.
    """
    return FireId(uuid5(_NAMESPACE, f"{entry}@{due_at.isoformat()}"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Fire:
    """A claimed due time, ready to be sent."""

    id: FireId
    entry: str
    due_at: datetime
    parameters: dict[str, Any]
    by_hand: bool = False
