"""Fixtures of the tests of alignment."""

from pathlib import Path

import pytest

from tests.unit.collectors.alignment.labelled import Sides, labelled_sides


@pytest.fixture(scope="package")
def sides(shared_data: Path) -> Sides:
    """All fixtures of both sources of a labelled set, and its pairs."""
    return labelled_sides(shared_data)
