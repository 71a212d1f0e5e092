"""`matchbeat collect` and the guides' script, against the sandbox and a real Postgres."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from src.core.clock import FixedClock, SystemClock
from src.database import outcomes, schedule
from src.database.connection import Database
from src.database.signals import raise_signal
from src.domain.fire import Fire, FireState, fire_id
from src.domain.ports import Scheduled
from src.domain.signal import Severity, Signal
from src.scheduling.cadence import next_due
from src.scheduling.catalog import CATALOG
from tests.command_line import Run, commands
from tests.conftest import NOW
from tests.integration.cli.watched_sandbox import Watched, environment, watched_sandbox
from tests.ports import free_port
from tests.process_caches import forget

pytestmark = pytest.mark.integration

CHECKOUT = Path(__file__).resolve().parents[3]
NUMBERS = {"requested", "fetched", "from_cache", "failed", "unreadable", "parsed", "quarantined", "changed"}


@pytest.fixture
def sandbox(tmp_path: Path, clock: FixedClock) -> Iterator[Watched]:
    """A made world that stands at NOW, a Sunday noon."""
    with watched_sandbox(tmp_path, clock) as served:
        yield served


@pytest.fixture
def run(
    sandbox: Watched,
    database_url: str,
    clock: FixedClock,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Run]:
    """Runs `matchbeat collect …` at NOW and returns exit code, output and errors."""
    for name, value in environment(sandbox.url, database_url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("src.pipeline.context.SystemClock", lambda: clock)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with commands("collect", monkeypatch, capsys) as run:
        yield run
    root.handlers[:] = handlers
    root.setLevel(level)


def told(run: Run, *arguments: str) -> Any:
    """Run a command that must succeed and return its JSON."""
    code, out, err = run(*arguments, "--json")
    assert code == 0, err
    return json.loads(out)


def numbers(found: Any, source: str) -> dict[str, int]:
    summary = found["sources"][source]
    assert set(summary) > NUMBERS
    assert summary["requested"] == summary["fetched"] + summary["from_cache"] + summary["failed"]
    return {name: summary[name] for name in NUMBERS}


def query(database: Database, sql: str) -> list[tuple[Any, ...]]:
    with database.session() as session:
        return [tuple(row) for row in session.execute(text(sql))]


def test_a_regular_run_brings_all_markets_and_its_numbers_add_up(run: Run, database: Database) -> None:
    found = told(run, "odds", "--mode", "regular", "--days-ahead", "2", "--with-fixtures")
    assert found["windows"] == [{"since": NOW.isoformat(), "until": (NOW + timedelta(days=2)).isoformat()}]
    assert numbers(found, "fotmob-fixtures")["fetched"] == 3
    assert numbers(found, "titan007")["changed"] > 0
    phases = query(database, "select distinct market, phase from odds_history where phase = 'opening'")
    assert sorted(phases) == [("1x2", "opening"), ("ah", "opening"), ("ou", "opening")]
    again = told(run, "odds", "--mode", "regular", "--days-ahead", "2")
    assert numbers(again, "titan007")["changed"] == 0


def test_a_table_tells_the_same_and_progress_goes_to_standard_error(run: Run) -> None:
    code, out, err = run("odds", "--mode", "regular", "--with-fixtures", "--batch-size", "5")
    assert code == 0
    assert f"regular: kick-offs from {NOW:%Y-%m-%d %H:%M:%S} to " in out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.split()[1:]}
    assert all(name.replace("_", " ") in out for name in NUMBERS)
    parts = [[int(cell) for cell in rows[name][:8]] for name in ("fotmob-fixtures", "titan007", "together")]
    assert [sum(column) for column in zip(*parts[:2], strict=True)] == parts[2]
    assert "titan007: 15 payloads are done" in err


def test_hybrid_has_two_windows_and_cleans(run: Run) -> None:
    found = told(run, "odds", "--mode", "hybrid", "--live-hours-ahead", "3", "--cleanup-days", "2")
    assert len(found["windows"]) == 2
    assert "odds_history" in found["cleaned"]
    alone = told(run, "odds", "--mode", "hybrid", "--no-live")
    assert len(alone["windows"]) == 1
    assert "raw_payloads 0, odds_history 0" in run("odds", "--mode", "hybrid")[1]


def test_smart_runs_once_where_kickoffs_ask_for_it_and_says_when_it_is_due_next(run: Run) -> None:
    idle = told(run, "odds", "--mode", "smart")
    assert (idle["sources"], idle["smart"]["due_at"], idle["smart"]["next_due"]) == ({}, None, None)
    # Four matches kick off in an hour and one in two: every ten minutes.
    found = told(run, "odds", "--mode", "smart", "--with-fixtures")
    assert (found["smart"]["due_at"], numbers(found, "titan007")["changed"] > 0) == (NOW.isoformat(), True)
    code, out, _ = run("odds", "--mode", "smart")
    assert code == 0
    assert "not due: the run due at 12:00:00 was begun by an earlier call" in out
    assert "watched kick-offs: 4 within 60 min, 5 within 120 min; the next at 2026-03-01 13:00" in out
    assert "next due 2026-03-01 12:10:00 UTC" in out


def test_the_other_sources_are_collected_over_the_window_asked_for(run: Run, sandbox: Watched) -> None:
    days = ("--since", "2026-02-27", "--until", "2026-03-01")
    assert numbers(told(run, "fixtures", *days), "fotmob-fixtures")["requested"] == 3
    assert numbers(told(run, "details", *days), "fotmob-details")["changed"] > 0
    assert numbers(told(run, "schedules", "--season", "2025-2026"), "fbref")["changed"] > 0
    assert numbers(told(run, "leagues"), "fotmob-leagues")["changed"] > 0
    assert numbers(told(run, "reports", *days), "fbref-reports")["changed"] > 0
    assert numbers(told(run, "reports", *days), "fbref-reports")["requested"] == 0
    assert all("2025-2026" in path for path in sandbox.asked if "/schedule/" in path)
    assert numbers(told(run, "details", *days), "fotmob-details")["requested"] == 0


def test_changes_of_some_bookmakers_are_collected_by_hand(
    run: Run, sandbox: Watched, database: Database
) -> None:
    told(run, "odds", "--mode", "regular", "--with-fixtures")
    window = ("--since", "2026-03-01", "--until", "2026-03-02")
    of_one = told(run, "changes", *window, "--market", "ah", "--bookmaker", "47", "--bookmaker", "47")
    asked = numbers(of_one, "titan007-changes")
    pages = [path for path in sandbox.asked if "changeDetail" in path]
    assert (len(pages), asked["changed"] > 0) == (asked["requested"], True)
    assert all("handicap.aspx" in path and "companyID=47&" in path for path in pages)
    assert numbers(told(run, "changes", *window), "titan007-changes")["requested"] == 7 * asked["requested"]
    code, out, err = run("changes", *window, "--market", "1x2")
    assert (code, "titan007-changes" in out, "payloads are done" in err) == (0, True, True)
    in_play = "select 1 from odds_history join matches m on m.id = match_id where observed_at >= kickoff_utc"
    assert query(database, in_play) == []


def test_changes_of_an_unknown_bookmaker_or_market_are_refused(run: Run, sandbox: Watched) -> None:
    code, _, err = run("changes", "--bookmaker", "9999")
    assert (code, "number 9999" in err) == (2, True)
    assert run("changes", "--market", "corners")[0] == 2
    assert sandbox.asked == []


def test_an_empty_window_is_well_and_says_what_to_do(run: Run) -> None:
    code, out, err = run("odds", "--mode", "live")
    assert (code, err) == (0, "")
    assert "`matchbeat collect fixtures` brings the matches" in out


def test_a_window_that_ends_before_it_begins_is_refused(run: Run, sandbox: Watched) -> None:
    code, out, err = run("fixtures", "--since", "2026-03-20")
    assert (code, out, sandbox.asked) == (2, "", [])
    assert "--since 2026-03-20 is after --until 2026-03-11" in " ".join(err.replace("│", " ").split())


def test_a_source_that_is_away_ends_with_three_and_its_numbers(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    told(run, "fixtures")
    away = f"http://127.0.0.1:{free_port()}"
    for name in ("TITAN_EURO_URL", "TITAN_PAGES_URL", "TITAN_DAYS_URL"):
        monkeypatch.setenv(name, away)
    forget()
    code, out, err = run("odds", "--mode", "regular", "--json")
    assert code == 3
    assert numbers(json.loads(out), "titan007")["failed"] > 0
    assert "nothing was collected: titan007 failed" in err


def test_one_source_given_up_beside_another_ends_with_one(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    told(run, "fixtures")
    monkeypatch.setenv("FOTMOB_BASE_URL", f"http://127.0.0.1:{free_port()}")
    forget()
    code, out, err = run("odds", "--mode", "regular", "--with-fixtures", "--json")
    assert code == 1
    assert numbers(json.loads(out), "titan007")["changed"] > 0
    assert "error: fotmob-fixtures failed" in err
    assert "titan007 failed" not in err


def test_postgres_being_away_ends_with_three(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://nobody:none@127.0.0.1:{free_port()}/none")
    forget()
    assert run("odds", "--mode", "live")[0] == 3
    assert run("status")[0] == 3


def test_status_tells_what_is_due_and_what_the_last_runs_brought(run: Run, database: Database) -> None:
    empty = told(run, "status")
    assert [it["disabled"] for it in empty["entries"]] == ["no Beat has declared it yet"] * 3
    assert (empty["runs"], empty["leader"], empty["last_odds"]) == ([], None, None)
    found = told(run, "odds", "--mode", "regular", "--with-fixtures")
    ledger(database, {"sources": found["sources"]})
    state = told(run, "status", "--runs", "1")
    assert [it["entry"] for it in state["entries"]] == ["titan-regular", "titan-live", "titan-hybrid"]
    (past,) = state["runs"]
    assert past["sources"]["titan007"]["changed"] == numbers(found, "titan007")["changed"]
    assert state["signals"] == ["warning: another structure"]
    assert state["smart"]["due_at"] == NOW.isoformat()
    code, out, _ = run("status")
    assert code == 0
    assert "no Beat leads" in out
    assert "2026-03-02 08:00:00" in out
    assert str(numbers(found, "titan007")["changed"]) in out


def ledger(database: Database, result: dict[str, Any]) -> None:
    """Leave a declared schedule, a regular run with its result, and a signal."""
    asked = Fire(id=fire_id("titan-regular", NOW), entry="titan-regular", due_at=NOW, parameters={})
    with database.session() as session:
        planned = [Scheduled(entry=entry, next_due=next_due(entry.cadence, NOW)) for entry in CATALOG]
        schedule.declare(session, planned, NOW)
        outcomes.request(session, asked, NOW)
        outcomes.finish(session, asked.id, FireState.SUCCEEDED, NOW, result=result)
        for subject in ("titan007/ah", "fbref/schedule"):
            signal = Signal(
                kind="source_changed", subject=subject, severity=Severity.WARNING, message="another structure"
            )
            raise_signal(session, signal, NOW)


def test_the_guides_test_asks_for_five_matches_three_requests_at_a_time(
    tmp_path: Path, database_url: str, database: Database
) -> None:
    with watched_sandbox(tmp_path, SystemClock(), together=3) as sandbox:
        done = script("--test", "--json", **environment(sandbox.url, database_url))
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert numbers(found, "titan007")["failed"] == 0
    assert (len(sandbox.matches_asked_for()), sandbox.peak) == (5, 3)
    lines = query(database, "select count(distinct match_id) from odds_latest where market = 'ah'")
    assert lines == [(5,)]


def test_the_guides_script_runs_a_mode_and_hands_on_what_follows(tmp_path: Path, database_url: str) -> None:
    with watched_sandbox(tmp_path, SystemClock()) as sandbox:
        known = environment(sandbox.url, database_url)
        for mode in ("regular", "live", "hybrid", "smart"):
            done = script("--mode", mode, "--batch-size", "5", "--json", **known)
            assert (done.returncode, json.loads(done.stdout)["mode"]) == (0, mode), done.stderr
        shown = script("--monitor", "--runs", "2", **known)
    assert (shown.returncode, "Odds collection" in shown.stdout) == (0, True), shown.stderr


@pytest.mark.parametrize("arguments", [(), ("--start", "--test"), ("--mode", "wild"), ("--mode",)])
def test_the_guides_script_takes_exactly_one_command(arguments: tuple[str, ...]) -> None:
    done = script(*arguments)
    assert done.returncode == 2
    assert "usage:" in done.stderr


def test_the_guides_start_leaves_a_stack_in_the_background_and_says_where_one_runs(tmp_path: Path) -> None:
    home = {"MATCHBEAT_HOME": str(tmp_path / "home"), "MATCHBEAT_REDIS_PORT": str(free_port())}
    try:
        # One service stands for all: a whole stack is started elsewhere.
        first = script("--start", "redis", **home)
        again = script("--start", **home)
    finally:
        ended = script("stop", name="prefect_service_manager.py", **home)
    assert (first.returncode, "runs in the background" in first.stdout) == (0, True), first.stderr
    assert (again.returncode, "a stack already runs" in again.stdout) == (2, True), again.stderr
    assert ended.returncode == 0


def script(
    *arguments: str, name: str = "run_titan_pipeline.py", **known: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, f"scripts/{name}", *arguments],
        cwd=CHECKOUT, env=os.environ | known, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
