import pytest

from src.collectors.wiring import titan_transport
from src.core.clock import FixedClock
from src.core.errors import Misconfigured
from src.core.settings import Settings


def test_a_gateway_that_cannot_be_read_yet_is_refused_and_the_sites_are_left_alone() -> None:
    settings = Settings(_env_file=None, titan_base_url="https://gateway.example/odds")  # type: ignore[call-arg]
    with pytest.raises(Misconfigured, match="TITAN_BASE_URL"):
        titan_transport(settings, FixedClock())
