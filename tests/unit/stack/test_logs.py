import os
from pathlib import Path

import pytest

from src.stack import logs
from src.stack.health import NotReady, log_says
from src.stack.unit import Backoff


def append(file: Path, text: str) -> None:
    with file.open("a") as stream:
        stream.write(text)


def test_a_tail_gives_whole_lines_once_and_outlives_a_truncation(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    append(file, "before\n")
    tail = logs.Tail(file)
    assert tail.read() == []
    append(file, "one\ntwo\nthr")
    assert tail.read() == ["one", "two"]
    append(file, "ee\n")
    assert tail.read() == ["three"]
    file.write_text("")
    append(file, "new\n")
    assert tail.read() == ["new"]


def test_last_lines(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    assert logs.last_lines(file, 5) == []
    append(file, "".join(f"{number}\n" for number in range(100)))
    assert logs.last_lines(file, 3) == ["97", "98", "99"]
    assert logs.last_lines(file, 0) == []


def test_a_large_log_moves_aside_at_the_start_and_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "_ROTATE_BYTES", 10)
    file = tmp_path / "a.log"
    append(file, "much too long\n")
    fd = logs.open_log(file, "now")
    assert (tmp_path / "a.log.1").read_text() == "much too long\n"
    os.write(fd, b"much too long again\n")
    logs.trim(file)
    os.write(fd, b"goes on\n")
    os.close(fd)
    assert file.read_text() == "goes on\n"
    assert "much too long again" in (tmp_path / "a.log.1").read_text()


def test_readiness_is_read_from_the_present_start_alone(tmp_path: Path) -> None:
    file = tmp_path / "a.log"
    os.close(logs.open_log(file, "first"))
    append(file, "worker ready.\n")
    log_says(file, "ready.")()
    os.close(logs.open_log(file, "second"))
    with pytest.raises(NotReady):
        log_says(file, "ready.")()


def test_back_off_doubles_to_half_a_minute_and_forgets_after_a_good_run() -> None:
    backoff = Backoff()
    assert [backoff.failed() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    good = Backoff(good_run_s=0)
    assert [good.failed() for _ in range(3)] == [0.5, 0.5, 0.5]
