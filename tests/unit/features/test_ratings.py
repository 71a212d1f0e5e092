import pytest

from src.features.ratings import Elo, PiRatings


def test_elo_gives_to_the_winner_what_it_takes_from_the_loser() -> None:
    elo = Elo()
    elo.learn(1, 10, 20, 2, 0)
    assert elo.get(1, 10) > 1500 > elo.get(1, 20)
    assert elo.get(1, 10) + elo.get(1, 20) == pytest.approx(3000)


def test_elo_moves_less_for_a_win_that_was_expected() -> None:
    favourite, outsider = Elo({1: {10: 1800.0, 20: 1400.0}}), Elo({1: {10: 1400.0, 20: 1800.0}})
    favourite.learn(1, 10, 20, 1, 0)
    outsider.learn(1, 10, 20, 1, 0)
    assert favourite.get(1, 10) - 1800 < outsider.get(1, 10) - 1400


def test_elo_starts_a_newcomer_to_a_settled_pool_low_and_to_another_pool_afresh() -> None:
    elo = Elo({1: {team: 1400.0 + 10 * team for team in range(20)}})
    assert elo.get(1, 99) == 1430.0
    assert elo.get(2, 99) == 1500.0


def test_pi_ratings_learn_home_and_away_strength_and_carry_some_over() -> None:
    pi = PiRatings()
    pi.learn(1, 10, 20, 3, 0)
    assert pi.at_home(1, 10) > pi.away_from_home(1, 10) > 0
    assert pi.away_from_home(1, 20) < pi.at_home(1, 20) < 0
    assert pi.expected_difference(1, 10, 20) > 0 > pi.expected_difference(1, 20, 10)


def test_pi_ratings_stay_where_the_expected_happens() -> None:
    pi = PiRatings()
    pi.learn(1, 10, 20, 1, 1)
    assert pi.expected_difference(1, 10, 20) == 0
