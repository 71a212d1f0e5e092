"""Raw payloads: kept as they arrived, before anything is read of them.

`src.database.raw_log` reads them again, fetch by fetch.
"""

import zlib
from collections.abc import Sequence

from sqlalchemy import case, exists, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.connection import Database
from src.database.quarantine import MENDED
from src.database.tables.sources import QuarantineRow, RawFetchRow, RawPayloadRow
from src.domain.fire import FireId
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Kept, Payload

#: A fast level: the bodies are text and shrink about sixfold at any level.
_LEVEL = 3


def store_payloads(session: Session, payloads: Sequence[Payload], fire: FireId | None = None) -> None:
    """Keep each payload once for each (source, address, bytes), and each time that it was fetched.

    Where it is seen again, its headers become the newest and `last_seen_at` moves.
    """
    in_time = sorted(payloads, key=lambda p: p.fetched_at)
    unique = {(p.source, p.url, p.sha256): p for p in in_time}
    if not unique:
        return
    # In one order everywhere: two runs that meet the same payloads would else wait for each other.
    statement = insert(RawPayloadRow).values([_row(unique[key], fire) for key in sorted(unique)])
    seen_at, again_at = RawPayloadRow.last_seen_at, statement.excluded.last_seen_at
    kept = session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "url", "sha256"],
            # The newest headers say what the source now calls these bytes, and for how long they hold; the
            # flaw is as we judged last.
            set_={
                "headers": case(
                    (again_at >= seen_at, statement.excluded.headers), else_=RawPayloadRow.headers
                ),
                "flaw": case((again_at >= seen_at, statement.excluded.flaw), else_=RawPayloadRow.flaw),
                "last_seen_at": func.greatest(seen_at, again_at),
            },
        ).returning(RawPayloadRow.id, RawPayloadRow.source, RawPayloadRow.url, RawPayloadRow.sha256)
    )
    numbers = {(row.source, row.url, row.sha256): row.id for row in kept}
    fetches = {(numbers[p.source, p.url, p.sha256], p.fetched_at) for p in in_time}
    session.execute(
        insert(RawFetchRow)
        .values([{"raw_id": raw_id, "fetched_at": at, "fire_id": fire} for raw_id, at in sorted(fetches)])
        .on_conflict_do_nothing()
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
        "flaw": payload.flaw,
    }


def load_payload(session: Session, source: Source, sha256: str) -> Payload | None:
    """Return a kept payload by its hash, its body as it arrived; None where it is not kept."""
    row = session.scalars(
        select(RawPayloadRow).where(RawPayloadRow.source == source, RawPayloadRow.sha256 == sha256).limit(1)
    ).first()
    return payload_of(row) if row else None


class RawCache:
    """The raw payloads as a cache: what was kept before it was parsed need not be fetched again.

    A payload that could not be read at all is none of it: it may be broken, and is fetched anew. Raises
    Transient where Postgres is away.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, source: Source, url: str) -> Kept | None:
        """Return what is known of the newest payload of an address."""
        unreadable = exists().where(
            QuarantineRow.source == RawPayloadRow.source,
            QuarantineRow.kind == RawPayloadRow.kind,
            QuarantineRow.record_key == WHOLE_PAYLOAD,
            QuarantineRow.raw_sha256 == RawPayloadRow.sha256,
            QuarantineRow.state != MENDED,
        )
        newest = (
            select(RawPayloadRow.sha256, RawPayloadRow.headers, RawPayloadRow.last_seen_at, unreadable)
            .where(RawPayloadRow.source == source, RawPayloadRow.url == url, RawPayloadRow.status == 200)
            .order_by(RawPayloadRow.last_seen_at.desc(), RawPayloadRow.id.desc())
            .limit(1)
        )
        with self._database.session() as session:
            row = session.execute(newest).first()
        if row is None or row[3]:
            return None
        headers = {key: str(value) for key, value in row.headers.items()}
        return Kept(source=source, url=url, sha256=row.sha256, headers=headers, seen_at=row.last_seen_at)

    def load(self, kept: Kept) -> Payload | None:
        """Return the payload itself, None where it has been cleaned away meanwhile."""
        wanted = select(RawPayloadRow).where(
            RawPayloadRow.source == kept.source,
            RawPayloadRow.url == kept.url,
            RawPayloadRow.sha256 == kept.sha256,
        )
        with self._database.session() as session:
            row = session.scalars(wanted).first()
            return payload_of(row) if row else None


def payload_of(row: RawPayloadRow) -> Payload:
    """Return a kept payload as it arrived the first time."""
    return Payload(
        source=Source(row.source),
        kind=row.kind,
        url=row.url,
        status=row.status,
        headers={key: str(value) for key, value in row.headers.items()},
        body=zlib.decompress(row.body),
        sha256=row.sha256,
        fetched_at=row.fetched_at,
        flaw=row.flaw,
    )
