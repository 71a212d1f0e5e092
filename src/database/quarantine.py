"""Records that could not be read, kept with their raw bytes until they can be, or somebody drops them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from src.database.escaping import escaped
from src.database.tables.sources import QuarantineRow, RawPayloadRow
from src.domain.fire import FireId
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Payload, Rejected

#: What becomes of a quarantined record: it waits, or it could be read after all, or somebody gave it up.
OPEN, MENDED, DROPPED = "open", "mended", "dropped"
STATES = (OPEN, MENDED, DROPPED)

#: A rejected record is an excerpt of its payload, which is kept whole; more of it helps nobody.
_MOST_BYTES = 64_000


@dataclass(frozen=True, kw_only=True)
class Quarantined:
    """A quarantined record; `seen` counts how often it was rejected, `urls` are where its payload is from."""

    id: int
    source: Source
    kind: str
    record_key: str
    reason: str
    record: bytes
    raw_sha256: str
    seen: int
    created_at: datetime
    state: str
    ended_at: datetime | None
    who: str | None
    why: str | None
    urls: tuple[str, ...]


def quarantine(
    session: Session,
    payload: Payload,
    rejected: Iterable[Rejected],
    at: datetime,
    fire: FireId | None = None,
    *,
    seen_again: bool = True,
) -> None:
    """Write the rejected records of `payload`; the same record of the same bytes only counts one more.

    It counts once in a fire, and not where its payload was not fetched (`seen_again`). What was mended
    is open again, what was dropped stays so.
    """
    # A record may be here for the very characters that Postgres cannot hold.
    rows = {
        escaped(item.key): {
            "source": payload.source,
            "kind": payload.kind,
            "record_key": escaped(item.key),
            "reason": escaped(item.reason),
            "record": item.record[:_MOST_BYTES],
            "raw_sha256": payload.sha256,
            "created_at": at,
            "fire_id": fire,
        }
        for item in rejected
    }
    if not rows:
        return
    # In one order everywhere: two runs that meet the same records would else wait for each other.
    statement = insert(QuarantineRow).values([rows[key] for key in sorted(rows)])
    again = QuarantineRow.state == MENDED
    # A run that was killed reads once more what it had read.
    same_fire = QuarantineRow.fire_id == statement.excluded.fire_id
    session.execute(
        statement.on_conflict_do_update(
            index_elements=["source", "kind", "record_key", "raw_sha256"],
            set_={
                "seen": QuarantineRow.seen + case((same_fire, 0), else_=int(seen_again)),
                "fire_id": func.coalesce(statement.excluded.fire_id, QuarantineRow.fire_id),
                "reason": statement.excluded.reason,
                "state": case((again, OPEN), else_=QuarantineRow.state),
                "ended_at": case((again, None), else_=QuarantineRow.ended_at),
            },
        )
    )


def mend(
    session: Session, source: Source, kind: str, sha256: str, still: Collection[str], at: datetime
) -> int:
    """Close the open records of a payload that was read, but those `still` rejected; return how many."""
    closed = session.execute(
        update(QuarantineRow)
        .where(
            QuarantineRow.source == source,
            QuarantineRow.kind == kind,
            QuarantineRow.raw_sha256 == sha256,
            QuarantineRow.state == OPEN,
            QuarantineRow.record_key.not_in({escaped(key) for key in still}),
        )
        .values(state=MENDED, ended_at=at)
        .returning(QuarantineRow.id)
    )
    return len(closed.all())


_REPLACE = text("""
    update quarantine q set state = :mended, ended_at = :at
    where q.source = :source and q.record_key = :whole and q.state = :open
        and exists (select from raw_payloads r where r.source = q.source and r.sha256 = q.raw_sha256)
        -- One page may stand in place of many: each of its addresses has to have brought a readable one.
        and not exists (
            select from raw_payloads r where r.source = q.source and r.sha256 = q.raw_sha256 and not exists (
                select from raw_payloads n
                where n.source = r.source and n.url = r.url and n.last_seen_at > r.last_seen_at
                    and n.flaw is null and not exists (
                        select from quarantine w
                        where w.source = n.source and w.kind = n.kind and w.raw_sha256 = n.sha256
                            and w.record_key = :whole and w.state <> :mended)))
""")


def mend_replaced(session: Session, source: Source, at: datetime) -> int:
    """Close the open payloads of a source in whose place readable ones have come since; return how many."""
    told = {"source": source, "whole": WHOLE_PAYLOAD, "open": OPEN, "mended": MENDED, "at": at}
    return int(session.execute(_REPLACE, told).rowcount)  # type: ignore[attr-defined]


def drop(session: Session, ids: Collection[int], at: datetime, who: str, why: str) -> int:
    """Close open records on a person's word; return how many."""
    closed = session.execute(
        update(QuarantineRow)
        .where(QuarantineRow.id.in_(ids), QuarantineRow.state == OPEN)
        .values(state=DROPPED, ended_at=at, who=who, why=why)
        .returning(QuarantineRow.id)
    )
    return len(closed.all())


def quarantined(
    session: Session,
    *,
    ids: Collection[int] | None = None,
    source: Source | None = None,
    kind: str | None = None,
    state: str | None = OPEN,
    limit: int | None = None,
) -> list[Quarantined]:
    """Return quarantined records, newest first; None leaves a field open."""
    wanted = select(QuarantineRow).order_by(QuarantineRow.created_at.desc(), QuarantineRow.id.desc())
    for column, value in (
        (QuarantineRow.source, source),
        (QuarantineRow.kind, kind),
        (QuarantineRow.state, state),
    ):
        if value is not None:
            wanted = wanted.where(column == value)
    if ids is not None:
        wanted = wanted.where(QuarantineRow.id.in_(ids))
    rows = session.scalars(wanted.limit(limit)).all()
    urls = _urls(session, rows)
    return [_told(row, urls.get((row.source, row.raw_sha256), ())) for row in rows]


def _urls(session: Session, rows: Sequence[QuarantineRow]) -> dict[tuple[str, str], tuple[str, ...]]:
    found = session.execute(
        select(RawPayloadRow.source, RawPayloadRow.sha256, RawPayloadRow.url)
        .where(RawPayloadRow.sha256.in_({row.raw_sha256 for row in rows}))
        .order_by(RawPayloadRow.url)
    )
    urls: dict[tuple[str, str], tuple[str, ...]] = {}
    for source, sha256, url in found:
        urls[source, sha256] = (*urls.get((source, sha256), ()), url)
    return urls


def _told(row: QuarantineRow, urls: tuple[str, ...]) -> Quarantined:
    return Quarantined(
        id=row.id,
        source=Source(row.source),
        kind=row.kind,
        record_key=row.record_key,
        reason=row.reason,
        record=bytes(row.record),
        raw_sha256=row.raw_sha256,
        seen=row.seen,
        created_at=row.created_at,
        state=row.state,
        ended_at=row.ended_at,
        who=row.who,
        why=row.why,
        urls=urls,
    )
