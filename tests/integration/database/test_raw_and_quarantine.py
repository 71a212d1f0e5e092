"""Raw payloads and quarantined records on a real Postgres."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.database.quarantine import drop, mend, mend_replaced, quarantine, quarantined
from src.database.raw import load_payload, store_payloads
from src.database.raw_log import fetches, fetches_of, first_fetch, load_fetched
from src.database.retention import delete_payloads, delete_quarantine
from src.domain.match import Source
from src.domain.payload import CUT_SHORT, WHOLE_PAYLOAD, Payload, Rejected
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


def test_each_fetch_is_kept_and_told_as_of_its_time(database: Database) -> None:
    times = [SEEN + timedelta(hours=n) for n in range(3)]
    for at in (*times, times[0]):
        with database.session() as session:
            store_payloads(session, [payload(at=at)])
    with database.session() as session:
        found = fetches(session, Source.FOTMOB, SEEN, times[2])
        assert [fetch.fetched_at for fetch in found] == times[:2]
        assert [told.fetched_at for told in load_fetched(session, found)] == times[:2]
        assert fetches_of(session, Source.FOTMOB, [payload().sha256]) == fetches(
            session, Source.FOTMOB, SEEN, None
        )
        assert first_fetch(session, Source.FOTMOB, times[1]) == times[1]
        assert first_fetch(session, Source.FBREF, SEEN) is None


def test_a_payload_keeps_its_flaw_until_the_same_bytes_come_without(database: Database) -> None:
    for at, flaw in ((SEEN, CUT_SHORT), (SEEN + timedelta(hours=1), None)):
        with database.session() as session:
            store_payloads(session, [replace(payload(at=at), flaw=flaw)])
            kept = load_payload(session, Source.FOTMOB, payload().sha256)
        assert kept is not None
        assert kept.flaw == flaw


def test_old_times_of_a_payload_go_and_the_payload_stays(database: Database) -> None:
    times = [SEEN + timedelta(days=n) for n in range(4)]
    for at in times:
        with database.session() as session:
            store_payloads(session, [payload(at=at)])
    with database.session() as session:
        assert delete_payloads(session, times[2]) == 0
        assert [f.fetched_at for f in fetches(session, Source.FOTMOB, SEEN, None)] == times[2:]
        assert delete_payloads(session, times[3] + timedelta(hours=1)) == 1
        assert fetches(session, Source.FOTMOB, SEEN, None) == []


def test_a_page_in_place_of_many_is_mended_where_each_has_come(database: Database) -> None:
    def come(at: datetime, body: bytes, *urls: str, flaw: str | None = None) -> None:
        told = [replace(payload(body, at), url=url, flaw=flaw) for url in urls]
        with database.session() as session:
            store_payloads(session, told)
            if flaw:
                quarantine(session, told[0], [Rejected(key=WHOLE_PAYLOAD, reason=flaw, record=body)], at)

    def mended(hour: int) -> int:
        with database.session() as session:
            return mend_replaced(session, Source.FOTMOB, times[hour])

    times = [SEEN + timedelta(hours=n) for n in range(5)]
    come(times[0], b"{0}", "a")
    come(times[1], b"<404>", "a", "b", flaw="a page")
    assert mended(1) == 0
    come(times[2], b"{2}", "a")
    come(times[2], b"half", "b", flaw=CUT_SHORT)
    assert mended(2) == 0
    come(times[3], b"{3}", "b")
    assert mended(3) == 2
    come(times[4], b"<404>", "b", flaw="a page")
    assert mended(4) == 0
    with database.session() as session:
        assert [item.state for item in quarantined(session)] == ["open"]


def test_a_record_is_mended_reopened_and_dropped(database: Database) -> None:
    broken, records = payload(b"broken"), [Rejected(key=key, reason="?", record=b"") for key in "ab"]
    later = SEEN + timedelta(hours=1)

    def states() -> dict[str, str]:
        with database.session() as session:
            return {item.record_key: item.state for item in quarantined(session, state=None)}

    with database.session() as session:
        store_payloads(session, [broken])
        quarantine(session, broken, records, SEEN)
        assert mend(session, Source.FOTMOB, "day", broken.sha256, {"b"}, later) == 1
    assert states() == {"a": "mended", "b": "open"}
    with database.session() as session:
        quarantine(session, broken, records, later, seen_again=False)
        assert {item.seen for item in quarantined(session)} == {1}
    assert states() == {"a": "open", "b": "open"}
    with database.session() as session:
        ids = [item.id for item in quarantined(session)]
        assert drop(session, ids, later, "lena", "of no use") == 2
        # Dropped is dropped, however often it comes again.
        quarantine(session, broken, records, later)
    assert states() == {"a": "dropped", "b": "dropped"}
    with database.session() as session:
        assert delete_quarantine(session, later) == 0
        assert delete_quarantine(session, later + timedelta(days=1)) == 2
        assert delete_payloads(session, later + timedelta(days=1)) == 1
