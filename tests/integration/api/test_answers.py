"""What the API serves of a small world."""

import re
from datetime import datetime

import pytest
from starlette.testclient import TestClient

from src.database.leadership import Leadership
from src.pipeline.context import Context
from src.scheduling.catalog import CATALOG
from tests.conftest import NOW

pytestmark = pytest.mark.integration


def test_each_coming_match_has_its_newest_prediction(client: TestClient, world: Context) -> None:
    body = client.get("/predictions").json()
    assert body["count"] == len(body["predictions"]) == 6
    assert {item["model_version"] for item in body["predictions"]} == {"2"}
    kickoffs = [datetime.fromisoformat(item["kickoff_utc"]) for item in body["predictions"]]
    assert kickoffs == sorted(kickoffs)
    for item in body["predictions"]:
        assert sum(item["probabilities"].values()) == pytest.approx(1)
        assert sum(item["market"].values()) == pytest.approx(1)


def test_predictions_are_narrowed_by_days_competition_and_limit(client: TestClient, world: Context) -> None:
    def asked(query: str) -> list[str]:
        return [item["competition"] for item in client.get(f"/predictions?{query}").json()["predictions"]]

    assert len(asked("days_ahead=3")) == 2
    assert asked("competition=laliga") == ["LaLiga"] * 3
    assert len(asked("limit=4")) == 4


def test_no_prediction_is_an_empty_list(client: TestClient) -> None:
    assert client.get("/predictions").json()["predictions"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("days_ahead=0", "days_ahead"), ("days_ahead=soon", "days_ahead"), ("limit=501", "limit"),
        ("competition=Nowhere%20Cup", "competition"),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_named(client: TestClient, world: Context, query: str, field: str) -> None:
    answer = client.get(f"/predictions?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_an_unknown_page_is_a_problem_document(client: TestClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert answer.json()["title"] == "Not Found"


def test_the_schedule_shows_next_due_and_last_fire(client: TestClient, world: Context) -> None:
    entries = {entry["name"]: entry for entry in client.get("/schedule").json()["entries"]}
    assert set(entries) == {entry.name for entry in CATALOG}
    assert datetime.fromisoformat(entries["titan-regular"]["next_due"]) > NOW
    assert entries["titan-live"]["policy"]["overlap"] == "skip"
    assert entries["titan-live"]["last_fire"]["state"] == "succeeded"
    assert entries["daily-data-collection"]["last_fire"]["reason"] == "nothing was collected"
    assert entries["titan-hybrid"]["next_due"] is None
    assert entries["titan-hybrid"]["last_fire"] is None


def test_stats_count_what_is_stored(client: TestClient, world: Context) -> None:
    body = client.get("/stats").json()
    assert body["rows"]["matches"] == 6
    assert body["rows"]["predictions"] == 12
    assert body["fires"]["titan-live"] == {"missed": 1, "succeeded": 2}
    assert body["flow_runs"] == {"failed": 1, "succeeded": 2}
    assert body["quality"]["score"] == 0.97
    assert [signal["subject"] for signal in body["signals"]] == ["fbref"]
    assert len(body["next_predictions"]) == 3
    assert body["champion"] is None
    assert "MLFLOW_TRACKING_URI" in body["champion_error"]


def test_metrics_are_gauges_of_the_store(client: TestClient, world: Context, leading: Leadership) -> None:
    text = client.get("/metrics").text
    assert 'matchbeat_up{part="database"} 1.0' in text
    assert 'matchbeat_ledger_fires{entry="titan-live",state="succeeded"} 2.0' in text
    assert 'matchbeat_rows{table="matches"} 6.0' in text
    assert 'matchbeat_open_signals{severity="warning"} 1.0' in text
    assert f"matchbeat_leadership_epoch {leading.epoch}.0" in text
    assert re.search(r'^matchbeat_leader_info\{holder="beat-\w+"\} 1.0$', text, re.MULTILINE)
    silent = re.search(r"^matchbeat_leader_heartbeat_age_seconds (\S+)$", text, re.MULTILINE)
    assert silent is not None
    assert 0 <= float(silent[1]) < 60
    assert 'matchbeat_data_age_seconds{kind="matches"} 1200.0' in text


def test_the_dashboard_shows_the_world_and_loads_nothing_from_elsewhere(
    client: TestClient, world: Context, leading: Leadership
) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    for words in (
        "Ashford Rovers",
        "titan-live",
        "source changed",
        "the table has moved",
        "nothing was collected",
    ):
        assert words in answer.text
    assert "https://" not in answer.text
    assert " style=" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_dashboard_of_an_empty_store_says_what_comes(client: TestClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "No coming match has a prediction yet" in answer.text
    assert "The schedule is empty" in answer.text


def test_what_came_from_outside_is_escaped(client: TestClient, world: Context) -> None:
    from src.database.signals import raise_signal
    from src.domain.signal import Severity, Signal

    with world.database.session() as session:
        bad = Signal(kind="x", subject="y", severity=Severity.INFO, message="<script>alert(1)</script>")
        raise_signal(session, bad, NOW)
    assert "<script>alert" not in client.get("/").text


def test_docs_and_static_files_are_served(client: TestClient) -> None:
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    for name in ("matchbeat.css", "refresh.js", "beat.svg"):
        assert client.get(f"/static/{name}").status_code == 200
