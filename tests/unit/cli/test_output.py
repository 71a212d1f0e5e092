import json
from datetime import UTC, datetime, timedelta

import pytest

from src.cli import output

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=59), "59 s"),
        (timedelta(seconds=61), "1 min 1 s"),
        (timedelta(hours=2, minutes=5), "2 h 5 min"),
        (timedelta(days=3, hours=1), "3 d 1 h"),
        (-timedelta(seconds=5), "0 s"),
    ],
)
def test_age_has_two_units(ago: timedelta, text: str) -> None:
    assert output.age(NOW - ago, NOW) == text


def test_megabytes_are_decimal() -> None:
    assert output.megabytes(82_400_000) == "82 MB"
    assert output.megabytes(None) == ""


def test_rows_are_json_or_a_table_that_does_not_read_brackets_as_markup(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"entry": "[bold]x[/]", "due": NOW, "took": timedelta(seconds=1.5)}]
    output.show(rows, as_json=True)
    assert json.loads(capsys.readouterr().out) == [
        {"entry": "[bold]x[/]", "due": "2026-03-01T12:00:00+00:00", "took": 1.5}
    ]
    output.console.cache_clear()
    output.show(rows, as_json=False, columns=["entry", "due"])
    output.console.cache_clear()
    shown = capsys.readouterr().out
    assert "[bold]x[/]" in shown
    assert "2026-03-01 12:00:00" in shown
