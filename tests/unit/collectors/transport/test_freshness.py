from datetime import UTC, datetime, timedelta

import pytest

from src.collectors.transport.freshness import conditions, fresh_for, is_fresh
from src.domain.match import Source
from src.domain.payload import Kept

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def kept(**headers: str) -> Kept:
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Kept(source=Source.FOTMOB, url="http://x/a", sha256="0", headers=told, seen_at=AT)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"Cache-Control": "max-age=60"}, 60),
        ({"cache-control": "public, MAX-AGE = 60"}, 60),
        ({"Cache-Control": 'max-age="60"'}, 60),
        ({"Cache-Control": "s-maxage=60"}, 0),
        ({"Cache-Control": "max-age=60", "Age": "15"}, 45),
        ({"Cache-Control": "max-age=60", "Age": "90"}, 0),
        ({"Cache-Control": "max-age=60", "Age": "old"}, 60),
        ({"Cache-Control": "max-age=-5"}, 0),
        ({"Cache-Control": "max-age=99999999999999999999"}, 0),
        ({"Cache-Control": "no-cache, max-age=60"}, 0),
        ({"Cache-Control": "max-age=60, no-store"}, 0),
        ({"Expires": "Sun, 01 Mar 2026 12:01:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}, 60),
        ({"Expires": "0", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}, 0),
        ({"Expires": "Sun, 01 Mar 2026 12:01:00 GMT"}, 0),
        ({"Expires": "Sun, 01 Mar 2026 11:00:00 GMT", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}, 0),
    ],
)
def test_an_answer_holds_for_as_long_as_it_says(headers: dict[str, str], seconds: int) -> None:
    assert fresh_for(headers) == timedelta(seconds=seconds)


def test_what_is_kept_is_fresh_until_its_age_and_never_over_the_longest() -> None:
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    payload = kept(Cache_Control="max-age=600")
    assert is_fresh(payload, AT, hour)
    assert is_fresh(payload, AT + timedelta(seconds=599), hour)
    assert not is_fresh(payload, AT + timedelta(seconds=600), hour)
    assert not is_fresh(payload, AT + minute, minute)
    assert not is_fresh(payload, AT, timedelta(0))


def test_what_was_seen_in_the_future_is_not_fresh() -> None:
    assert not is_fresh(kept(Cache_Control="max-age=600"), AT - timedelta(seconds=1), timedelta(hours=1))


def test_a_payload_is_asked_for_by_what_it_came_with() -> None:
    assert conditions(kept(etag='W/"1"', Last_Modified="then")) == {
        "If-None-Match": 'W/"1"',
        "If-Modified-Since": "then",
    }
    assert conditions(kept(Date="now")) == {}
