"""The first run on an empty database: collect what the sources have, train a champion, predict."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select

from src.core.errors import MatchbeatError
from src.database import outcomes
from src.database.tables.learning import PredictionRow
from src.domain.fire import OPEN, Fire, FireState
from src.pipeline.context import Context
from src.pipeline.run_now import ask_for
from src.scheduling.catalog import find

Say = Callable[[str], None]
Pause = Callable[[float], None]

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class _Step:
    entry: str
    words: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def _steps(days_back: int) -> tuple[_Step, ...]:
    """What the first run asks for, in order: details and FBref want matches to belong to."""
    every_match = {"days_back": days_back, "days_ahead": 10, "with_odds": True}
    recent = {"sources": ["fotmob-details", "fbref"], "days_back": 14}
    return (
        _Step("daily-data-collection", "collecting matches and odds", every_match),
        _Step("manual-data-collection", "collecting details and FBref's schedules", recent),
        _Step("weekly-model-retraining", "training and gating a champion"),
        _Step("data-quality-check", "checking the data's quality"),
    )


def first_run(ctx: Context, *, say: Say, pause: Pause = time.sleep) -> dict[str, Any]:
    """Ask for the first collection and training by hand, through the ledger, and wait for both.

    Does nothing where there are predictions already. `say` is told of every step. Returns the results by
    entry; raises MatchbeatError, naming the entry and the reason, where a step fails.
    """
    if _predictions(ctx):
        say("the data of an earlier run is here: nothing to do")
        return {}
    done: dict[str, Any] = {}
    steps = _steps(ctx.settings.first_run_days)
    for number, step in enumerate(steps, 1):
        say(f"{number}/{len(steps)} {step.words} ({step.entry})")
        began = ctx.clock.now()
        done[step.entry] = _wait(ctx, ask_for(ctx, step.entry, step.parameters), pause)
        took = (ctx.clock.now() - began).total_seconds()
        say(f"{number}/{len(steps)} done in {took:.0f} s")
    say(f"{_predictions(ctx)} fixtures have predictions")
    return done


def _wait(ctx: Context, fire: Fire, pause: Pause) -> Mapping[str, Any]:
    deadline = fire.due_at + find(fire.entry).limit
    while ctx.clock.now() < deadline:
        with ctx.database.session() as session:
            row = outcomes.find(session, fire.id)
            state, reason, result = (row.state, row.reason, row.result) if row else (None, None, None)
        if state == FireState.SUCCEEDED:
            return result or {}
        if state not in OPEN:
            raise MatchbeatError(f"{fire.entry} ended as {state}: {reason or 'no reason was given'}")
        pause(_LOOK_EVERY_S)
    raise MatchbeatError(f"{fire.entry} was still {state} at its time limit; is Beat running?")


def _predictions(ctx: Context) -> int:
    with ctx.database.session() as session:
        return session.scalar(select(func.count(PredictionRow.match_id.distinct()))) or 0
