"""Asking for a fire by hand: it goes through the ledger like any other."""

from collections.abc import Mapping
from typing import Any

from src.database import outcomes
from src.database.schedule_edits import stored_override
from src.domain.fire import Fire, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find


def ask_for(ctx: Context, entry: str, parameters: Mapping[str, Any] | None = None) -> Fire:
    """Ask for one run of `entry` now, `parameters` over those in force: an operator's, else the declared.

    Raises Misconfigured where there is no such entry. The leading Beat sends it within a second.
    """
    declared = find(entry)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        override = stored_override(session, entry)
        in_force = (override.parameters if override else None) or {}
        fire = Fire(
            id=fire_id(entry, now),
            entry=entry,
            due_at=now,
            parameters={**declared.parameters, **in_force, **(parameters or {})},
            by_hand=True,
        )
        outcomes.request(session, fire, now)
    return fire
