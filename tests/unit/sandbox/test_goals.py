"""Goal probabilities and the fair prices that follow from them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.sandbox.made import goals

means = st.floats(0.2, 4.0)


@given(means, means)
def test_every_view_of_a_grid_sums_to_one(home: float, away: float) -> None:
    cells = goals.grid(home, away)
    for shares in (goals.outcome(cells), goals.margins(cells).values(), goals.totals(cells).values()):
        assert sum(shares) == pytest.approx(1)


@given(means, means)
def test_lines_are_quarters_and_the_fairer_side_of_even(home: float, away: float) -> None:
    cells = goals.grid(home, away)
    for line, share in (
        (goals.handicap_line(cells), goals.win_share(goals.margins(cells), goals.handicap_line(cells))),
        (goals.total_line(cells), goals.win_share(goals.totals(cells), -goals.total_line(cells))),
    ):
        assert line * 4 == int(line * 4)
        assert 0 < share < 1


def test_the_stronger_side_gives_goals() -> None:
    assert goals.handicap_line(goals.grid(2.4, 0.8)) < 0 < goals.handicap_line(goals.grid(0.8, 2.4))
    assert goals.handicap_line(goals.grid(1.3, 1.3)) == 0


def test_a_level_line_gives_the_stake_back_on_a_draw() -> None:
    shares = {1: 0.5, 0: 0.3, -1: 0.2}
    assert goals.win_share(shares, 0.0) == pytest.approx(0.5 / 0.7)


def test_a_quarter_line_settles_half_and_half() -> None:
    shares = {1: 0.5, 0: 0.3, -1: 0.2}
    # On -0.25 a draw loses half of the stake: won 0.5, lost 0.2 + 0.15.
    assert goals.win_share(shares, -0.25) == pytest.approx(0.5 / 0.85)


def test_low_scores_are_tied_towards_draws() -> None:
    independent = sum(a * b for a, b in zip(goals._poisson(1.3), goals._poisson(1.1), strict=True))
    assert goals.outcome(goals.grid(1.3, 1.1))[1] > independent
