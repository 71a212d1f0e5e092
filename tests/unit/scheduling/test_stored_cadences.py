from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.errors import Misconfigured
from src.database.schedule_json import cadence_from_json, cadence_to_json
from src.domain.entry import ByHand, Cadence, Cron, Density, DensityStep, Interval, OneOff

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.datetimes(timezones=st.timezones()).map(lambda at: at.astimezone(UTC)) | st.just(AT)
SECONDS = st.floats(0.001, 1e7)
STEPS = st.builds(DensityStep, matches=st.integers(1, 100), within_s=SECONDS, every_s=SECONDS)
CADENCES = (
    st.builds(Cron, expression=st.text(max_size=20), timezone=st.sampled_from(["UTC", "Europe/Paris"]))
    | st.builds(Interval, every_s=SECONDS, anchor=MOMENTS)
    | st.builds(Interval, every_s=SECONDS)
    | st.builds(OneOff, at=MOMENTS)
    | st.just(ByHand())
    | st.builds(Density, steps=st.lists(STEPS, max_size=4).map(tuple))
)


@given(cadence=CADENCES)
def test_what_is_stored_comes_back(cadence: Cadence) -> None:
    assert cadence_from_json(cadence_to_json(cadence)) == cadence


@given(cadence=CADENCES)
def test_what_is_stored_is_written_the_same_again(cadence: Cadence) -> None:
    stored = cadence_to_json(cadence)
    assert cadence_to_json(cadence_from_json(stored)) == stored


def test_steps_are_stored_under_their_names() -> None:
    density = Density(steps=(DensityStep(matches=20, within_s=3600, every_s=120),))
    assert cadence_to_json(density) == {"density": [{"matches": 20, "within_s": 3600, "every_s": 120}]}


@pytest.mark.parametrize(
    "stored",
    [
        {"cron": 5},
        {"every_s": "soon"},
        {"every_s": 10**400, "anchor": AT.isoformat()},
        {"at": "tomorrow"},
        {"nonsense": 1},
        {"density": 5},
        {"density": "often"},
        {"density": [{"matches": 20, "within_s": 3600}]},
        {"density": [{"matches": 2.5, "within_s": 3600, "every_s": 60}]},
        {"density": [{"matches": True, "within_s": 3600, "every_s": 60}]},
    ],
)
def test_what_is_no_cadence_is_refused_with_an_example(stored: dict[str, Any]) -> None:
    with pytest.raises(Misconfigured, match="for example"):
        cadence_from_json(stored)
