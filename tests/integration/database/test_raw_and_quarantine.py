"""Raw payloads and quarantined records on a real Postgres."""

import hashlib
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.database.quarantine import quarantine
from src.database.raw import load_payload, store_payloads
from src.database.retention import delete_payloads
from src.domain.match import Source
from src.domain.payload import Payload, Rejected
from tests.integration.database.matches import SEEN

pytestmark = pytest.mark.integration


def payload(body: bytes = b"{}", at: datetime = SEEN) -> Payload:
    return Payload(
        source=Source.FOTMOB, kind="day", url="http://127.0.0.1/day", status=200, headers={"ETag": "1"},
        body=body, sha256=hashlib.sha256(body).hexdigest(), fetched_at=at,
    )  # fmt: skip


def test_same_bytes_are_kept_once_and_renewed(database: Database) -> None:
    later = SEEN + timedelta(hours=1)
    for at in (SEEN, later, SEEN):
        with database.session() as session:
            store_payloads(session, [payload(at=at), payload(at=at)])
    with database.session() as session:
        row = session.execute(text("select fetched_at, last_seen_at from raw_payloads")).one()
        assert tuple(row) == (SEEN, later)
        assert load_payload(session, Source.FOTMOB, payload().sha256) == payload()
        assert load_payload(session, Source.FOTMOB, "unknown") is None


def test_quarantined_record_counts_its_sightings_and_keeps_its_payload(database: Database) -> None:
    broken, sound = payload(b"broken"), payload(b"sound")
    with database.session() as session:
        store_payloads(session, [broken, sound])
    for _ in range(2):
        with database.session() as session:
            quarantine(session, broken, [Rejected(key="7", reason="no team", record=b"\x00\xff")], SEEN)
    with database.session() as session:
        row = session.execute(text("select record_key, reason, record, seen from quarantine")).one()
        assert (row.record_key, row.reason, bytes(row.record), row.seen) == ("7", "no team", b"\x00\xff", 2)
        assert delete_payloads(session, SEEN + timedelta(days=1)) == 1
        assert load_payload(session, Source.FOTMOB, broken.sha256) == broken
