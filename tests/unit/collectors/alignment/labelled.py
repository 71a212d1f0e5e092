"""The labelled pairs of real sources, each set among all fixtures of both."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from src.collectors.alignment.pairs import Side, read_truth
from src.collectors.alignment.sides import read_sides

DAY, CUP, HISTORY = (
    f"{name}_pairs.csv"
    for name in ("fotmob_fbref_20251130", "fotmob_fbref_ucl2526", "footballdata_fbref_2526")
)
SETS = [(DAY, "fotmob"), (CUP, "fotmob"), (HISTORY, "football-data")]

Sides = Callable[[str, str], tuple[Side, Side, set[tuple[str, str]]]]


def labelled_sides(shared_data: Path) -> Sides:
    """Return what reads all fixtures of both sources that are known, whichever set is measured."""
    pairs = {name: shared_data / "alignment" / name for name, _ in SETS}

    @cache
    def read(name: str, source: str) -> tuple[Side, Side, set[tuple[str, str]]]:
        left = [f"pairs:{source}:{pairs[one]}" for one, of in SETS if of == source]
        if source == "fotmob":
            left.append(f"fotmob:day:{shared_data}/fotmob/matches_20251130.json")
        right = [f"fbref:schedule:{shared_data}/fbref/*.html.gz"]
        right += [f"pairs:fbref:{file}" for file in pairs.values()]
        ours, theirs = read_sides(left, pairs[name]), read_sides(right, pairs[name])
        return ours, theirs, read_truth(pairs[name], ours, theirs)

    return read
