"""Chooses and builds the world that a sandbox serves."""

from datetime import datetime
from pathlib import Path

from src.sandbox import anchor as anchors
from src.sandbox.anchor import Anchor
from src.sandbox.history.history_world import SEASONS, HistoryWorld, read_history
from src.sandbox.made.made_world import DEFAULT_SEED, MadeWorld
from src.sandbox.world.index import World


def open_world(
    folder: Path,
    now: datetime,
    *,
    history: Path | None = None,
    seasons: int = SEASONS,
    seed: int = DEFAULT_SEED,
) -> World:
    """Return the world for these choices, as it was first built in `folder` or else built around `now`.

    With `history` the last `seasons` seasons of the CSV files there, else a made world of `seed`. Raises
    Misconfigured where the history or what is kept in `folder` cannot be used.
    """
    if history is None:
        name = f"made:{seed}"
        anchor = anchors.recall(folder, name)
        if anchor is None:
            anchor = Anchor(at=now)
            anchors.keep(folder, name, anchor)
        return MadeWorld(seed, anchor.at)
    read = read_history(history, seasons)
    anchor = anchors.recall(folder, read.name)
    if anchor is None:
        anchor = Anchor(at=now, shift_weeks=read.shift_weeks(now))
        anchors.keep(folder, read.name, anchor)
    return HistoryWorld(read, anchor)
