"""COPY into a real Postgres, its lines made while it reads."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from src.database.connection import Database
from src.database.copying import copy_in, copy_rows

pytestmark = pytest.mark.integration

_TABLE = text("create temporary table numbers (number bigint, name text) on commit drop")


@pytest.mark.parametrize("rows", [0, 1, 99, 100, 101, 1000])
def test_all_rows_arrive_in_their_order(database: Database, rows: int) -> None:
    told = [(number, "club\t" * 20) for number in range(rows)]
    with database.session() as session:
        session.execute(_TABLE)
        copy_rows(session, "numbers", ("number", "name"), iter(told))
        assert [tuple(row) for row in session.execute(text("select * from numbers"))] == told


@pytest.mark.parametrize("whole", [0, 150])
def test_what_keeps_a_line_from_being_made_is_raised_as_it_is(database: Database, whole: int) -> None:
    def lines() -> Iterator[str]:
        yield from (f"{number}\n" for number in range(whole))
        raise ValueError("no such line")

    with database.session() as session:
        session.execute(_TABLE)
        with pytest.raises(ValueError, match="no such line"):
            copy_in(session, "numbers", ("number",), lines())
    with database.session() as session:
        assert session.scalar(text("select 1")) == 1
