import pytest

from src.cli import output
from src.cli.overview import show_overview

TOLD = {
    "rows": {"matches": 4096},
    "fires": {"daily-data-collection": {"succeeded": 1, "failed": 2}},
    "flow_runs": {},
    "champion": None,
    "champion_error": "MLflow is away",
    "quality": {"subject": "matches", "score": 0.98765, "checked": 10},
    "signals": [{"severity": "warning", "message": "odds are late"}],
    "next_predictions": [
        {
            "kickoff_utc": "2026-11-23T19:00:00+00:00", "competition": "LaLiga", "home_team": "A",
            "away_team": "B",
            "model": {"home": 0.5, "draw": 0.3, "away": 0.2}, "market": None,
        }
    ],
}  # fmt: skip


def shown(told: dict[str, object], capsys: pytest.CaptureFixture[str]) -> str:
    output.console.cache_clear()
    show_overview(told)
    output.console.cache_clear()
    return capsys.readouterr().out


def test_every_part_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    text = shown(TOLD, capsys)
    parts = [
        "4096", "1 succeeded, 2 failed", "flow runs", "none", "no champion yet: MLflow is away",
        "0.988 of 10 checks", "odds are late", "2026-11-23 19:00", "0.500 0.300 0.200",
    ]  # fmt: skip
    for words in parts:
        assert words in text


def test_the_champion_stands_beside_the_bookmaker(capsys: pytest.CaptureFixture[str]) -> None:
    metrics = {
        "log_loss": 0.9964,
        "rps": 0.2101,
        "market_log_loss": 0.992,
        "market_rps": 0.2084,
        "n_eval": 793.0,
    }
    champion = {"name": "matchbeat-1x2", "version": "3", "metrics": metrics}
    text = shown({**TOLD, "champion": champion, "next_predictions": []}, capsys)
    for words in ("version 3, scored on 793 matches", "0.9964", "0.2084", "bookmaker", "no predictions yet"):
        assert words in text
    assert "base rate" not in text
