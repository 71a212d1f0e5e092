"""Schedule entries in Postgres: what is declared, operators' overrides over it, and when it is due."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from src.core.errors import Misconfigured
from src.core.logging import get_logger
from src.database import schedule_audit as audit
from src.database.schedule_json import (
    cadence_from_json,
    cadence_to_json,
    policy_from_json,
    policy_to_json,
)
from src.database.tables.schedule import FireRow, ScheduleEntryRow, ScheduleOverrideRow
from src.domain.edit import Author
from src.domain.entry import ByHand, Entry, FlowRunner, Runner
from src.domain.ports import Scheduled

#: The origin of entries that are declared; rows of another origin are somebody else's.
CATALOG = "catalog"

#: Why an entry is disabled, as its reason begins.
UNDECLARED = "no longer declared"
UNRUNNABLE = "cannot run"

#: What is wrong with an entry that waits for its deployment to be made, as its fault begins.
NO_DEPLOYMENT = "Prefect has no deployment"

#: The columns of an entry that an operator may override.
OVERRIDABLE = ("cadence", "parameters", "priority", "policy")

#: The fields of the policy that say, beside the cadence, when an entry is due.
_TIMING = ("start", "end")

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class EntryView:
    """An entry with its next due time and its last fire, for people to read."""

    entry: Entry
    enabled: bool
    disabled_reason: str | None
    next_due: datetime | None
    last_due: datetime | None
    last_state: str | None
    last_reason: str | None
    revision: int
    overridden: bool


def declare(session: Session, planned: Sequence[Scheduled], at: datetime) -> None:
    """Make the stored schedule what `planned` declares.

    A new entry, and one whose cadence, start or end changed, takes the next due time planned for it; an
    unchanged one keeps its own, so that a restart loses nothing. Fires and failures count anew from a change.
    An entry that is declared no more is disabled, its fires kept. An operator's override stays in force over
    whatever is declared. Entries of another origin than the catalog, and of other names, are left alone.
    """
    names = [plan.entry.name for plan in planned]
    ours = or_(ScheduleEntryRow.origin == CATALOG, ScheduleEntryRow.name.in_(names))
    rows = {row.name: row for row in session.scalars(select(ScheduleEntryRow).where(ours).with_for_update())}
    over = select(ScheduleOverrideRow).where(ScheduleOverrideRow.entry.in_(list(rows)))
    overrides = {row.entry: row for row in session.scalars(over)}
    for plan in planned:
        name = plan.entry.name
        row = rows.pop(name, None)
        if row is None:
            row = ScheduleEntryRow(name=name, revision=0, enabled=True, declared_at=at)
            session.add(row)
        row.origin = CATALOG
        _write(session, row, overrides.get(name), plan, at)
    for row in rows.values():
        _undeclare(session, row, overrides.get(row.name), at)


def disable(session: Session, name: str, fault: str) -> None:
    """Take an entry that is wrong out of the schedule, visibly; the next declaration or edit mends it."""
    row = session.get(ScheduleEntryRow, name, with_for_update=True)
    if row is None:
        return
    before = audit.in_force(row)
    row.enabled, row.disabled_reason = False, f"{UNRUNNABLE}: {fault}"
    audit.record(
        session, name, "disabled", Author(who="beat", why=fault), before=before, after=audit.in_force(row)
    )
    log.error("entry_disabled", entry=name, reason=fault)


def revive(session: Session, deployments: Collection[str], at: datetime) -> list[str]:
    """Take the entries back into the schedule whose deployment was missing and is among these; name them."""
    lacking = ScheduleEntryRow.disabled_reason.startswith(f"{UNRUNNABLE}: {NO_DEPLOYMENT}")
    rows = session.scalars(
        select(ScheduleEntryRow)
        .where(~ScheduleEntryRow.enabled, lacking, ScheduleEntryRow.target.in_(list(deployments)))
        .with_for_update()
    ).all()
    for row in rows:
        before = audit.in_force(row)
        row.enabled, row.disabled_reason = True, None
        why = Author(who="beat", why=f"Prefect has {row.target} again")
        audit.record(session, row.name, "enabled", why, before=before, after=audit.in_force(row), at=at)
        log.info("entry_enabled", entry=row.name)
    return [row.name for row in rows]


def views(session: Session) -> list[EntryView]:
    """Return all entries with their last fire, by name."""
    last = (
        select(FireRow.entry, FireRow.due_at, FireRow.state, FireRow.reason)
        .ext(distinct_on(FireRow.entry))
        .order_by(FireRow.entry, FireRow.due_at.desc())
        .subquery()
    )
    rows = session.execute(
        select(ScheduleEntryRow, last.c.due_at, last.c.state, last.c.reason, ScheduleOverrideRow.entry)
        .outerjoin(last, last.c.entry == ScheduleEntryRow.name)
        .outerjoin(ScheduleOverrideRow, ScheduleOverrideRow.entry == ScheduleEntryRow.name)
        .order_by(ScheduleEntryRow.name)
    )
    return [
        EntryView(
            entry=shown(row),
            enabled=row.enabled,
            disabled_reason=row.disabled_reason,
            next_due=row.next_due,
            last_due=due,
            last_state=state,
            last_reason=reason,
            revision=row.revision,
            overridden=overridden is not None,
        )
        for row, due, state, reason, overridden in rows
    ]


def entry(row: ScheduleEntryRow) -> Entry:
    """Return the entry that a row holds; raise Misconfigured where it cannot be read."""
    try:
        return Entry(
            name=row.name,
            cadence=cadence_from_json(row.cadence),
            runner=Runner(row.runner),
            target=row.target,
            queue=row.queue,
            priority=row.priority,
            limit=timedelta(seconds=row.limit_s),
            policy=policy_from_json(row.policy),
            parameters=row.parameters,
            flow_runner=FlowRunner(row.flow_runner),
            description=row.description,
        )
    except (ValueError, OverflowError) as error:
        raise Misconfigured(str(error)) from error


def shown(row: ScheduleEntryRow) -> Entry:
    """Return the entry for people to read: what cannot be read of it is left out."""
    try:
        return entry(row)
    except Misconfigured:
        fields = {column: getattr(row, column) for column in ("name", "target", "queue", "priority")}
        return Entry(**fields, cadence=ByHand(), runner=Runner.CELERY, limit=timedelta(0))


def _write(
    session: Session,
    row: ScheduleEntryRow,
    override: ScheduleOverrideRow | None,
    plan: Scheduled,
    at: datetime,
) -> None:
    new = row.revision == 0
    before = {} if new else audit.in_force(row)
    was = (row.cadence, timing(row.policy or {}))
    revived = (row.disabled_reason or "").startswith((UNDECLARED, UNRUNNABLE))
    if revived:
        row.enabled, row.disabled_reason = True, None
        if override is not None and override.paused:
            row.enabled, row.disabled_reason = False, override.pause_reason
    changed = lay_over(row, declared_values(plan.entry), override)
    altered = bool(changed) or (not new and before["disabled_reason"] != row.disabled_reason)
    if altered:
        row.revision += 1
        row.synced_at = row.counted_from = at
        row.fired = 0
    if revived or was != (row.cadence, timing(row.policy)) or (row.next_due is None and not _exhausted(row)):
        row.next_due = plan.next_due
    if altered and not new:
        after = audit.in_force(row)
        audit.record(session, row.name, "declared", audit.DECLARATION, before=before, after=after, at=at)


def _exhausted(row: ScheduleEntryRow) -> bool:
    """Whether the entry has had all the fires that its policy allows it."""
    most = row.policy.get("max_fires")
    return most is not None and row.fired >= most


def _undeclare(
    session: Session, row: ScheduleEntryRow, override: ScheduleOverrideRow | None, at: datetime
) -> None:
    paused = override is not None and override.paused
    reason = UNDECLARED if paused or row.disabled_reason is None else row.disabled_reason
    if (row.enabled, row.disabled_reason) == (False, reason):
        return
    before = audit.in_force(row)
    row.enabled, row.disabled_reason = False, reason
    row.revision += 1
    after = audit.in_force(row)
    audit.record(session, row.name, "undeclared", audit.DECLARATION, before=before, after=after, at=at)


def declared_values(declared: Entry) -> dict[str, Any]:
    """Return an entry as the columns hold it."""
    return {
        "cadence": cadence_to_json(declared.cadence),
        "runner": declared.runner.value,
        "flow_runner": declared.flow_runner.value,
        "target": declared.target,
        "queue": declared.queue,
        "priority": declared.priority,
        "limit_s": declared.limit.total_seconds(),
        "policy": policy_to_json(declared.policy),
        "parameters": declared.parameters,
        "description": declared.description,
    }


def lay_over(row: ScheduleEntryRow, values: dict[str, Any], override: ScheduleOverrideRow | None) -> set[str]:
    """Write the declared `values` and the override over them into `row`; return the columns that changed."""
    declared = {name: values[name] for name in OVERRIDABLE}
    values = values | {"declared": declared}
    if override is not None:
        over = {"cadence": override.cadence, "priority": override.priority}
        values |= {name: value for name, value in over.items() if value is not None}
        values["parameters"] = declared["parameters"] | (override.parameters or {})
        values["policy"] = policy_over(declared["policy"], override.policy or {})
    changed = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in changed.items():
        setattr(row, name, value)
    return set(changed)


def policy_over(declared: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Return the policy that `over` leaves in force, as it is stored; what cannot be read stays as it is."""
    laid = declared | over
    try:
        return policy_to_json(policy_from_json(laid))
    except Misconfigured:
        return laid


def timing(policy: dict[str, Any]) -> tuple[Any, ...]:
    """Return what of a stored policy says when an entry is due."""
    return tuple(policy.get(name) for name in _TIMING)
