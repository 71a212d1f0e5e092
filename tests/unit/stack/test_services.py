from pathlib import Path

import pytest

from src.core.errors import Misconfigured
from src.core.settings import Settings
from src.stack import services as stack
from src.stack.plan import Plan
from src.stack.postgres_place import Place
from src.stack.run import check_source, chosen
from src.stack.service import Service


def plan(folder: Path, *, live: bool = False, history: Path | None = None, **values: object) -> Plan:
    settings = Settings(_env_file=None, home=folder, **values)  # type: ignore[call-arg, arg-type]
    place = Place(folder / "postgres", folder / "install")
    return Plan(settings=settings, live=live, history=history, place=place)


def named(services: list[Service]) -> dict[str, Service]:
    return {service.name: service for service in services}


def test_every_need_is_declared_before_the_service_that_has_it(tmp_path: Path) -> None:
    seen: set[str] = set()
    for service in stack.declare(plan(tmp_path)):
        assert set(service.depends_on) <= seen
        seen.add(service.name)


def test_services_have_ports_of_their_own_and_name_the_setting(tmp_path: Path) -> None:
    with_port = [service for service in stack.declare(plan(tmp_path)) if service.port]
    assert len({service.port for service in with_port}) == len(with_port) == 7
    aliases = {field.alias for field in Settings.model_fields.values()}
    assert {service.port_setting for service in with_port} <= aliases


def test_no_password_is_in_an_argument_an_address_or_a_name(tmp_path: Path) -> None:
    made = plan(tmp_path)
    secrets = [made.home.password("postgres"), made.home.password("redis")]
    for service in stack.declare(made):
        shown = " ".join([*service.argv, service.address, service.advice, *service.env.values()])
        assert not [secret for secret in secrets if secret in shown]


@pytest.mark.parametrize(
    ("setting", "url", "name"),
    [
        ("database_url", "postgresql://me:hush@db.example:5555/football", "postgres"),
        ("redis_url", "redis://:hush@cache.example:7777/0", "redis"),
        ("prefect_api_url", "http://prefect.example:4200/api", "prefect"),
        ("mlflow_tracking_uri", "http://mlflow.example:5000", "mlflow"),
    ],
)
def test_a_server_of_the_users_own_is_not_started(tmp_path: Path, setting: str, url: str, name: str) -> None:
    made = plan(tmp_path, **{setting: url})
    service = named(stack.declare(made))[name]
    assert service.external
    assert "hush" not in service.address + service.advice
    assert url in stack.addresses(made).values()


def test_the_sandbox_stands_for_every_source_unless_the_real_sites_are_asked_for(tmp_path: Path) -> None:
    env = stack.environment(plan(tmp_path))
    assert env["FOTMOB_BASE_URL"] == "http://127.0.0.1:8900/fotmob"
    assert env["TITAN_EURO_URL"] == "http://127.0.0.1:8900/titan/euro"
    assert env["TITAN_RATE_LIMIT_QPS"] == "1000"
    live = plan(tmp_path, live=True)
    assert "sandbox" not in named(stack.declare(live))
    assert stack.environment(live)["MATCHBEAT_UPSTREAM"] == "live"
    assert "FOTMOB_BASE_URL" not in stack.environment(live)


def test_what_the_user_set_reaches_the_services_with_absolute_paths(tmp_path: Path) -> None:
    env = stack.environment(plan(tmp_path, worker_processes=5, history_dir=Path("seasons")))
    assert env["MATCHBEAT_WORKER_PROCESSES"] == "5"
    assert env["MATCHBEAT_HISTORY_DIR"] == str(Path.cwd() / "seasons")


def test_chosen_services_bring_what_they_need(tmp_path: Path) -> None:
    assert [service.name for service in chosen(plan(tmp_path), ["migrate"])] == ["postgres", "migrate"]
    with pytest.raises(Misconfigured, match="no service is called nonsense; there are postgres"):
        chosen(plan(tmp_path), ["nonsense"])


def test_a_home_filled_from_one_source_refuses_another(tmp_path: Path) -> None:
    made = plan(tmp_path)
    check_source(made, stack.declare(made))
    check_source(made, stack.declare(made))
    live = plan(tmp_path, live=True)
    with pytest.raises(Misconfigured, match="holds data from made seasons"):
        check_source(live, stack.declare(live))


def test_the_api_token_is_made_once_and_the_users_own_wins(tmp_path: Path) -> None:
    plan(tmp_path).home.make()
    made = stack.addresses(plan(tmp_path))["MATCHBEAT_API_TOKEN"]
    assert len(made) >= 32
    assert stack.addresses(plan(tmp_path))["MATCHBEAT_API_TOKEN"] == made
    own = "a-token-of-my-own-making"
    assert stack.addresses(plan(tmp_path, api_token=own))["MATCHBEAT_API_TOKEN"] == own


def test_the_sandbox_spoils_what_the_settings_ask_for(tmp_path: Path) -> None:
    plain = named(stack.declare(plan(tmp_path)))["sandbox"].argv
    assert "--chaos" not in plain
    chaotic = plan(tmp_path, sandbox_chaos="slow=0.1", sandbox_chaos_seed=3)
    argv = named(stack.declare(chaotic))["sandbox"].argv
    assert argv[-4:] == ("--chaos", "slow=0.1", "--chaos-seed", "3")
