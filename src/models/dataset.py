"""The matrix a model learns from: one row a played match, in kick-off order."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from src.core.errors import BadData
from src.domain.learning import LearningRow
from src.domain.prediction import Probabilities

Floats = NDArray[np.float64]
Labels = NDArray[np.int64]
Values = Mapping[str, float | None]

#: Fewer usable matches than this teach nothing: a fifth of them is held out.
LEAST_ROWS = 200
_MARKET = ("market_home", "market_draw", "market_away")
#: A probability is kept this far from 0, so that its logarithm stays finite.
_SMALLEST = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Dataset:
    """Features `x` (float32, NaN where unknown), labels `y` (0 home, 1 draw, 2 away) and the market's views.

    `opening` and `closing` hold de-vigged probabilities, NaN rows where there are none. `coverage` is, for
    each group of features, the share of rows that have any of it. `fingerprint` is the SHA-256 of it all.
    """

    features_version: str
    columns: tuple[str, ...]
    match_ids: NDArray[np.int64]
    kickoffs: NDArray[np.datetime64]
    x: NDArray[np.float32]
    y: Labels
    opening: Floats
    closing: Floats
    coverage: Mapping[str, float]
    fingerprint: str

    def __len__(self) -> int:
        """Return the number of matches."""
        return len(self.y)

    def summary(self) -> dict[str, Any]:
        """Return a JSON-able description without the rows."""
        return {
            "features_version": self.features_version,
            "matches": len(self),
            "columns": len(self.columns),
            "from": str(self.kickoffs[0]),
            "until": str(self.kickoffs[-1]),
            "with_opening_odds": int(known(self.opening).sum()),
            "with_closing_odds": int(known(self.closing).sum()),
            "coverage": dict(self.coverage),
            "fingerprint": self.fingerprint,
        }


def build_dataset(
    rows: Sequence[LearningRow],
    *,
    features_version: str,
    columns: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    least: int = LEAST_ROWS,
) -> Dataset:
    """Make the matrix of the usable rows: those whose two teams have both been seen before.

    Raises BadData with the numbers where fewer than `least` rows are usable.
    """
    usable = [row for row in rows if row.values.get("elo_diff") is not None]
    if len(usable) < least:
        raise BadData(
            f"training needs {least} played matches whose teams have a history; of {len(rows)} played "
            f"matches with features {features_version} only {len(usable)} are usable: "
            "collect more matches, or look back further"
        )
    usable.sort(key=lambda row: (row.kickoff_utc, row.match_id))
    x = feature_matrix([row.values for row in usable], columns)
    y = np.array([row.label for row in usable], dtype=np.int64)
    match_ids = np.array([row.match_id for row in usable], dtype=np.int64)
    opening = opening_matrix([row.values for row in usable])
    closing = np.array([as_triple(row.closing) for row in usable], dtype=np.float64)
    return Dataset(
        features_version=features_version,
        columns=tuple(columns),
        match_ids=match_ids,
        kickoffs=np.array([row.kickoff_utc.replace(tzinfo=None) for row in usable], dtype="datetime64[s]"),
        x=x,
        y=y,
        opening=opening,
        closing=closing,
        coverage={name: _coverage(usable, members) for name, members in groups.items()},
        fingerprint=_fingerprint([features_version, *columns], match_ids, x, y, opening, closing),
    )


def feature_matrix(values: Sequence[Values], columns: Sequence[str]) -> NDArray[np.float32]:
    """Return one row for each mapping; what is unknown or absent becomes NaN."""
    table = [[row.get(name) for name in columns] for row in values]
    return np.array(table, dtype=np.float32).reshape(len(values), len(columns))


def opening_matrix(values: Sequence[Values]) -> Floats:
    """Return the de-vigged opening probabilities, a NaN row where there are none."""
    return np.array([[row.get(name) for name in _MARKET] for row in values], dtype=np.float64).reshape(-1, 3)


def as_triple(view: Probabilities | None) -> tuple[float, float, float]:
    """Return (home, draw, away), NaN three times for None."""
    return (np.nan, np.nan, np.nan) if view is None else (view.home, view.draw, view.away)


def known(views: Floats) -> NDArray[np.bool_]:
    """Return which rows hold probabilities."""
    return np.asarray(np.isfinite(views).all(axis=1), dtype=np.bool_)


def base_rates(y: Labels) -> Floats:
    """Return the shares of home wins, draws and away wins, with one added to each count."""
    counts = np.bincount(y, minlength=3) + 1.0
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def base_margin(opening: Floats, otherwise: Floats) -> Floats:
    """Return the log probabilities the trees start from: the opening odds', else those of `otherwise`."""
    with np.errstate(invalid="ignore"):
        market = np.log(np.clip(opening, _SMALLEST, 1.0))
    return np.asarray(np.where(known(opening)[:, None], market, otherwise), dtype=np.float64)


def _coverage(rows: Sequence[LearningRow], members: Sequence[str]) -> float:
    return sum(any(row.values.get(name) is not None for name in members) for row in rows) / len(rows)


def _fingerprint(names: Sequence[str], *arrays: NDArray[Any]) -> str:
    digest = hashlib.sha256(json.dumps(list(names)).encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
