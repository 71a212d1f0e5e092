"""Season files into a real Postgres: all of them, once, linked to what is there."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.database.market_view import closing_views, opening_views
from src.database.matches import ToldMatch, store_matches
from src.domain.match import MatchStatus, Score, Source, SourceCompetition, SourceMatch
from src.domain.team import SourceTeam
from src.pipeline import import_history as use_case
from src.pipeline.context import Context
from src.pipeline.import_history import ImportSummary, import_history
from tests.command_line import Run, commands
from tests.unit.collectors.football_data.made import NEW, OLD

pytestmark = pytest.mark.integration

TABLES = ("competitions", "teams", "matches", "match_links", "team_links", "team_stats", "bookmakers",
          "odds_latest", "odds_history", "odds_repeats", "quarantine", "raw_payloads")  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two seasons, in the shapes of an old and of a new file."""
    (tmp_path / "E0_034.csv").write_text(OLD)
    (tmp_path / "E0_2223.csv").write_text(NEW)
    return tmp_path


def rows(ctx: Context, query: str) -> list[tuple[Any, ...]]:
    with ctx.database.session() as session:
        return [tuple(row) for row in session.execute(text(query))]


def everything(ctx: Context) -> dict[str, list[str]]:
    """All rows but those times that only tell when somebody looked."""
    found = {table: rows(ctx, f"select to_jsonb(t) - 'last_seen_at' from {table} t") for table in TABLES}
    return {table: sorted(str(row) for row in told) for table, told in found.items()}


def test_matches_figures_and_all_odds_arrive(context: Context, folder: Path) -> None:
    told: list[tuple[int, int, str]] = []
    summary = import_history(context, folder, report=lambda n, of, file, _: told.append((n, of, file)))
    assert told == [(1, 2, "E0_2223.csv"), (2, 2, "E0_034.csv")]
    assert summary == ImportSummary(
        files=2, matches=4, figures=12, quotes=21, changed=summary.changed, quarantined=0
    )
    assert rows(context, "select count(*) from matches") == [(4,)]
    assert rows(context, "select source, source_id, watched from competitions") == [("fotmob", "47", True)]
    assert rows(
        context,
        "select phase, market, count(*) from odds_history group by 1, 2 order by 1, 2",
    ) == [("closing", "1x2", 4), ("closing", "ah", 2), ("closing", "ou", 2),
          ("opening", "1x2", 8), ("opening", "ah", 3), ("opening", "ou", 2)]  # fmt: skip
    late = "select 1 from odds_history h join matches m on m.id = h.match_id where observed_at >= kickoff_utc"
    assert rows(context, late) == []


def test_models_see_bookmakers_and_not_the_best_price_of_all(context: Context, folder: Path) -> None:
    import_history(context, folder)
    with context.database.session() as session:
        assert len(opening_views(session)) == 4
        assert len(closing_views(session)) == 2
    kinds = "select kind, count(*) from bookmakers group by 1 order by 1"
    assert rows(context, kinds) == [("aggregate", 1), ("bookmaker", 4)]


def test_a_second_run_has_nothing_to_do_and_reading_again_changes_nothing(
    context: Context, folder: Path, clock: FixedClock
) -> None:
    import_history(context, folder)
    before = everything(context)
    clock.advance(timedelta(days=2))
    assert import_history(context, folder) == ImportSummary(files=2, done_before=2)
    again = import_history(context, folder, again=True)
    assert (again.matches, again.changed) == (4, 0)
    assert everything(context) == before


def test_an_import_that_ended_in_the_middle_goes_on_there(
    context: Context, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended(Exception):
        pass

    def end(number: int, *_: object) -> None:
        raise Ended

    with pytest.raises(Ended):
        import_history(context, folder, report=end)
    summary = import_history(context, folder)
    assert (summary.done_before, summary.matches) == (1, 2)


def test_a_failure_inside_a_file_leaves_nothing_of_it(
    context: Context, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise Misconfigured("in the middle of the file")

    with monkeypatch.context() as broken:
        broken.setattr(use_case.checkpoints, "mark", away)
        with pytest.raises(Misconfigured):
            import_history(context, folder)
    assert rows(context, "select count(*) from matches") == [(0,)]
    assert rows(context, "select count(*) from odds_history") == [(0,)]
    assert import_history(context, folder).matches == 4


def test_a_wrong_file_and_a_wrong_row_are_quarantined_and_the_rest_is_kept(
    context: Context, folder: Path
) -> None:
    (folder / "page.csv").write_text("<html>Not found</html>")
    (folder / "E0_034.csv").write_text(OLD.replace("2,1,H", "2,x,H").replace("3.2,3.3", "0.2,3.3"))
    summary = import_history(context, folder)
    assert (summary.files, summary.failed, summary.matches, summary.quarantined) == (3, 1, 3, 3)
    reasons = rows(context, "select record_key, reason from quarantine order by 1")
    assert reasons[0] == (
        "E0_034.csv:2", "E0_034.csv, line 2, column FTAG: 'x' is not a whole number from 0 to 100"
    )  # fmt: skip
    assert reasons[1][1].startswith("E0_034.csv, line 3, column B365D: '0.2' is not ")
    assert reasons[2][1].startswith("page.csv, line 1: column Div is missing")


def test_an_unknown_bookmaker_and_division_are_kept_and_named(context: Context, folder: Path) -> None:
    (folder / "E0_034.csv").write_text(OLD.replace("GBAH", "QQAH").replace("E0,", "E3,"))
    summary = import_history(context, folder)
    assert summary.unmapped == ("bookmaker QQ", "division E3")
    assert rows(context, "select source, source_id, watched from competitions order by 1, 2") == [
        ("football-data", "E3", False), ("fotmob", "47", True)
    ]  # fmt: skip


def test_a_folder_without_files_is_refused(context: Context, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="holds no CSV file"):
        import_history(context, tmp_path)


def of_fotmob(number: int, kickoff: datetime, home: str, away: str) -> ToldMatch:
    match = SourceMatch(
        source=Source.FOTMOB,
        source_match_id=str(number),
        competition=SourceCompetition(source=Source.FOTMOB, source_id="47", name="Premier League"),
        season="2022-2023",
        kickoff_utc=kickoff,
        home=SourceTeam(name=home, source_id=f"id of {home}"),
        away=SourceTeam(name=away, source_id=f"id of {away}"),
        status=MatchStatus.FINISHED,
        score_90=Score(home=0, away=2),
        raw_sha256="0" * 64,
    )
    return ToldMatch(match=match, seen_at=kickoff + timedelta(days=1), watched=True)


def test_a_match_that_another_source_brought_gets_odds_and_figures_and_keeps_its_facts(
    context: Context, folder: Path
) -> None:
    brought = [
        of_fotmob(1, datetime(2022, 8, 5, 18, 45, tzinfo=UTC), "Aldham FC", "Brixworth"),
        # The old file has no time: this one kicked off in the evening.
        of_fotmob(2, datetime(2003, 8, 16, 19, tzinfo=UTC), "Aldham FC", "Brixworth"),
    ]
    with context.database.session() as session:
        store_matches(session, brought)
    facts = "select * from matches where id <= 2 order by id"
    before = rows(context, facts)
    summary = import_history(context, folder)
    assert summary.linked == 2
    assert rows(context, "select count(*) from matches") == [(4,)]
    assert rows(context, facts) == before
    assert rows(
        context,
        "select (select count(*) from team_stats where match_id = m.id),"
        " (select max(observed_at) from odds_history where match_id = m.id)"
        " from matches m where id <= 2 order by kickoff_utc",
    ) == [
        (4, datetime(2003, 8, 15, 14, tzinfo=UTC)),
        (2, datetime(2022, 8, 5, 18, 44, 59, tzinfo=UTC)),
    ]


def test_clubs_are_those_of_the_matches_that_were_linked(context: Context, folder: Path) -> None:
    both = NEW.replace("Corby,Deene", "Brixworth,Aldham")
    (folder / "E0_2223.csv").write_text(both)
    with context.database.session() as session:
        store_matches(
            session,
            [of_fotmob(1, datetime(2022, 8, 5, 19, tzinfo=UTC), "Aldham FC", "Brixworth Town"),
             of_fotmob(2, datetime(2023, 1, 7, 15, tzinfo=UTC), "Brixworth Town", "Aldham FC")],
        )  # fmt: skip
    assert import_history(context, folder).linked == 2
    assert rows(context, "select name from teams order by 1") == [
        ("Aldham FC",), ("Brixworth Town",), ("Corby",), ("Deene",)
    ]  # fmt: skip


@pytest.fixture
def run(
    database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    with commands("import", monkeypatch, capsys) as call:
        yield call


def test_the_command_tells_progress_and_ends_well(run: Run, folder: Path) -> None:
    code, shown, _ = run("history", str(folder))
    assert code == 0
    assert "1/2  E0_2223.csv" in shown
    assert "4 matches" in shown.splitlines()[-1]
    code, shown, _ = run("history", str(folder))
    assert (code, shown.count("done before")) == (0, 3)


def test_the_command_fails_where_a_file_is_no_season(run: Run, folder: Path) -> None:
    (folder / "page.csv").write_text("<html>Not found</html>")
    code, _, errors = run("history", str(folder), "--json")
    assert code == 1
    assert "1 files are no season files" in errors


def test_two_imports_of_one_file_under_two_names_store_it_once(context: Context, folder: Path) -> None:
    import_history(context, folder)
    before = rows(context, "select count(*) from odds_history")
    (folder / "copy.csv").write_text(NEW)
    import_history(replace(context), folder)
    assert rows(context, "select count(*) from odds_history") == before
