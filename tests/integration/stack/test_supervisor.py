import os
import signal
import stat
import time
from pathlib import Path

import psutil
import psycopg2
import pytest
import redis

from src.core.settings import STACK_ENV, Settings, load_settings
from tests.integration.stack.conftest import SmallStack, alive, until

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes as Linux shows them"),
]


def settings_of(stack: SmallStack) -> Settings:
    return load_settings(home=stack.home.path)


def store(stack: SmallStack, word: str) -> None:
    settings = settings_of(stack)
    with psycopg2.connect(settings.require_database_url()) as link, link.cursor() as cursor:
        cursor.execute("create table if not exists words (word text)")
        cursor.execute("insert into words values (%s)", (word,))
    link.close()
    redis.Redis.from_url(settings.require_redis_url()).set("word", word)


def stored(stack: SmallStack) -> tuple[list[str], str | None]:
    settings = settings_of(stack)
    link = psycopg2.connect(settings.require_database_url())
    with link.cursor() as cursor:
        cursor.execute("select word from words order by word")
        words = [row[0] for row in cursor.fetchall()]
    link.close()
    value = redis.Redis.from_url(settings.require_redis_url(), decode_responses=True).get("word")
    return words, value if isinstance(value, str) else None


def test_killing_the_supervisor_leaves_no_process_and_its_data_is_found_again(
    small_stack: SmallStack,
) -> None:
    pid = small_stack.up()
    store(small_stack, "kept")
    time.sleep(1.1)  # Valkey's log reaches the disk every second
    below = list(small_stack.seen)
    # Three generations of each family, Postgres with its own children, Valkey, and a guard for each service.
    assert len(below) >= 4 + 3 + 2 + 2 + 4

    os.kill(pid, signal.SIGKILL)
    psutil.wait_procs(below, timeout=10)
    assert alive(below) == []

    small_stack.up()
    assert stored(small_stack) == (["kept"], "kept")


def test_a_start_right_after_the_kill_waits_for_the_services_that_are_ending(small_stack: SmallStack) -> None:
    pid = small_stack.up()
    store(small_stack, "kept")
    time.sleep(1.1)
    os.kill(pid, signal.SIGKILL)
    small_stack.up()
    assert stored(small_stack)[0] == ["kept"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_every_process_and_removes_the_addresses(
    small_stack: SmallStack, number: signal.Signals
) -> None:
    pid = small_stack.up()
    assert small_stack.process is not None
    os.kill(pid, number)
    assert small_stack.process.wait(15) == 0
    assert alive(small_stack.seen) == []
    assert small_stack.home.state() is None
    assert not (small_stack.home.path / STACK_ENV).exists()


def test_a_second_start_in_the_same_home_refuses_in_one_line(small_stack: SmallStack) -> None:
    pid = small_stack.up()
    first = small_stack.process
    second = small_stack.run()
    small_stack.process = first
    assert second.wait(15) != 0
    assert second.stderr is not None
    error = second.stderr.read().decode().splitlines()[-1]
    assert f"already runs in {small_stack.home.path} (pid {pid})" in error


def test_a_service_that_dies_is_started_again(small_stack: SmallStack) -> None:
    small_stack.up()
    guard = small_stack.service("redis")["guard"]
    assert isinstance(guard, int)
    psutil.Process(guard).children()[0].kill()
    until(lambda: (s := small_stack.service("redis"))["state"] == "ready" and s["guard"] not in {guard, None})
    assert small_stack.service("redis")["restarts"] == 1
    assert redis.Redis.from_url(settings_of(small_stack).require_redis_url()).ping()


@pytest.mark.parametrize("name", ["family", "orphans", "postgres"])
def test_killing_a_guard_ends_all_below_it_and_the_service_starts_again(
    small_stack: SmallStack, name: str
) -> None:
    small_stack.up()
    guard = small_stack.service(name)["guard"]
    assert isinstance(guard, int)
    below = psutil.Process(guard).children(recursive=True)
    os.kill(guard, signal.SIGKILL)
    until(lambda: not alive(below))
    until(lambda: (s := small_stack.service(name))["state"] == "ready" and s["guard"] not in {guard, None})


def test_a_request_restarts_one_service_at_once(small_stack: SmallStack) -> None:
    pid = small_stack.up()
    guard = small_stack.service("family")["guard"]
    (small_stack.home.requests / "family").touch()
    os.kill(pid, signal.SIGUSR1)
    until(
        lambda: (s := small_stack.service("family"))["state"] == "ready" and s["guard"] not in {guard, None}
    )
    assert list(small_stack.home.requests.iterdir()) == []


def test_passwords_stand_in_private_files_and_in_no_command_line_log_or_state(
    small_stack: SmallStack,
) -> None:
    small_stack.up()
    home = small_stack.home
    secrets = [home.password("postgres"), home.password("redis")]
    for name in ("secrets.json", STACK_ENV):
        assert stat.S_IMODE((home.path / name).stat().st_mode) == 0o600
    shown = [" ".join(each.cmdline()) for each in alive(small_stack.seen)]
    shown += [file.read_text(errors="replace") for file in home.logs.iterdir()]
    shown.append((home.path / "supervisor.json").read_text())
    assert not [text for text in shown for secret in secrets if secret in text]
