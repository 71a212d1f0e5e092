import os
import socket
from collections.abc import Iterator

import pytest

from src.core.errors import Misconfigured
from src.stack.ports import check_ports, free_port, is_free
from src.stack.service import Service

pytestmark = pytest.mark.integration


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def service(name: str, port: int, argv: tuple[str, ...] = ("x",)) -> Service:
    return Service(name=name, argv=argv, port=port, port_setting=f"MATCHBEAT_{name.upper()}_PORT")


def test_a_taken_port_names_the_service_its_setting_and_the_holder(taken: int) -> None:
    with pytest.raises(Misconfigured) as refused:
        check_ports([service("flower", taken), service("api", free_port())])
    assert str(refused.value).startswith(f"port {taken} for flower is taken by ")
    assert f"(pid {os.getpid()})" in str(refused.value)
    assert str(refused.value).endswith("set MATCHBEAT_FLOWER_PORT to a free one")
    assert "\n" not in str(refused.value)


def test_two_services_on_one_port_are_told_apart() -> None:
    port = free_port()
    with pytest.raises(
        Misconfigured, match=f"port {port} is meant for redis and api: set MATCHBEAT_API_PORT"
    ):
        check_ports([service("redis", port), service("api", port)])


def test_the_port_of_a_server_of_the_users_own_is_not_ours_to_claim(taken: int) -> None:
    check_ports([service("redis", taken, argv=())])


def test_a_free_port_is_free(taken: int) -> None:
    assert is_free("127.0.0.1", free_port())
    assert not is_free("127.0.0.1", taken)
