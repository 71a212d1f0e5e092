"""The fetches of raw payloads, in order of time: what a replay goes through."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from src.database.raw import payload_of
from src.database.tables.sources import RawFetchRow, RawPayloadRow
from src.domain.match import Source
from src.domain.payload import Payload


@dataclass(frozen=True, kw_only=True, slots=True)
class Fetch:
    """One time that a payload was told, without its body; `fetched_at` is aware."""

    raw_id: int
    kind: str
    url: str
    sha256: str
    fetched_at: datetime


def first_fetch(session: Session, source: Source, since: datetime) -> datetime | None:
    """Return the time of the first fetch from `since` on, None where there is none."""
    return session.scalar(
        select(func.min(RawFetchRow.fetched_at))
        .join(RawPayloadRow, RawFetchRow.raw_id == RawPayloadRow.id)
        .where(RawPayloadRow.source == source, RawFetchRow.fetched_at >= since)
    )


def fetches(session: Session, source: Source, since: datetime, until: datetime | None) -> list[Fetch]:
    """Return what was fetched from `since` to before `until` (None: to the last), oldest first."""
    wanted = _fetches(source).where(RawFetchRow.fetched_at >= since)
    if until is not None:
        wanted = wanted.where(RawFetchRow.fetched_at < until)
    return [_fetch(row) for row in session.execute(wanted)]


def fetches_of(session: Session, source: Source, sha256s: Collection[str]) -> list[Fetch]:
    """Return the fetches of payloads with these bytes, oldest first."""
    wanted = _fetches(source).where(RawPayloadRow.sha256.in_(sha256s))
    return [_fetch(row) for row in session.execute(wanted)]


def load_fetched(session: Session, wanted: Sequence[Fetch]) -> list[Payload]:
    """Return the payloads of fetches, in their order, each as of its fetch.

    One that has been cleaned away meanwhile is left out.
    """
    rows = session.scalars(
        select(RawPayloadRow).where(RawPayloadRow.id.in_({fetch.raw_id for fetch in wanted}))
    )
    kept = {row.id: payload_of(row) for row in rows}
    return [
        replace(kept[fetch.raw_id], fetched_at=fetch.fetched_at, from_cache=True)
        for fetch in wanted
        if fetch.raw_id in kept
    ]


def _fetches(source: Source) -> Select[int, str, str, str, datetime]:
    return (
        select(
            RawPayloadRow.id, RawPayloadRow.kind, RawPayloadRow.url, RawPayloadRow.sha256,
            RawFetchRow.fetched_at,
        )
        .join(RawFetchRow, RawFetchRow.raw_id == RawPayloadRow.id)
        .where(RawPayloadRow.source == source)
        .order_by(RawFetchRow.fetched_at, RawPayloadRow.id)
    )  # fmt: skip


def _fetch(row: Row[int, str, str, str, datetime]) -> Fetch:
    raw_id, kind, url, sha256, fetched_at = row
    return Fetch(raw_id=raw_id, kind=kind, url=url, sha256=sha256, fetched_at=fetched_at)
