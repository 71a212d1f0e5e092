"""What every benchmark leaves behind: its figures as JSON, and a page that ends with the machine."""

import json
from datetime import UTC, datetime
from pathlib import Path


def write(
    folder: Path,
    name: str,
    page: str,
    machine: dict[str, str],
    began: float,
    **measured: list[dict[str, object]],
) -> None:
    """Write `name`.json with what was measured and `name`.md with `page`; `began` is a Unix time."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = datetime.fromtimestamp(began, UTC).isoformat(timespec="seconds")
    record = {"taken_at": taken, "machine": machine} | measured
    (folder / f"{name}.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")
    facts = "\n".join(f"- {fact}: {value}" for fact, value in machine.items())
    (folder / f"{name}.md").write_text(f"{page}\n\n## The machine, {taken[:10]}\n\n{facts}\n")
