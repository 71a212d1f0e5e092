import numpy as np
import pytest

from src.models.card import ModelCard
from src.models.dataset import base_margin
from src.models.inference import missing_groups, predict, probabilities
from src.models.prior import fit_prior
from src.models.scores import scores
from src.models.search import search, time_folds
from src.models.train import DEFAULT_RECIPE, fit
from tests.unit.models.made import card, dataset, rows


def test_folds_only_look_forward_and_cover_the_later_rows() -> None:
    folds = time_folds(1000, 4)
    assert folds[0][0] == 400
    assert folds[-1][1] == 1000
    assert [stop for _, stop in folds[:-1]] == [end for end, _ in folds[1:]]


def test_the_prior_finds_the_strengths_and_beats_base_rates() -> None:
    data = dataset(1500, odds=False)
    prior = fit_prior(data.x[:1000], data.y[:1000], data.columns)
    p = np.exp(prior.log_probabilities(data.x[1000:], data.columns))
    assert p.sum(axis=1) == pytest.approx(1)
    base = np.bincount(data.y[:1000]) / 1000
    assert (
        scores(p, data.y[1000:])["log_loss"]
        < scores(np.tile(base, (500, 1)), data.y[1000:])["log_loss"] - 0.05
    )


def test_the_prior_takes_unknown_values() -> None:
    data = dataset(300)
    blank = np.full((2, len(data.columns)), np.nan, dtype=np.float32)
    assert np.isfinite(fit_prior(data.x, data.y, data.columns).log_probabilities(blank, data.columns)).all()


def test_probabilities_sum_to_one_and_the_same_rows_make_the_same_model() -> None:
    data = dataset()
    margin = base_margin(
        data.opening, fit_prior(data.x, data.y, data.columns).log_probabilities(data.x, data.columns)
    )
    first, second = (
        probabilities(fit(DEFAULT_RECIPE, data.x, data.y, margin), data.x, margin) for _ in range(2)
    )
    assert np.abs(first.sum(axis=1) - 1).max() < 1e-6
    assert (first == second).all()


def test_a_model_on_top_of_the_odds_stays_with_them() -> None:
    data = dataset(1500)
    margin = np.log(data.opening)
    booster = fit(DEFAULT_RECIPE, data.x[:1000], data.y[:1000], margin[:1000])
    ours = scores(probabilities(booster, data.x[1000:], margin[1000:]), data.y[1000:])["log_loss"]
    assert ours < 1.02 * scores(data.opening[1000:], data.y[1000:])["log_loss"]


def test_the_search_is_reproducible_and_begins_with_what_it_is_given() -> None:
    data = dataset(400)
    margin = np.log(data.opening)
    found = [search(data.x, data.y, margin, trials=3, folds=2, start_from=DEFAULT_RECIPE) for _ in range(2)]
    assert found[0] == found[1]
    assert found[0].trials == 3
    assert found[0].recipe.rounds >= 1
    only_default = search(data.x, data.y, margin, trials=1, folds=2)
    assert only_default.recipe.params == DEFAULT_RECIPE.params


def test_prediction_needs_the_columns_of_the_model_alone() -> None:
    data = dataset()
    known = card(data)
    booster = fit(DEFAULT_RECIPE, data.x, data.y, np.log(data.opening))
    values = [rows(2)[0].values, {"elo_diff": 50.0}]
    found = predict(booster, known, values)
    assert [view.home + view.draw + view.away for view in found] == pytest.approx([1, 1])
    assert predict(booster, known, []) == []


def test_a_group_is_missing_when_all_of_it_is() -> None:
    known = card(dataset(250))
    assert missing_groups(known, {"elo_diff": None, "pi_goal_difference": 0.1}) == ()
    assert missing_groups(known, {"elo_diff": None}) == ("ratings",)


def test_the_card_survives_json() -> None:
    known = card(dataset(250))
    assert ModelCard.from_json(known.to_json()) == known
