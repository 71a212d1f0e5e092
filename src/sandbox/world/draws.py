"""Repeatable draws: the same world gives the same answer to the same question in every process."""

import zlib
from hashlib import sha1
from random import Random


def drawn(number: int, what: str) -> float:
    """Return a repeatable figure in [0, 1) for one fixture and one question."""
    return zlib.crc32(f"{number}:{what}".encode()) / 2**32


def generator(*parts: object) -> Random:
    """Return a generator seeded by `parts`; the same parts give the same numbers on every machine."""
    return Random(":".join(map(str, parts)))  # noqa: S311 - a made world, not a secret


def hex_id(kind: str, name: object) -> str:
    """Return eight hex digits, FBref's form of an id."""
    return sha1(f"{kind}:{name}".encode(), usedforsecurity=False).hexdigest()[:8]
