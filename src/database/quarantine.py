"""Records that could not be read, kept with their raw bytes until somebody retries or drops them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.tables.sources import QuarantineRow
from src.domain.fire import FireId
from src.domain.payload import Payload, Rejected

#: A rejected record is an excerpt of its payload, which is kept whole; more of it helps nobody.
_MOST_BYTES = 64_000


def quarantine(
    session: Session,
    payload: Payload,
    rejected: Iterable[Rejected],
    at: datetime,
    fire: FireId | None = None,
) -> None:
    """Write the rejected records of `payload`; the same record of the same bytes only counts one more."""
    rows = {
        _storable(item.key): {
            "source": payload.source,
            "kind": payload.kind,
            "record_key": _storable(item.key),
            "reason": _storable(item.reason),
            "record": item.record[:_MOST_BYTES],
            "raw_sha256": payload.sha256,
            "created_at": at,
            "fire_id": fire,
        }
        for item in rejected
    }
    if not rows:
        return
    statement = insert(QuarantineRow).values(list(rows.values()))
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "kind", "record_key", "raw_sha256"],
            set_={"seen": QuarantineRow.seen + 1, "reason": statement.excluded.reason},
        )
    )


def _storable(text: str) -> str:
    # A record may be here for the very characters that Postgres cannot hold.
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
