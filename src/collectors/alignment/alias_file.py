"""Reads an operator's table of club names: a CSV with a column of aliases and one of clubs."""

from pathlib import Path

from src.collectors.alignment.csv_rows import read_rows
from src.core.errors import BadData
from src.domain.alignment import Alias

_ALIAS, _CLUB = ("alias", "zh"), ("club", "en")


def read_aliases(file: Path) -> list[Alias]:
    """Return the aliases of a CSV with the columns `alias` (or `zh`), `club` (or `en`) and perhaps `country`.

    The country is a code of three letters; a repeated line counts once. Raises BadData with file, line and
    column.
    """
    rows = read_rows(file)
    names = set(rows[0]) if rows else set()
    alias, club = (next((name for name in known if name in names), None) for known in (_ALIAS, _CLUB))
    if alias is None or club is None:
        wanted = "a column `alias` (or `zh`) and a column `club` (or `en`)"
        raise BadData(f"{file}: no table of aliases: it needs {wanted}; it has {', '.join(sorted(names))}")
    found: dict[Alias, None] = {}
    for line, row in enumerate(rows, start=2):
        for column in (alias, club):
            if not row[column]:
                raise BadData(f"{file}, line {line}, column {column}: empty; write a name there")
        country = row.get("country", "").upper() or None
        if country is not None and not (len(country) == 3 and country.isalpha()):
            raise BadData(
                f"{file}, line {line}, column country: {country!r} is no code of three letters as ENG"
            )
        found[Alias(alias=row[alias], club=row[club], country=country)] = None
    return list(found)
