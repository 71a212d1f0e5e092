"""Values as COPY reads them."""

from datetime import UTC, datetime

import pytest

from src.database import copying
from src.database.copying import copy_lines


def test_every_kind_of_value_has_its_text() -> None:
    row = (1, 1.5, None, True, False, "1x2", (1.9, 2.0), datetime(2026, 3, 1, tzinfo=UTC))
    assert [*copy_lines([row])] == ["1\t1.5\t\\N\tt\tf\t1x2\t{1.9,2.0}\t2026-03-01T00:00:00+00:00\n"]


def test_what_would_end_a_cell_or_a_row_is_escaped() -> None:
    assert [*copy_lines([("a\tb\nc\\d\r\\N",)])] == ["a\\tb\\nc\\\\d\\r\\\\N\n"]


def test_more_texts_than_are_kept_are_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copying, "_MOST_TEXTS", 3)
    rows = [(f"club {number % 7}",) for number in range(50)]
    assert [*copy_lines(rows)] == [f"{name}\n" for (name,) in rows]
