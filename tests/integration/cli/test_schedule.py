"""The schedule's commands on a real Postgres."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from src.cli import main
from src.core.settings import settings
from src.database import outcomes, schedule
from src.database.connection import Database, get_database
from src.domain.fire import fire_id
from src.domain.ports import Scheduled
from src.pipeline.context import context
from src.scheduling.cadence import next_due
from src.scheduling.catalog import CATALOG
from tests.conftest import NOW

pytestmark = pytest.mark.integration

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Runs `matchbeat schedule …` and returns exit code, output and errors."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    with database.session() as session:
        planned = [Scheduled(entry=entry, next_due=next_due(entry.cadence, NOW)) for entry in CATALOG]
        schedule.declare(session, planned, NOW)
    forget()

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["matchbeat", "schedule", *arguments])
        with pytest.raises(SystemExit) as ended:
            raise SystemExit(main.main())
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    yield call
    get_database().close()
    forget()


def forget() -> None:
    for cached in (settings, get_database, context):
        cached.cache_clear()


def data(run: Run, *arguments: str) -> Any:
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


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
    assert shown["declared"]["cadence"] == {"cron": "*/10 * * * *", "timezone": "UTC"}
    assert data(run, "reset", "titan-live", "--why", "over")["changed"] is True
    audit = data(run, "audit", "titan-live")
    assert [row["action"] for row in audit] == ["reset", "resume", "pause", "edit"]
    assert audit[0]["who"]


def test_the_reading_commands_answer(run: Run) -> None:
    assert data(run, "diff") == []
    assert data(run, "leader") is None
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
