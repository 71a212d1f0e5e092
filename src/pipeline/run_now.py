"""Asking for a fire by hand: it goes through the ledger like any other."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.database import outcomes
from src.database import schedule as stored
from src.database import schedule_edits as edits
from src.domain.edit import Author, UnknownEntry
from src.domain.entry import Entry
from src.domain.fire import Fire, fire_id
from src.pipeline.context import Context
from src.pipeline.schedule_checks import check_author, check_parameters
from src.pipeline.schedule_edits import editable
from src.scheduling.catalog import CATALOG, nearest
from src.scheduling.parameter_check import check_accepted


def ask_for(
    ctx: Context,
    entry: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    by: Author | None = None,
    revision: int | None = None,
) -> Fire:
    """Ask for one run of `entry` now, `parameters` over those in force; the leading Beat sends it at once.

    On a database whose schedule no Beat has declared yet the catalog's entry is asked for. The audit names
    whom `by` names. Raises UnknownEntry where there is no such entry, Refused for what it cannot take.
    """
    if by is not None:
        check_author(by)
    given = dict(parameters or {})
    check_parameters(given)
    now = ctx.clock.now()
    with ctx.database.session() as session:
        found = _in_force(session, entry, revision)
        check_accepted(found.runner, found.target, given)
        fire = Fire(
            id=fire_id(entry, now),
            entry=entry,
            due_at=now,
            parameters={**found.parameters, **given},
            by_hand=True,
        )
        outcomes.request(session, fire, now)
        if by is not None and (row := edits.find(session, entry)) is not None:
            edits.note(session, row, "run-now", by, {"fire": str(fire.id), "parameters": given}, now)
    return fire


def _in_force(session: Session, name: str, revision: int | None) -> Entry:
    """Return the stored entry, before any Beat has declared it the catalog's."""
    try:
        row = editable(session, name, revision)
    except UnknownEntry:
        declared = {entry.name: entry for entry in CATALOG}
        if name in declared and revision is None:
            return declared[name]
        known = {*edits.names(session), *declared}
        raise UnknownEntry("entry", f"there is no schedule entry {name!r}{nearest(name, known)}") from None
    try:
        return stored.entry(row)
    except Misconfigured as error:
        raise Misconfigured(f"entry {name!r} cannot be read ({error}): edit or reset it") from error
