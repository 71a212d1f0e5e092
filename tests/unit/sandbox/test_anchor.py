"""When a world began is fixed once and survives a restart."""

from datetime import timedelta
from pathlib import Path

import pytest

from src.core.errors import Misconfigured
from src.sandbox.open_world import open_world
from tests.unit.sandbox.worlds import NOW, write_season


def test_a_restart_days_later_serves_the_same_made_world(tmp_path: Path) -> None:
    first = open_world(tmp_path, NOW)
    assert open_world(tmp_path, NOW + timedelta(days=9)).fixtures == first.fixtures


def test_a_restart_days_later_serves_the_same_replayed_world(tmp_path: Path) -> None:
    history = tmp_path / "history"
    write_season(history, "E0_2223.csv")
    first = open_world(tmp_path / "data", NOW, history=history)
    assert open_world(tmp_path / "data", NOW + timedelta(weeks=5), history=history).fixtures == first.fixtures


def test_each_world_keeps_an_anchor_of_its_own(tmp_path: Path) -> None:
    first = open_world(tmp_path, NOW, seed=1)
    open_world(tmp_path, NOW + timedelta(weeks=30), seed=2)
    assert open_world(tmp_path, NOW + timedelta(weeks=31), seed=1).fixtures == first.fixtures


@pytest.mark.parametrize("text", ["{", "[]", '{"made:7": {"at": "then", "shift_weeks": 0}}', '{"made:7": 3}'])
def test_a_broken_file_is_named_with_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "sandbox.json").write_text(text)
    with pytest.raises(Misconfigured, match=r"sandbox\.json.*delete the file"):
        open_world(tmp_path, NOW)
