"""What can be seen of a fixture follows from the clock."""

from datetime import timedelta
from itertools import pairwise

import pytest

from src.sandbox.world.fixture import Phase, goal_minutes, moment
from tests.unit.sandbox.worlds import KICKOFF, fixture


@pytest.mark.parametrize(
    ("minutes", "phase"),
    [
        (-1, Phase.SCHEDULED),
        (0, Phase.FIRST_HALF),
        (46, Phase.FIRST_HALF),
        (50, Phase.HALF_TIME),
        (62, Phase.SECOND_HALF),
        (109, Phase.SECOND_HALF),
        (110, Phase.FINISHED),
        (100_000, Phase.FINISHED),
    ],
)
def test_a_match_is_scheduled_then_live_then_finished(minutes: int, phase: Phase) -> None:
    assert moment(fixture(), KICKOFF + timedelta(minutes=minutes)).phase is phase


def test_the_score_grows_to_the_result_and_passes_the_half_time_score() -> None:
    match = fixture(score=(3, 2), half_time=(1, 2))
    scores = [moment(match, KICKOFF + timedelta(minutes=minute)).score for minute in range(-5, 111)]
    assert scores[0] == (0, 0)
    assert scores[55] == (1, 2)
    assert scores[-1] == (3, 2)
    assert all(a[0] <= b[0] and a[1] <= b[1] for a, b in pairwise(scores))
    assert len(goal_minutes(match)) == 5


def test_a_postponed_match_shows_nil_nil_on_its_first_day_and_comes_back_on_another() -> None:
    first = KICKOFF - timedelta(days=28)
    match = fixture(postponed_from=first)
    before, told, later = (
        moment(match, at)
        for at in (first - timedelta(days=1), first + timedelta(hours=2), KICKOFF - timedelta(days=2))
    )
    assert (before.phase, before.kickoff) == (Phase.SCHEDULED, first)
    assert (told.phase, told.kickoff, told.score) == (Phase.POSTPONED, first, (0, 0))
    assert (later.phase, later.kickoff) == (Phase.SCHEDULED, KICKOFF)
