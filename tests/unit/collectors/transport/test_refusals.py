from datetime import UTC, datetime

import pytest

from src.collectors.transport.refusals import Again, Refused, check_status, retry_after_s
from src.core.errors import SourceChanged

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7), (" 7 ", 7), ("Sun, 01 Mar 2026 12:00:30 GMT", 30), ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("Sun, 01 Mar 2026 12:00:30", 30), ("soon", None), ("-7", None), ("\u00b2", None), ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_s(header, NOW) == seconds


def test_a_status_says_whether_to_ask_again() -> None:
    check_status(200, {}, "it", NOW)
    with pytest.raises(Again) as limited:
        check_status(429, {"Retry-After": "9"}, "it", NOW)
    assert (limited.value.after_s, limited.value.limited) == (9, True)
    with pytest.raises(Again) as failed:
        check_status(500, {"Retry-After": "9"}, "it", NOW)
    assert (failed.value.after_s, failed.value.limited) == (None, False)
    with pytest.raises(Refused):
        check_status(403, {}, "it", NOW)
    for status in (204, 206, 304, 404, 410):
        with pytest.raises(SourceChanged, match=f"it answered {status}"):
            check_status(status, {}, "it", NOW)
