from dataclasses import replace

import numpy as np
import pytest

from src.core.errors import BadData
from src.models.dataset import base_margin, base_rates, build_dataset
from tests.unit.models.made import COLUMNS, GROUPS, dataset, rows


def test_too_few_matches_are_refused_with_the_numbers() -> None:
    unusable = [replace(row, values={**row.values, "elo_diff": None}) for row in rows(300)[:150]]
    with pytest.raises(BadData, match=r"needs 200 .* of 300 .* only 150 are usable"):
        build_dataset(unusable + rows(300)[150:], features_version="v", columns=COLUMNS, groups=GROUPS)


def test_rows_come_in_kickoff_order_and_unknown_values_are_nan() -> None:
    made = build_dataset(rows(250)[::-1], features_version="v", columns=COLUMNS, groups=GROUPS)
    assert (np.diff(made.match_ids) > 0).all()
    assert np.isnan(made.x[0, 2])
    assert made.coverage == {"ratings": 1.0, "form": 1.0, "market": 1.0}


def test_the_fingerprint_follows_the_content() -> None:
    assert dataset().fingerprint == dataset().fingerprint
    changed = rows(600)
    changed[5] = replace(changed[5], label=(changed[5].label + 1) % 3)
    other = build_dataset(changed, features_version="v", columns=COLUMNS, groups=GROUPS)
    assert other.fingerprint != dataset().fingerprint


def test_the_summary_is_plain_data() -> None:
    import json

    assert json.loads(json.dumps(dataset().summary()))["matches"] == 600


def test_the_margin_is_the_odds_and_without_odds_the_alternative() -> None:
    opening = np.array([[0.5, 0.3, 0.2], [np.nan] * 3])
    margin = base_margin(opening, np.log([[0.1, 0.1, 0.8], [0.4, 0.3, 0.3]]))
    assert np.exp(margin) == pytest.approx(np.array([[0.5, 0.3, 0.2], [0.4, 0.3, 0.3]]))


def test_base_rates_are_shares_and_never_zero() -> None:
    rates = base_rates(np.array([0, 0, 0, 2]))
    assert rates.sum() == pytest.approx(1)
    assert (rates > 0).all()
