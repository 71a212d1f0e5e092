"""Rows of CSV files, plain or packed."""

import csv
import gzip
import io
from pathlib import Path

from src.core.errors import BadData, Misconfigured


def read_bytes(file: Path) -> bytes:
    """Return a file's bytes, unpacked where its name ends in `.gz`; Misconfigured where there is none."""
    try:
        body = file.read_bytes()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise Misconfigured(f"{file}: {error.strerror}") from error
    if file.suffix != ".gz":
        return body
    try:
        return gzip.decompress(body)
    except (OSError, EOFError) as error:
        raise BadData(f"{file}: not a gzip file: {error}") from error


def read_rows(file: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file with a header, cells without outer blanks.

    Raises BadData where it is none. It is UTF-8; older files of football-data.co.uk are cp1252.
    """
    body = read_bytes(file)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    try:
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
    except csv.Error as error:
        raise BadData(f"{file}: not a CSV file: {error}") from error
    return [{name: (value or "").strip() for name, value in row.items() if name} for row in rows]
