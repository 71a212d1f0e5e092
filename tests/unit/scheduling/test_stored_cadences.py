from datetime import UTC, datetime
from typing import Any

import pytest

from src.core.errors import Misconfigured
from src.database.schedule import from_json, to_json
from src.domain.entry import ByHand, Cadence, Cron, Interval, OneOff

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "cadence",
    [
        Cron(expression="0 2 * * *", timezone="Europe/Paris"),
        Interval(every_s=90.5, anchor=AT),
        OneOff(at=AT),
        ByHand(),
    ],
)
def test_what_is_stored_comes_back(cadence: Cadence) -> None:
    assert from_json(to_json(cadence)) == cadence


@pytest.mark.parametrize("stored", [{"cron": 5}, {"every_s": "soon"}, {"at": "tomorrow"}, {"nonsense": 1}])
def test_what_is_no_cadence_is_refused_with_an_example(stored: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="for example"):
        from_json(stored)
