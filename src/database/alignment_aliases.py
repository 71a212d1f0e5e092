"""Operators' aliases of clubs, and the audit of alignment."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from src.database.recordset import recordset
from src.database.tables.alignment import AlignmentAuditRow, TeamAliasRow
from src.domain.alignment import Alias, Decision
from src.domain.edit import Author

_ADD = text("""
    with written as (
        insert into team_aliases (alias, club, country, who, why, at)
        select alias, club, country, :who, :why, :at
        from json_to_recordset(cast(:rows as json)) as r (alias text, club text, country text)
        on conflict do nothing
        returning 1
    )
    select count(*) from written
""")


def aliases(session: Session) -> list[Alias]:
    """Return all aliases, by club and alias."""
    rows = session.scalars(
        select(TeamAliasRow).order_by(TeamAliasRow.club, TeamAliasRow.alias, TeamAliasRow.id)
    )
    return [Alias(alias=row.alias, club=row.club, country=row.country) for row in rows]


def add_aliases(session: Session, added: Iterable[Alias], by: Author, at: datetime) -> int:
    """Write aliases; return how many are new."""
    rows = recordset(vars(alias) for alias in added)
    return int(session.execute(_ADD, {"rows": rows, "who": by.who, "why": by.why, "at": at}).scalar_one())


def drop_alias(session: Session, alias: str) -> list[Alias]:
    """Take away every meaning of an alias; return what it was."""
    found = session.scalars(delete(TeamAliasRow).where(TeamAliasRow.alias == alias).returning(TeamAliasRow))
    return [Alias(alias=row.alias, club=row.club, country=row.country) for row in found]


def record_decision(session: Session, action: str, by: Author, what: dict[str, Any], at: datetime) -> None:
    """Write one row of the audit."""
    session.execute(insert(AlignmentAuditRow).values(at=at, who=by.who, action=action, why=by.why, what=what))


def decisions(session: Session, limit: int = 50) -> list[Decision]:
    """Return the last decisions, newest first."""
    wanted = select(AlignmentAuditRow).order_by(AlignmentAuditRow.id.desc()).limit(limit)
    return [
        Decision(id=row.id, at=row.at, who=row.who, action=row.action, why=row.why, what=row.what)
        for row in session.scalars(wanted)
    ]
