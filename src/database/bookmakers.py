"""Bookmakers: one row each, whatever number a source's namespace gives it."""

from collections.abc import Collection, Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from src.database.reading import read_rows
from src.database.recordset import recordset
from src.domain.bookmaker import AGGREGATES

_MAKE = text("""
    with told as (
        select distinct on (namespace, source_id) *
        from json_to_recordset(cast(:rows as json))
            as r (namespace text, source_id text, name text, kind text)
        where not exists (
            select from bookmaker_ids b where b.namespace = r.namespace and b.source_id = r.source_id)
    ), made as (
        insert into bookmakers (name, kind) select name, min(kind) from told group by name
        on conflict (name) do update set name = excluded.name
        returning id, name
    )
    insert into bookmaker_ids (namespace, source_id, bookmaker_id)
    select namespace, source_id, made.id from told join made using (name)
    on conflict do nothing
""")

_NUMBERS = """
    select namespace, source_id, bookmaker_id from bookmaker_ids
    where namespace = any(%(namespaces)s) and source_id = any(%(ids)s)
"""

_NAMES = text("""
    select i.source_id, b.name from bookmaker_ids i join bookmakers b on b.id = i.bookmaker_id
    where i.namespace = :namespace and i.source_id = any(:ids)
""")


def bookmaker_names(session: Session, namespace: str, ids: Collection[str]) -> dict[str, str]:
    """Return the names of a namespace's bookmakers by their ids there; unknown ones are left out."""
    rows = session.execute(_NAMES, {"namespace": namespace, "ids": list(ids)})
    return {row.source_id: row.name for row in rows}


def bookmaker_numbers(session: Session, names: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    """Return our numbers of bookmakers, told as (namespace, id) with their names; unknown ones are made."""
    numbers = _numbers(session, names)
    missing = [
        {
            "namespace": namespace,
            "source_id": source_id,
            "name": name,
            "kind": "aggregate" if namespace in AGGREGATES else "bookmaker",
        }
        for (namespace, source_id), name in names.items()
        if (namespace, source_id) not in numbers
    ]
    if missing:
        session.execute(_MAKE, {"rows": recordset(missing)})
        numbers = _numbers(session, names)
    return numbers


def _numbers(session: Session, names: Mapping[tuple[str, str], str]) -> dict[tuple[str, str], int]:
    told = {"namespaces": list({space for space, _ in names}), "ids": list({number for _, number in names})}
    return {(space, number): ours for space, number, ours in read_rows(session, _NUMBERS, told)}
