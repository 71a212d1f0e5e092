"""The file `prefect.yaml`, made from the catalog, for those who deploy with Prefect's own command.

`prefect deploy --all`, called in the checkout once `matchbeat flows register` has made the work pools,
updates the same deployments. But Prefect's command un-pauses what an operator paused: `register` keeps it.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from src.domain.entry import Entry
from src.orchestration.declared import DeclaredDeployment, declared
from src.scheduling.catalog import CATALOG
from src.scheduling.entrypoints import source_folder

FILE = "prefect.yaml"

_HEAD = """\
# Written by `matchbeat flows yaml` from src/scheduling/catalog.py: change the catalog and run it again.
#
# `prefect deploy --all` reads it and updates the deployments that `matchbeat flows register` makes. Run
# `register` first: it makes the work pools. Prefect's command un-pauses what was paused; `register` does not.
# There are no schedules because Beat fires the deployments.
name: matchbeat

deployments:
"""


def prefect_yaml(entries: Iterable[Entry] = CATALOG) -> str:
    """Return the text of `prefect.yaml`: the same deployments that `register` makes."""
    return _HEAD + "\n".join("\n".join(_lines(deployment)) + "\n" for deployment in declared(entries))


def write_prefect_yaml(file: Path | None = None) -> tuple[Path, bool]:
    """Write `prefect.yaml` (default: in the source folder); return where it is and whether it changed."""
    file = file or source_folder() / FILE
    text = prefect_yaml()
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return file, False
    file.write_text(text, encoding="utf-8")
    return file, True


def _lines(deployment: DeclaredDeployment) -> Iterator[str]:
    yield f"- name: {deployment.name}"
    yield f"  entrypoint: {deployment.entrypoint}"
    yield f"  version: {_value(deployment.version)}"
    yield f"  description: {_value(deployment.description)}"
    yield f"  tags: {_value(deployment.tags)}"
    yield f"  parameters: {_value(deployment.parameters)}"
    yield "  enforce_parameter_schema: true"
    if deployment.concurrency_limit is not None:
        yield "  concurrency_limit:"
        yield f"    limit: {deployment.concurrency_limit}"
        yield "    collision_strategy: ENQUEUE"
    yield "  work_pool:"
    yield f"    name: {deployment.pool}"
    yield f"    work_queue_name: {_value(deployment.queue)}"
    yield f"    job_variables: {_value(deployment.job_variables)}"


def _value(value: Any) -> str:
    """Return a value as JSON, which YAML reads as it is."""
    return json.dumps(value, ensure_ascii=False)
