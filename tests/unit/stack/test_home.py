import os
import stat
from pathlib import Path

import psutil
import pytest

from src.core.errors import Misconfigured
from src.core.settings import STACK_ENV, load_settings
from src.stack.home import Home, same_process, write_private


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = Home(tmp_path / "home")
    made.make()
    return made


def own_state() -> dict[str, object]:
    return {"pid": os.getpid(), "created": psutil.Process().create_time(), "phase": "ready", "services": []}


def test_a_private_file_is_readable_by_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    write_private(file, "one")
    write_private(file, "two")
    assert file.read_text() == "two"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_password_is_made_once(home: Home) -> None:
    first = home.password("postgres")
    assert len(first) >= 24
    assert home.password("redis") != first
    assert Home(home.path).password("postgres") == first


def test_a_pid_that_now_belongs_to_another_process_is_not_the_supervisor(home: Home) -> None:
    home.write_state(own_state())
    assert home.running() is not None
    home.write_state({**own_state(), "created": psutil.Process().create_time() - 3600})
    assert home.running() is None
    assert not same_process(2**22 + 1, 0.0)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}"])
def test_an_unreadable_state_is_no_state(home: Home, text: str) -> None:
    (home.path / "supervisor.json").write_text(text)
    assert home.running() is None


def test_the_lock_of_a_running_stack_refuses_and_names_it(home: Home) -> None:
    with home.lock():
        home.write_state(own_state())
        with pytest.raises(Misconfigured, match=f"already runs in .*pid {os.getpid()}"), home.lock():
            pass


def test_a_lock_without_a_supervisor_is_waited_for_and_then_refused(home: Home) -> None:
    refused = pytest.raises(Misconfigured, match="is held by a stack that is ending")
    with home.lock(), refused, home.lock(wait_s=0):
        pass
    with home.lock(wait_s=0):
        pass


def test_addresses_are_read_back_by_the_settings(home: Home) -> None:
    odd = "redis://:it's\\odd@127.0.0.1:6379/0"
    home.write_addresses({"REDIS_URL": odd, "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"})
    settings = load_settings(home=home.path)
    assert settings.require_redis_url() == odd
    assert settings.mlflow_tracking_uri == "http://127.0.0.1:5000"
    assert stat.S_IMODE((home.path / STACK_ENV).stat().st_mode) == 0o600
