"""Celery's own tests of Beat, from its source distribution, with our class as `celery.beat.Scheduler`.

`make install` fetches the distribution, pinned in requirements/celery-sdist.lock; nothing of it is kept here.
"""

import os
import subprocess
import sys
import tarfile
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
TEST_FILE = "t/unit/app/test_beat.py"

_SOLAR = "solar cadences need ephem, which is not installed: Matchbeat has none"
#: What does not pass and why; a test that is named here and passes is an error too.
EXCEPTED = {
    "test_Scheduler::test_tick_solar_across_dst[spring-forward]": _SOLAR,
    "test_Scheduler::test_tick_solar_across_dst[fall-back]": _SOLAR,
    "test_PersistentScheduler::test_run_all_due_tasks_after_restart": (
        "expects a wait of up to 60 s; ours comes back every second, for Beat's liveness and shutdown"
    ),
}


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """How each test of Celery's file ended, by class and name: passed, failed or skipped."""
    place = tmp_path_factory.mktemp("celery")
    unpack(sdist(), place)
    report = place / "report.xml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "tests.compat.in_place_of_stock",
         "-p", "no:cacheprovider", f"--junitxml={report}", TEST_FILE],
        cwd=place, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
        timeout=120,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return read(report)


def sdist() -> Path:
    archive = Path(sys.prefix, "share", "celery-sdist", f"celery-{version('celery')}.tar.gz")
    if not archive.exists():
        pytest.skip(f"{archive.name} is not here: `make install` fetches it where there is a network")
    return archive


def unpack(archive: Path, place: Path) -> None:
    """Lay Celery's tests, and not its code, under `place`."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = member.name.partition("/")[2]
            content = (
                tar.extractfile(member) if name == "pyproject.toml" or name.startswith("t/unit/") else None
            )
            if content is not None:
                (place / name).parent.mkdir(parents=True, exist_ok=True)
                (place / name).write_bytes(content.read())
    (place / "t/__init__.py").touch()


def read(report: Path) -> dict[str, str]:
    outcomes = {}
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = {child.tag for child in case} & {"failure", "error", "skipped"}
        name = case.attrib["classname"].rpartition(".")[2] + "::" + case.attrib["name"]
        outcomes[name] = "failed" if kinds - {"skipped"} else "skipped" if kinds else "passed"
    return outcomes


def test_of_celerys_83_scheduler_tests_at_least_80_pass(outcomes: dict[str, str]) -> None:
    of_scheduler = [
        outcome for name, outcome in outcomes.items()
        if name.startswith(("test_Scheduler::", "test_SchedulerShutdown::"))
    ]  # fmt: skip
    assert len(of_scheduler) == 83
    assert of_scheduler.count("passed") >= 80


def test_every_test_of_beat_passes_but_those_with_a_reason(outcomes: dict[str, str]) -> None:
    assert {name for name, outcome in outcomes.items() if outcome != "passed"} == set(EXCEPTED)
    assert Counter(outcomes.values()) == {"passed": 166, "skipped": 2, "failed": 1}
