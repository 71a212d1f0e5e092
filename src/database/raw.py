"""Raw payloads: kept as they arrived, before anything is read of them."""

import zlib
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.tables.sources import RawPayloadRow
from src.domain.fire import FireId
from src.domain.match import Source
from src.domain.payload import Payload

#: A fast level: the bodies are text and shrink about sixfold at any level.
_LEVEL = 3


def store_payloads(session: Session, payloads: Sequence[Payload], fire: FireId | None = None) -> None:
    """Keep each payload once for each (source, address, bytes); seen again, only `last_seen_at` moves."""
    unique = {(p.source, p.url, p.sha256): p for p in sorted(payloads, key=lambda p: p.fetched_at)}
    if not unique:
        return
    # In one order everywhere: two runs that meet the same payloads would else wait for each other.
    statement = insert(RawPayloadRow).values([_row(unique[key], fire) for key in sorted(unique)])
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "url", "sha256"],
            set_={"last_seen_at": func.greatest(RawPayloadRow.last_seen_at, statement.excluded.last_seen_at)},
        )
    )


def _row(payload: Payload, fire: FireId | None) -> dict[str, object]:
    return {
        "source": payload.source,
        "kind": payload.kind,
        "url": payload.url,
        "status": payload.status,
        "headers": dict(payload.headers),
        "sha256": payload.sha256,
        "body": zlib.compress(payload.body, _LEVEL),
        "fetched_at": payload.fetched_at,
        "last_seen_at": payload.fetched_at,
        "fire_id": fire,
    }


def load_payload(session: Session, source: Source, sha256: str) -> Payload | None:
    """Return a kept payload by its hash, its body as it arrived; None where it is not kept."""
    row = session.scalars(
        select(RawPayloadRow).where(RawPayloadRow.source == source, RawPayloadRow.sha256 == sha256).limit(1)
    ).first()
    if row is None:
        return None
    return Payload(
        source=Source(row.source),
        kind=row.kind,
        url=row.url,
        status=row.status,
        headers={key: str(value) for key, value in row.headers.items()},
        body=zlib.decompress(row.body),
        sha256=row.sha256,
        fetched_at=row.fetched_at,
    )
