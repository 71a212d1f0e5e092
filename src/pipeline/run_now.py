"""Asking for a fire by hand: it goes through the ledger like any other."""

from collections.abc import Mapping
from typing import Any

from src.database import outcomes
from src.domain.fire import Fire, fire_id
from src.pipeline.context import Context
from src.scheduling.catalog import find


def ask_for(ctx: Context, entry: str, parameters: Mapping[str, Any] | None = None) -> Fire:
    """Ask for one run of `entry` now, `parameters` over its declared ones.

    Raises Misconfigured where there is no such entry. The leading Beat sends it within a second.
    """
    declared = find(entry)
    now = ctx.clock.now()
    fire = Fire(
        id=fire_id(entry, now),
        entry=entry,
        due_at=now,
        parameters={**declared.parameters, **(parameters or {})},
        by_hand=True,
    )
    with ctx.database.session() as session:
        outcomes.request(session, fire, now)
    return fire
