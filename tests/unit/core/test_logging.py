import logging

import pytest
import structlog

from src.core.logging import configure_logging, get_logger, redact


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> object:
    root = logging.getLogger()
    before = (root.level, root.handlers[:])
    yield
    root.setLevel(before[0])
    root.handlers = before[1]
    structlog.reset_defaults()


def test_passwords_in_addresses_are_blanked() -> None:
    assert redact("at postgresql://u:hunter2@host/db") == "at postgresql://u:***@host/db"
    assert redact("redis://:hunter2@host") == "redis://:***@host"
    assert redact("http://host/path?x=1") == "http://host/path?x=1"


def test_an_event_is_one_line_with_fields_and_no_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    get_logger("test").info("fire_sent", entry="x", token="hunter2", url="redis://:hunter2@host")
    line = capsys.readouterr().err
    assert "event='fire_sent'" in line
    assert "entry='x'" in line
    assert "hunter2" not in line


def test_libraries_logs_are_blanked_too(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging()
    logging.getLogger("library").warning("connected to %s", "redis://:hunter2@host")
    assert "redis://:***@host" in capsys.readouterr().err


def test_a_password_with_an_at_sign_or_in_the_query_is_blanked() -> None:
    assert redact("postgresql://u:p@ss@host/db") == "postgresql://u:***@host/db"
    assert redact("postgresql://host/db?user=u&password=hunter2&x=1") == (
        "postgresql://host/db?user=u&password=***&x=1"
    )
