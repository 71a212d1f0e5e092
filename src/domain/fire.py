"""Fires: one row of the ledger for each (entry, due time)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID, uuid5

FireId = NewType("FireId", UUID)

_NAMESPACE = UUID("7a3a6f0e-5a5e-4f0b-9a43-6d6174636862")


class FireState(StrEnum):
    """Where a fire stands; the states of `OPEN` may still change."""

    CLAIMED = "claimed"
    SENT = "sent"
    STARTED = "started"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    MISSED = "missed"
    LOST = "lost"


OPEN = (FireState.CLAIMED, FireState.SENT, FireState.STARTED)


def fire_id(entry: str, due_at: datetime) -> FireId:
    """Return the id of the fire of `entry` at `due_at`: the same pair has the same id on every machine.

    It is the Celery task id and Prefect's idempotency key.
    """
    return FireId(uuid5(_NAMESPACE, f"{entry}@{due_at.isoformat()}"))


@dataclass(frozen=True, kw_only=True)
class Fire:
    """A claimed due time, ready to be sent."""

    id: FireId
    entry: str
    due_at: datetime
    parameters: dict[str, Any]
    by_hand: bool = False
