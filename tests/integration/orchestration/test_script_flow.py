"""The script flow with real processes, against a real Prefect server."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from src.core.clock import SystemClock
from src.core.errors import BadData
from src.database import outcomes
from src.database.connection import Database
from src.domain.fire import Fire, fire_id
from src.orchestration import script_process
from src.orchestration.flows.script_flow import ScriptFailed, run_script_flow
from tests.prefect_server import QUIET

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("in_flow")]

#: Starts a process in a session of its own, writes both ids to `pids` and waits.
_FAMILY = """
import pathlib, subprocess, sys, os, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"], start_new_session=True)
pathlib.Path("pids.new").write_text(f"{os.getpid()} {child.pid}")
os.rename("pids.new", "pids")
print("both run", flush=True)
time.sleep(300)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "scripts"
    made.mkdir()
    return made


def _script(folder: Path, text: str) -> str:
    (folder / "job.py").write_text(text)
    return "job.py"


def test_output_and_exit_code_are_in_the_result(folder: Path) -> None:
    script = _script(
        folder,
        "import os, sys\nprint('hello', *sys.argv[1:], os.getcwd())\nprint('naïve', file=sys.stderr)\n",
    )
    result = run_script_flow(script, arguments=["a b", "$HOME"], folder=str(folder))
    assert json.loads(json.dumps(result)) == result
    assert result.pop("duration_s") > 0
    assert result == {
        "script": str(folder / "job.py"),
        "exit_code": 0,
        "stdout": f"hello a b $HOME {folder}",
        "stderr": "naïve",
        "attempts": 1,
    }


def test_the_result_is_kept_beside_the_fire(database: Database, folder: Path) -> None:
    now = SystemClock().now()
    fire = Fire(id=fire_id("script", now), entry="titan-live", due_at=now, parameters={})
    with database.session() as session:
        outcomes.request(session, fire, now)
    result = run_script_flow(_script(folder, "print(1)"), folder=str(folder), fire_id=str(fire.id))
    with database.session() as session:
        row = outcomes.find(session, fire.id)
    assert row is not None
    assert row.result == result


def test_another_exit_code_fails_the_run_with_the_last_lines(folder: Path) -> None:
    script = _script(folder, "import sys\nprint('fine so far')\nsys.exit('no such league')\n")
    state = run_script_flow(script, folder=str(folder), return_state=True)
    assert state.is_failed()
    assert "exit code 1 (attempt 1); its last lines:\nno such league" in state.message


def test_a_failed_attempt_is_repeated(folder: Path) -> None:
    script = _script(
        folder,
        "import pathlib, sys\nseen = pathlib.Path('seen')\n"
        "count = len(seen.read_text()) if seen.exists() else 0\nseen.write_text('x' * (count + 1))\n"
        "sys.exit(7 if count < 2 else 0)\n",
    )
    with pytest.raises(ScriptFailed, match=r"exit code 7 \(attempt 2\); it said nothing"):
        run_script_flow(script, folder=str(folder), retries=1, retry_delay_s=0)
    assert run_script_flow(script, folder=str(folder), retries=1, retry_delay_s=0)["attempts"] == 1
    (folder / "seen").unlink()
    assert run_script_flow(script, folder=str(folder), retries=2, retry_delay_s=0)["attempts"] == 3


def test_a_time_out_kills_all_that_the_script_started(folder: Path) -> None:
    script = _script(folder, _FAMILY)
    with pytest.raises(ScriptFailed, match=r"did not end within 1 s.*all processes.*killed"):
        run_script_flow(script, folder=str(folder), timeout_s=1)
    assert _gone(folder)


def test_what_a_script_leaves_behind_is_ended_with_it(folder: Path) -> None:
    script = _script(folder, _FAMILY.replace("\ntime.sleep(300)\n", "\n"))
    assert run_script_flow(script, folder=str(folder), timeout_s=30)["stdout"] == "both run"
    assert _gone(folder)


def test_only_the_end_of_a_long_output_is_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script_process, "TOLD_LINES", 10)
    result = run_script_flow(
        _script(folder, "for number in range(30_000): print(f'line {number:06}')\n"), folder=str(folder)
    )
    assert result["stdout"].endswith("line 029999")
    assert len(result["stdout"]) <= script_process.KEPT_BYTES
    assert result["stdout"].startswith("line 0")


def test_a_line_without_an_end_does_not_fill_the_memory(folder: Path) -> None:
    result = run_script_flow(_script(folder, "print('x' * 3_000_000, end='')"), folder=str(folder))
    assert 0 < len(result["stdout"]) <= script_process.KEPT_BYTES


def test_a_script_sees_only_what_it_is_given(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAGUE_TOKEN", "hunter2\nhunter3")
    script = _script(folder, "import os\nprint(sorted(os.environ))\nprint(os.environ.get('SEASON'))\n")
    said = run_script_flow(script, folder=str(folder), environment={"SEASON": "2025-2026"})["stdout"]
    assert "DATABASE_URL" not in said
    assert "LEAGUE_TOKEN" not in said
    assert said.endswith("2025-2026")


def test_a_secret_reaches_the_script_and_no_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEAGUE_TOKEN", "hunter2\nhunter3")
    script = _script(
        folder,
        "import os, sys\ntoken = os.environ['LEAGUE_TOKEN']\nprint(len(token), token)\n"
        "print('postgresql://me:swordfish@db/x')\nsys.exit(f'refused {token}')\n",
    )
    state = run_script_flow(script, folder=str(folder), secrets=["LEAGUE_TOKEN"], return_state=True)
    told = state.message + "".join(capfd.readouterr())
    assert "refused ***" in told
    assert not any(secret in told for secret in ("hunter2", "hunter3", "swordfish"))


def test_lines_are_told_while_the_script_runs(folder: Path) -> None:
    script = _script(
        folder, "import pathlib, time\nprint('go on', flush=True)\n"
        "while not pathlib.Path('told').exists(): time.sleep(0.01)\n"
    )  # fmt: skip
    told: list[tuple[str, str]] = []

    def tell(stream: str, line: str) -> None:
        told.append((stream, line))
        (folder / "told").touch()

    ended = script_process.run(
        [sys.executable, script],
        folder=folder,
        environment=script_process.bare_environment({}),
        timeout_s=30,
        tell=tell,
    )
    assert (ended.exit_code, ended.timed_out, told) == (0, False, [("stdout", "go on")])


def test_a_secret_is_blanked_where_a_long_line_is_cut() -> None:
    told: list[str] = []
    for offset in range(4070, 4100):
        output = script_process._Output("stdout", lambda _, line: told.append(line), ["sécret-of-ours"])
        read, write = os.pipe()
        with open(write, "wb") as into:
            into.write(("x" * offset + "sécret-of-ours" + "y" * 5000 + "\nend").encode())
        with open(read, "rb") as pipe:
            output.read(pipe)
        assert output.text().replace("\n", "") == "x" * offset + "***" + "y" * 5000 + "end"


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ({"script": "missing.py"}, r"script .*/scripts/missing\.py does not exist"),
        ({"script": "."}, "does not exist"),
        ({"folder": "/nowhere/at/all"}, "folder /nowhere/at/all does not exist"),
        ({"timeout_s": 0}, "timeout_s is 0"),
        ({"timeout_s": float("nan")}, "timeout_s is nan"),
        ({"retries": -1}, "retries"),
        ({"secrets": ["NOT_SET_HERE"]}, "NOT_SET_HERE"),
    ],
)
def test_a_wrong_parameter_says_what_is_wrong(
    folder: Path, parameters: dict[str, object], named: str
) -> None:
    given = {"script": _script(folder, ""), "folder": str(folder), **parameters}
    with pytest.raises(BadData, match=named):
        run_script_flow(**given)


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGKILL])
def test_the_script_ends_with_its_flow_run(folder: Path, prefect_url: str, sent: int) -> None:
    """SIGTERM is how Prefect's worker cancels a run; SIGKILL is a worker that dies."""
    script = _script(folder, _FAMILY)
    code = (
        "from src.orchestration.flows.script_flow import run_script_flow\n"
        f"run_script_flow({script!r}, folder={str(folder)!r}, retries=3, retry_delay_s=0)\n"
    )
    environment = {**os.environ, **QUIET, "PREFECT_API_URL": prefect_url}
    run = subprocess.Popen([sys.executable, "-c", code], env=environment, stderr=subprocess.DEVNULL)
    try:
        _wait(lambda: (folder / "pids").exists(), 60)
        run.send_signal(sent)
        assert run.wait(20) != 0
    finally:
        run.kill()
        run.wait()
    _wait(lambda: _gone(folder), 10)


def _gone(folder: Path) -> bool:
    return not any(
        psutil.pid_exists(int(pid)) and psutil.Process(int(pid)).status() != psutil.STATUS_ZOMBIE
        for pid in (folder / "pids").read_text().split()
    )


def _wait(ready: Callable[[], bool], limit_s: float) -> None:
    deadline = time.monotonic() + limit_s
    while not ready():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
