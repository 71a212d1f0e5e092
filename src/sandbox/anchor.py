"""What is fixed once for a world and kept in the data folder, so that a restart serves the same fixtures."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from src.core.errors import Misconfigured

FILE = "sandbox.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The instant a world was built around (aware UTC) and by how many weeks its matches were moved."""

    at: datetime
    shift_weeks: int = 0


def recall(folder: Path, world: str) -> Anchor | None:
    """Return the anchor of `world`, or None where none is kept; raise Misconfigured on a broken file."""
    kept = _read(folder / FILE).get(world)
    if kept is None:
        return None
    try:
        at = datetime.fromisoformat(str(kept["at"]))
        weeks = int(str(kept["shift_weeks"]))
    except (KeyError, TypeError, ValueError) as error:
        raise Misconfigured(
            f"{folder / FILE}: the entry {world!r} is broken ({error!r}); {_REMEDY}"
        ) from None
    if at.tzinfo is None:
        raise Misconfigured(f"{folder / FILE}: the entry {world!r} has a time without a zone; {_REMEDY}")
    return Anchor(at=at, shift_weeks=weeks)


def keep(folder: Path, world: str, anchor: Anchor) -> None:
    """Write the anchor of `world` beside those of other worlds, whole or not at all."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        worlds = _read(folder / FILE)
        worlds[world] = asdict(anchor) | {"at": anchor.at.isoformat()}
        part = folder / f"{FILE}.part"
        part.write_text(json.dumps(worlds, indent=2) + "\n", encoding="utf-8")
        os.replace(part, folder / FILE)
    except OSError as error:
        raise Misconfigured(f"the sandbox cannot write its data folder {folder}: {error.strerror}") from error


_REMEDY = "delete the file to begin the sandbox's world anew"


def _read(path: Path) -> dict[str, dict[str, object]]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise Misconfigured(f"{path} cannot be read ({error}); {_REMEDY}") from None
    if not isinstance(told, dict):
        raise Misconfigured(f"{path} is not a JSON object; {_REMEDY}")
    return told
