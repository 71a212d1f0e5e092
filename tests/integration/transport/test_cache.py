"""Nothing is fetched twice: the raw payloads as the transport's cache, on a real Postgres."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from src.collectors.transport import Expect, Transport
from src.core.metrics import REQUESTS
from src.database.connection import Database
from src.database.quarantine import quarantine
from src.database.raw import RawCache, store_payloads
from src.domain.match import Source
from src.domain.payload import WHOLE_PAYLOAD, Payload, Rejected
from tests.integration.transport.server import Answer, ScriptedServer
from tests.stopwatch import Stopwatch

pytestmark = pytest.mark.integration

Fetch = Callable[[str], Payload]


@pytest.fixture
def fetch(database: Database, source: ScriptedServer, watch: Stopwatch) -> Fetch:
    """Fetches and keeps raw, as a run does; every time with a new transport, as by another process."""

    def fetch_(url: str, longest: timedelta = timedelta(hours=1)) -> Payload:
        with Transport(
            Source.FOTMOB, base_urls=(source.url,), clock=watch, user_agent="t", cache=RawCache(database),
            longest_fresh=longest, sleep=watch.sleep,
        ) as transport:  # fmt: skip
            payload = transport.get(url, kind="day", expect=Expect.JSON)
        with database.session() as session:
            store_payloads(session, [payload])
        return payload

    return fetch_


def tagged(body: bytes, tag: str = '"one"', **headers: str) -> Answer:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(body=body, headers={"ETag": tag, **told})


def rows(database: Database) -> int:
    with database.session() as session:
        return int(session.execute(text("select count(*) from raw_payloads")).scalar_one())


def test_unchanged_payload_is_told_by_304_and_read_from_the_raw_store(
    database: Database, source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    url = source.on("/a", tagged(b"[1]", Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT"), Answer(304))
    first = fetch(url)
    watch.at += 60
    second = fetch(url)
    assert (first.from_cache, second.from_cache) == (False, True)
    assert (second.body, second.sha256, second.status) == (b"[1]", first.sha256, 200)
    assert second.fetched_at == first.fetched_at + timedelta(seconds=60)
    asked = source.asked[1].headers
    assert asked["If-None-Match"] == '"one"'
    assert asked["If-Modified-Since"] == "Thu, 01 Jan 2026 00:00:00 GMT"
    assert rows(database) == 1


def test_changed_payload_is_fetched_and_is_the_newest_from_then_on(
    database: Database, source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    url = source.on("/a", tagged(b"[1]"), tagged(b"[2]", '"two"'), Answer(304))
    bodies = []
    for _ in range(3):
        bodies.append(fetch(url).body)
        watch.at += 60
    assert bodies == [b"[1]", b"[2]", b"[2]"]
    assert source.asked[2].headers["If-None-Match"] == '"two"'
    assert rows(database) == 2


def test_same_bytes_under_a_new_tag_are_asked_for_by_the_new_tag(
    source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    url = source.on("/a", tagged(b"[1]"), tagged(b"[1]", '"two"'), Answer(304))
    for _ in range(3):
        fetch(url)
        watch.at += 60
    assert source.asked[2].headers["If-None-Match"] == '"two"'


def test_payload_within_its_age_is_not_asked_for(
    source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    before = REQUESTS.labels(Source.FOTMOB, "from_cache")._value.get()
    url = source.on("/a", tagged(b"[1]", Cache_Control="public, max-age=120", Age="20"), Answer(304))
    first = fetch(url)
    watch.at += 99
    again = fetch(url)
    assert (again.from_cache, again.fetched_at, again.body) == (True, first.fetched_at, b"[1]")
    assert source.paths == ["/a"]
    assert REQUESTS.labels(Source.FOTMOB, "from_cache")._value.get() - before == 1
    watch.at += 1
    assert fetch(url).from_cache
    assert source.paths == ["/a", "/a"]


def test_a_304_may_say_that_the_payload_holds_for_longer(
    source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    url = source.on("/a", tagged(b"[1]"), Answer(304, headers={"Cache-Control": "max-age=600"}))
    for _ in range(4):
        fetch(url)
        watch.at += 60
    assert source.paths == ["/a", "/a"]


def test_no_word_of_a_source_holds_for_longer_than_we_allow(
    source: ScriptedServer, watch: Stopwatch, fetch: Callable[[str, timedelta], Payload]
) -> None:
    url = source.on("/a", tagged(b"[1]", Cache_Control="max-age=31536000"))
    for _ in range(3):
        fetch(url, timedelta(seconds=100))
        watch.at += 60
    assert source.paths == ["/a", "/a"]


@pytest.mark.parametrize("control", ["no-store, max-age=600", "no-cache", "max-age=0"])
def test_source_that_wants_to_be_asked_is(source: ScriptedServer, fetch: Fetch, control: str) -> None:
    url = source.on("/a", Answer(body=b"[1]", headers={"Cache-Control": control}))
    assert [fetch(url).from_cache for _ in range(2)] == [False, False]


def test_payload_that_could_not_be_read_is_fetched_anew(
    database: Database, source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    url = source.on("/a", tagged(b"[1]", Cache_Control="max-age=600"), tagged(b"[1,2]"))
    broken = fetch(url)
    with database.session() as session:
        whole = [Rejected(key=WHOLE_PAYLOAD, reason="half of it is missing", record=broken.body)]
        quarantine(session, broken, whole, watch.now())
    assert fetch(url).body == b"[1,2]"
    assert "If-None-Match" not in source.asked[1].headers


def test_payload_with_one_bad_record_still_holds(
    database: Database, source: ScriptedServer, watch: Stopwatch, fetch: Fetch
) -> None:
    url = source.on("/a", tagged(b"[1]", Cache_Control="max-age=600"))
    payload = fetch(url)
    with database.session() as session:
        quarantine(session, payload, [Rejected(key="7", reason="no team", record=b"1")], watch.now())
    assert fetch(url).from_cache


def test_payload_that_looks_cut_short_is_tried_again(source: ScriptedServer, fetch: Fetch) -> None:
    url = source.on("/a", tagged(b'{"a": [1', Cache_Control="max-age=600"), tagged(b'{"a": [1]}'))
    assert fetch(url).body == b'{"a": [1]}'
    assert source.paths == ["/a", "/a"]


def test_payload_that_stays_cut_short_is_given_as_it_is_and_fetched_anew_whatever_its_tag(
    source: ScriptedServer, fetch: Fetch
) -> None:
    short = tagged(b'{"a": [1', Cache_Control="max-age=600")
    url = source.on("/a", *[short] * 4, tagged(b'{"a": [1]}'))
    assert fetch(url).body == b'{"a": [1'
    assert len(source.asked) == 4
    assert fetch(url).body == b'{"a": [1]}'
    assert "If-None-Match" not in source.asked[4].headers


def test_payload_that_was_cleaned_away_meanwhile_is_fetched_whole(
    database: Database, source: ScriptedServer, watch: Stopwatch
) -> None:
    url = source.on("/a", tagged(b"[1]"), Answer(304), tagged(b"[1]"))

    class Forgetful(RawCache):
        """Loses the bytes between the question and the answer, as cleaning might."""

        def load(self, kept: object) -> None:
            return None

    with Transport(
        Source.FOTMOB, base_urls=(source.url,), clock=watch, user_agent="t", cache=Forgetful(database)
    ) as transport:
        with database.session() as session:
            store_payloads(session, [transport.get(url, kind="day", expect=Expect.JSON)])
        payload = transport.get(url, kind="day", expect=Expect.JSON)
    assert (payload.body, payload.from_cache) == (b"[1]", False)
    assert [("If-None-Match" in one.headers) for one in source.asked] == [False, True, False]


def test_304_that_nobody_asked_for_is_no_payload(source: ScriptedServer, fetch: Fetch) -> None:
    from src.core.errors import SourceChanged

    with pytest.raises(SourceChanged, match="304"):
        fetch(source.on("/a", Answer(304)))
