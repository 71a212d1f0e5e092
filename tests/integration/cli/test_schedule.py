"""The schedule's commands on a real Postgres."""

from collections.abc import Iterator

import pytest

from src.database import outcomes, schedule
from src.database.connection import Database
from src.domain.fire import fire_id
from src.domain.ports import Scheduled
from src.scheduling.cadence import next_due
from src.scheduling.catalog import CATALOG
from tests.command_line import Run, commands, data
from tests.conftest import NOW

pytestmark = pytest.mark.integration


@pytest.fixture
def run(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs `matchbeat schedule …` and returns exit code, output and errors."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.session() as session:
        planned = [Scheduled(entry=entry, next_due=next_due(entry.cadence, NOW)) for entry in CATALOG]
        schedule.declare(session, planned, NOW)
    with commands("schedule", monkeypatch, capsys) as run:
        yield run


def test_an_entry_is_edited_paused_resumed_and_reset(run: Run) -> None:
    seen = data(run, "show", "titan-live")["revision"]
    cron = ("--cron", "*/5 * * * *", "--timezone", "Europe/Paris")
    edited = data(
        run, "edit", "titan-live", *cron, "--why", "cup final", "--who", "omar", "--revision", str(seen)
    )
    assert (edited["revision"], edited["changed"]) == (seen + 1, True)
    assert data(run, "pause", "titan-live", "--why", "upstream is down", "--who", "lena")["enabled"] is False
    (paused,) = [row for row in data(run, "list") if row["entry"] == "titan-live"]
    assert paused["disabled_reason"] == "paused by lena: upstream is down"
    assert data(run, "next", "titan-live") == []
    assert data(run, "resume", "titan-live", "--why", "it is back")["enabled"] is True
    assert len(data(run, "next", "titan-live", "--count", "3")) == 3
    shown = data(run, "show", "titan-live")
    assert shown["effective"]["cadence"] == {"cron": "*/5 * * * *", "timezone": "Europe/Paris"}
    assert list(shown["declared"]["cadence"]) == ["density"]
    assert data(run, "reset", "titan-live", "--why", "over")["changed"] is True
    audit = data(run, "audit", "titan-live")
    assert [row["action"] for row in audit] == ["reset", "resume", "pause", "edit"]
    assert audit[0]["who"]


def test_the_reading_commands_answer(run: Run) -> None:
    assert data(run, "diff") == []
    assert data(run, "leader") is None
    assert "No Beat has ever led" in run("leader")[1]
    assert data(run, "why", "titan-live", "2026-01-01T00:00:00")["verdict"] == "undeclared"
    assert len(data(run, "next", "--count", "4")) == 4
    for command in (["list"], ["show", "titan-live"], ["next"], ["diff"], ["leader"], ["audit"]):
        assert run(*command)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["pause", "titan-life", "--why", "x"], ["titan-life", "did you mean titan-live"]),
        (["pause", "titan-live", "--why", ""], ["why", "for example"]),
        (["edit", "titan-live", "--cron", "* *", "--why", "x"], ["cadence", "for example"]),
        (["edit", "titan-live", "--every", "0", "--why", "x"], ["cadence", "for example"]),
        (
            ["edit", "titan-live", "--cron", "* * * * *", "--every", "5", "--why", "x"],
            ["--cron", "for example"],
        ),
        (["edit", "titan-live", "--priority", "11", "--why", "x"], ["priority", "for example"]),
        (["edit", "titan-live", "--parameters", '{"day": 1}', "--why", "x"], ["parameters", "for example"]),
        (["edit", "titan-live", "--parameters", '{"fire_id": 1}', "--why", "x"], ["parameters", "fire_id"]),
        (["run-now", "titan-live", "--parameters", '{"day": 1}'], ["parameters", "'day'", "for example"]),
        (["edit", "titan-live", "--parameters", "[1]", "--why", "x"], ["--parameters", "for example"]),
        (["edit", "titan-live", "--parameters", '{"a": NaN}', "--why", "x"], ["--parameters", "for example"]),
        (["edit", "titan-live", "--priority", "3", "--why", "x", "--revision", "99"], ["revision", "99"]),
        (["why", "titan-live", "noon"], ["AT", "for example"]),
        (["edit", "titan-live", "--jitter", "soon", "--why", "x"], ["--jitter", "for example"]),
        (["edit", "titan-live", "--jitter", "-1", "--why", "x"], ["policy: jitter", "for example"]),
        (["edit", "titan-live", "--max-fires", "1.5", "--why", "x"], ["--max-fires", "for example"]),
        (["edit", "titan-live", "--overlap", "never", "--why", "x"], ["policy", "overlap", "for example"]),
        (["edit", "titan-live", "--start", "noon", "--why", "x"], ["--start", "for example"]),
        (["edit", "titan-live", "--at", "noon", "--why", "x"], ["--at", "for example"]),
        (["edit", "titan-live", "--density", "20/60", "--why", "x"], ["--density", "for example"]),
        (["edit", "titan-live", "--density", "0/1/1", "--why", "x"], ["cadence: density", "for example"]),
        (["edit", "titan-live", "--at", "2099-01-01", "--every", "5", "--why", "x"], ["--every or --at"]),
        (
            ["backfill", "titan-live", "--from", "2026-01-01", "--to", "2026-01-02", "--why", "x"],
            ["entry: 'titan-live'", "kick-offs", "for example"],
        ),
        (
            ["backfill", "titan-regular", "--from", "2026-01-01", "--to", "2999-01-02", "--why", "x"],
            ["to: ", "is no due time", "for example"],
        ),
        (["run-now", "titan-live", "--who", "lena"], ["--who", "--why", "for example"]),
    ],
)
def test_what_is_wrong_is_refused_with_field_and_example(
    run: Run, arguments: list[str], parts: list[str]
) -> None:
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    told = " ".join(err.replace("│", " ").split())
    assert [part for part in parts if part not in told] == []


def test_a_run_by_hand_has_the_edited_parameters(run: Run, database: Database) -> None:
    run("edit", "titan-hybrid", "--parameters", '{"cleanup_days": 3}', "--why", "disk is full")
    (asked,) = data(run, "run-now", "titan-hybrid", "--parameters", '{"enable_live": false}')
    with database.session() as session:
        (fire,) = outcomes.history(session, "titan-hybrid", 5)
        assert str(fire.id) == asked["fire"] == str(fire_id("titan-hybrid", fire.due_at))
        assert (fire.parameters["cleanup_days"], fire.parameters["enable_live"]) == (3, False)


def test_a_policy_is_edited_field_by_field_and_taken_back(run: Run) -> None:
    options = (
        "--overlap", "buffer_all", "--buffer-limit", "3", "--catch-up", "none", "--catch-up-window", "600",
        "--catch-up-limit", "5", "--pause-after", "4", "--jitter", "30", "--start", "2026-03-01",
        "--end", "2099-01-01T00:00:00+02:00", "--max-fires", "7", "--expires", "300",
    )  # fmt: skip
    data(run, "edit", "titan-hybrid", *options, "--why", "try it")
    assert data(run, "show", "titan-hybrid")["policy"] == {
        "overlap": "buffer_all", "buffer_limit": 3, "catch_up": "none", "catch_up_window": 600,
        "catch_up_limit": 5, "pause_after": 4, "jitter": 30, "start": "2026-03-01T00:00:00+00:00",
        "end": "2099-01-01T00:00:00+02:00", "max_fires": 7, "expires": 300,
    }  # fmt: skip
    back = ("--overlap", "none", "--catch-up", "declared", "--start", "none", "--jitter", "none")
    data(run, "edit", "titan-hybrid", *back, "--why", "enough")
    left = data(run, "show", "titan-hybrid")["override"]["policy"]
    assert sorted(left) == [
        "buffer_limit", "catch_up_limit", "catch_up_window", "end", "expires", "max_fires", "pause_after",
    ]  # fmt: skip


def test_a_cadence_is_once_or_by_density(run: Run) -> None:
    data(run, "edit", "titan-regular", "--at", "2099-01-01T08:00", "--why", "once")
    assert data(run, "next", "titan-regular")[0]["due"] == "2099-01-01T08:00:00+00:00"
    data(run, "edit", "titan-regular", "--density", "20/3600/120,1/7200/600", "--why", "busy")
    assert data(run, "show", "titan-regular")["effective"]["cadence"]["density"] == [
        {"matches": 20, "within_s": 3600, "every_s": 120},
        {"matches": 1, "within_s": 7200, "every_s": 600},
    ]


def test_a_range_is_backfilled_once(run: Run) -> None:
    arguments = ("backfill", "data-quality-check", "--from", "2026-03-01", "--to", "2026-03-02")
    would = data(run, *arguments, "--why", "disk was full", "--dry-run")
    done = data(run, *arguments, "--why", "disk was full")
    assert done["claimed"] == would["claimed"]
    assert len(done["claimed"]) == done["due"] == 7
    assert data(run, *arguments, "--why", "again")["claimed"] == []
    code, out, _ = run(*arguments, "--why", "again")
    assert (code, out) == (0, "0 of 7 due times are buffered, 7 left as they are\n")


def test_a_reason_puts_a_run_by_hand_into_the_audit(run: Run) -> None:
    data(run, "run-now", "titan-hybrid", "--why", "the source is back", "--who", "lena")
    (change,) = data(run, "audit", "titan-hybrid")
    assert (change["action"], change["who"], change["why"]) == ("run-now", "lena", "the source is back")
