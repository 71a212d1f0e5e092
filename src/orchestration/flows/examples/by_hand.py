"""Runs an example from the command line, against the configured Prefect."""

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from src.core.errors import Misconfigured, Transient
from src.core.settings import settings
from src.orchestration.prefect_client import prefect_client


def by_hand(example: Callable[[], Any]) -> int:
    """Run `example` and write what it returns as JSON; return the exit code.

    Where there is no Prefect to run against, that is said and nothing is run: an example skipped is no error.
    """
    with ExitStack() as prefect:
        try:
            prefect.enter_context(prefect_client(settings()))
        except (Misconfigured, Transient) as away:
            sys.stderr.write(f"skipped: {away}\n")
            return 0
        sys.stdout.write(json.dumps(example(), indent=2, ensure_ascii=False) + "\n")
    return 0
