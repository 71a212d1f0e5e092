"""A scripted source, and a clock that moves when somebody sleeps on it."""

from collections.abc import Iterator

import pytest

from tests.integration.transport.server import ScriptedServer, scripted
from tests.stopwatch import Stopwatch


@pytest.fixture
def source() -> Iterator[ScriptedServer]:
    with scripted() as running:
        yield running


@pytest.fixture
def watch() -> Stopwatch:
    return Stopwatch()
