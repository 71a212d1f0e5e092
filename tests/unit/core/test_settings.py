from pathlib import Path

import pytest
from pydantic import SecretStr

from src.core.errors import Misconfigured
from src.core.settings import STACK_ENV, Settings, load_settings


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("DATABASE_URL", "mysql://u:hunter2@host/db", "Postgres"),
        ("DATABASE_URL", "postgresql://u:hunter2@host:abc/db", "port"),
        ("DATABASE_URL", "postgresql://u:hunter2@host", "database"),
        ("REDIS_URL", "http://:hunter2@host", "redis://"),
        ("PREFECT_API_URL", "localhost:4200", "http"),
        ("TITAN_MAX_RETRIES", "hunter2", "integer"),
        ("TITAN_RATE_LIMIT_QPS", "0", "greater than 0"),
        ("TITAN_TIMEOUT", "-1", "greater than 0"),
        ("TITAN_BASE_URL", "ftp://hunter2@host", "http"),
        ("MATCHBEAT_API_PORT", "70000", "65535"),
        ("MATCHBEAT_LOG_LEVEL", "hunter2", "DEBUG"),
        ("MATCHBEAT_API_TOKEN", "hunter2", "16 or more"),
        ("MATCHBEAT_API_TOKEN", "hunter2 with spaces and more", "without spaces"),
    ],
)
def test_a_wrong_value_names_the_variable_the_problem_and_an_example(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Misconfigured) as caught:
        load_settings()
    text = str(caught.value)
    assert name in text
    assert complaint in text
    assert f"for example {name}=" in text
    assert "hunter2" not in text


def test_every_example_is_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    from src.core.setting_checks import example_for

    for field in Settings.model_fields.values():
        assert field.alias is not None
        monkeypatch.setenv(field.alias, example_for(field.alias))
    load_settings()


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "nonsense")
    monkeypatch.setenv("TITAN_TIMEOUT", "soon")
    with pytest.raises(Misconfigured, match=r"(?s)REDIS_URL.*TITAN_TIMEOUT|TITAN_TIMEOUT.*REDIS_URL"):
        load_settings()


def test_secrets_do_not_show_in_repr() -> None:
    settings = load_settings(
        database_url="postgresql://u:hunter2@host/db",
        redis_url="redis://:hunter2@host/0",
        titan_api_token=SecretStr("hunter2"),
        api_football_key="hunter2",
        prefect_api_auth_string="admin:hunter2",
    )
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)


def test_the_environment_wins_over_dot_env_and_that_over_the_running_stack(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = tmp_path / ".matchbeat" / STACK_ENV
    stack.parent.mkdir()
    stack.write_text(
        "PREFECT_API_URL=http://stack/api\nMLFLOW_TRACKING_URI=http://stack\nFBREF_BASE_URL=http://stack"
    )
    (tmp_path / ".env").write_text("MLFLOW_TRACKING_URI=http://dotenv\nFBREF_BASE_URL=http://dotenv")
    monkeypatch.setenv("FBREF_BASE_URL", "http://environment")
    settings = load_settings()
    assert settings.prefect_api_url == "http://stack/api"
    assert settings.mlflow_tracking_uri == "http://dotenv"
    assert settings.fbref_base_url == "http://environment"


def test_the_stack_reads_what_the_user_set_alone(tmp_path: Path) -> None:
    stack = tmp_path / ".matchbeat" / STACK_ENV
    stack.parent.mkdir()
    stack.write_text("PREFECT_API_URL=http://stack/api")
    assert load_settings(with_stack=False).prefect_api_url is None


def test_the_database_password_fills_an_address_without_one() -> None:
    settings = load_settings(database_url="postgresql://u@host/db", database_password="p@ss")
    assert settings.require_database_url() == "postgresql://u:p%40ss@host/db"


def test_an_address_that_is_missing_says_how_to_get_it() -> None:
    with pytest.raises(Misconfigured, match=r"REDIS_URL is not set.*matchbeat up.*redis://"):
        load_settings().require_redis_url()


def test_only_aliases_name_environment_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/somewhere/else")
    monkeypatch.setenv("LOG_LEVEL", "nonsense")
    assert load_settings().home == Path(".matchbeat")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        load_settings().api_port = 1  # type: ignore[misc]


def test_an_http_address_with_a_password_is_refused_without_repeating_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_API_URL", "http://me:hunter2@localhost:4200/api")
    with pytest.raises(Misconfigured, match=r"PREFECT_API_URL.*no user name or password") as caught:
        load_settings()
    assert "hunter2" not in str(caught.value)
