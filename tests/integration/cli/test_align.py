"""`matchbeat align review|confirm|reject|alias|audit` on a real Postgres."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from src.domain.match import Source
from src.pipeline.context import Context
from tests.command_line import Run, commands, data
from tests.conftest import NOW
from tests.integration.alignment.conftest import Stored, align, told
from tests.integration.alignment.conftest import stored as stored  # a fixture

pytestmark = pytest.mark.integration


@pytest.fixture
def run(
    context: Context,
    stored: Stored,
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Runs `matchbeat align …` where one fixture may be either of two matches."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    stored("1", "Aldham North", "Brixworth")
    stored("2", "Aldham South", "Brixworth")
    align(context, Source.FBREF, [told("a", "Aldham", "Brixworth")], NOW)
    with commands("align", monkeypatch, capsys) as run:
        yield run


def test_what_waits_is_listed_with_both_candidates_and_reasons(run: Run) -> None:
    code, output, _ = run("review")
    assert code == 0
    assert "Aldham North v Brixworth" in output
    assert "Aldham South v Brixworth" in output
    assert "another choice is only 0.00 worse" in output
    assert data(run, "review", "--source", "titan007") == []


def test_a_pair_is_confirmed_with_who_and_why_and_the_audit_tells_it(run: Run) -> None:
    first, _ = data(run, "review")
    done = data(run, "confirm", str(first["id"]), "--why", "same ground", "--who", "lena")
    assert (done["state"], done["decided_by"], done["why"]) == ("confirmed", "lena", "same ground")
    assert data(run, "review") == []
    [told_] = data(run, "audit")
    assert (told_["who"], told_["action"], told_["why"]) == ("lena", "confirm", "same ground")


def test_a_pair_and_a_wrong_link_are_rejected(run: Run) -> None:
    first, second = data(run, "review")
    assert data(run, "reject", str(first["id"]), "--why", "another town")["state"] == "rejected"
    data(run, "confirm", str(second["id"]), "--why", "the only one left")
    assert data(run, "reject", "--link", "fbref:a", "--why", "was wrong")["state"] == "rejected"
    assert len(data(run, "review", "--state", "rejected")) == 2


@pytest.mark.parametrize(
    ("args", "code", "message"),
    [
        (("confirm", "999", "--why", "x"), 2, "there is no review 999"),
        (("reject", "--why", "x"), 2, "give either a review's number or --link"),
        (("reject", "--link", "nowhere:1", "--why", "x"), 2, "is no SOURCE:ID"),
        (("alias", "drop", "nobody", "--why", "x"), 2, "is no alias"),
        (("alias", "add", "a", "b", "--country", "England", "--why", "x"), 2, "no code of three letters"),
    ],
)
def test_bad_input_is_refused_with_what_to_do(
    run: Run, args: tuple[str, ...], code: int, message: str
) -> None:
    got, _, errors = run(*args)
    assert got == code
    assert message in errors


def test_aliases_are_added_imported_listed_and_dropped(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "names.csv"
    file.write_text("country,zh,en\nENG,甲乙,Aldham North\nENG,丙,Brixworth\n", encoding="utf-8")
    assert "2 of 2 aliases" in run("alias", "import", str(file))[1]
    assert "0 of 2 aliases" in run("alias", "import", str(file))[1]
    assert (
        "Gunners is Arsenal" in run("alias", "add", "Gunners", "Arsenal", "--country", "eng", "--why", "x")[1]
    )
    assert {row["alias"] for row in data(run, "alias", "list")} == {"甲乙", "丙", "Gunners"}
    assert "丙 is no longer Brixworth" in run("alias", "drop", "丙", "--why", "two clubs")[1]
    assert [row["action"] for row in data(run, "audit")] == ["drop alias", "alias", "alias"]


def test_the_table_of_chinese_names_is_imported_once(run: Run, shared_data: Path) -> None:
    file = str(shared_data / "alignment" / "zh_en_team_aliases.csv")
    first, again = run("alias", "import", file)[1], run("alias", "import", file)[1]
    assert first.startswith("225 of 225 aliases")
    assert again.startswith("0 of 225 aliases")
    assert {row["club"] for row in data(run, "alias", "list") if row["alias"] == "曼联"} == {
        "Manchester United"
    }


def test_clubs_are_listed_and_merged_by_number_or_id(run: Run, stored: Stored) -> None:
    assert data(run, "clubs") == []
    code, _, errors = run("merge", "fotmob:h-Aldham North", "fotmob:h-Aldham South", "--why", "x")
    assert (code, "fotmob has an id for each of them" in errors) == (2, True)
