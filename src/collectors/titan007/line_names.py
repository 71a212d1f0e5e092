"""Chinese names of lines: `受让球半/两球` is a handicap of 1.75 that the home side receives."""

import re

_COUNTS = {name: count for count, name in enumerate("零一二三四五六七八九十")} | {"两": 2}
_WORDS = {"平手": 0.0, "平": 0.0, "半球": 0.5, "半": 0.5, "球半": 1.5}
_BALLS = re.compile(r"([一二两三四五六七八九十])(?:球)?(半)?")
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})?", re.ASCII)
_RECEIVES = re.compile(r"^(?:受让|受|\*)")


def line_of(name: str) -> float:
    """Return the line that a name or a number stands for, above 0 where the home side gives.

    Two names with a stroke between are the quarter line between them. Raises ValueError on another text.
    """
    receives = _RECEIVES.match(name)
    parts = name[receives.end() if receives else 0 :].strip().split("/")
    if not 1 <= len(parts) <= 2:
        raise ValueError(f"not the name of a line: {name[:40]!r}")
    goals = sum(_part(part.strip(), name) for part in parts) / len(parts)
    return -goals + 0.0 if receives else goals


def _part(part: str, name: str) -> float:
    if part in _WORDS:
        return _WORDS[part]
    if _NUMBER.fullmatch(part):
        return float(part)
    found = _BALLS.fullmatch(part)
    if found is None:
        raise ValueError(f"not the name of a line: {name[:40]!r}")
    return _COUNTS[found[1]] + (0.5 if found[2] else 0.0)
