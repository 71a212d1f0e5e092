"""The command line, called in the test's own process."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from src.cli import main
from src.database.connection import get_database
from tests.process_caches import forget

#: Takes a command's arguments and returns its exit code, output and errors.
Run = Callable[..., tuple[int, str, str]]


@contextmanager
def commands(
    group: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Run]:
    """Yield what runs `matchbeat <group> …` in the environment as it stands."""
    forget()

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["matchbeat", group, *arguments])
        with pytest.raises(SystemExit) as ended:
            sys.exit(main.main())  # type: ignore[func-returns-value]
        shown = capsys.readouterr()
        return int(ended.value.code or 0), shown.out, shown.err

    yield call
    get_database().close()
    forget()


def data(run: Run, *arguments: str) -> Any:
    """Run a command that must succeed and return its JSON."""
    code, out, err = run(*arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)
