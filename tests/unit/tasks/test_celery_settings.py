"""The Celery settings that keep a fire from being lost or run twice."""

from collections.abc import Iterator
from types import ModuleType

import pytest

from src.core.settings import settings
from src.domain.entry import Runner
from src.scheduling.catalog import CATALOG
from src.scheduling.dispatch import transport_priority
from src.tasks import consumer


@pytest.fixture
def config(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    settings.cache_clear()
    import celeryconfig

    yield celeryconfig
    settings.cache_clear()


def test_a_message_comes_back_after_more_than_twice_the_longest_limit(config: ModuleType) -> None:
    longest = max(entry.limit for entry in CATALOG if entry.runner is Runner.CELERY).total_seconds()
    places = {
        config.visibility_timeout,
        config.broker_transport_options["visibility_timeout"],
        config.result_backend_transport_options["visibility_timeout"],
    }
    assert len(places) == 1
    assert places.pop() > 2 * longest


def test_a_retry_comes_sooner_than_its_message_comes_back(config: ModuleType) -> None:
    from src.tasks.fire_task import FireTask

    assert config.visibility_timeout > 5 * 2**FireTask.max_retries


def test_only_json_is_written_and_read(config: ModuleType) -> None:
    assert config.accept_content == ["json"]
    assert (config.task_serializer, config.result_serializer) == ("json", "json")


def test_a_message_is_acknowledged_when_its_task_is_done_and_not_given_to_another_when_its_worker_dies(
    config: ModuleType,
) -> None:
    assert config.task_acks_late is True
    assert config.worker_prefetch_multiplier == 1
    assert not getattr(config, "task_reject_on_worker_lost", False)
    assert not getattr(config, "worker_cancel_long_running_tasks_on_connection_loss", False)
    assert config.worker_consumer == f"{consumer.__name__}:{consumer.Consumer.__name__}"


def test_each_of_our_priorities_keeps_its_order_and_none_given_is_not_urgent(config: ModuleType) -> None:
    options = config.broker_transport_options
    assert options["queue_order_strategy"] == "priority"
    steps = [
        max(step for step in options["priority_steps"] if step <= transport_priority(ours))
        for ours in range(10)
    ]
    assert steps == sorted(steps, reverse=True)
    assert (steps[0], steps[9]) == (9, 0)
    assert config.task_default_priority == transport_priority(3) > 0
    assert {route["priority"] for route in config.task_routes.values()} == {config.task_default_priority}


def test_every_queue_has_an_exchange_of_its_own_and_every_entry_a_queue(config: ModuleType) -> None:
    names = {queue.name for queue in config.task_queues}
    assert {queue.exchange.name for queue in config.task_queues} == names
    assert {queue.routing_key for queue in config.task_queues} == names
    assert {entry.queue for entry in CATALOG} <= names
    assert {route["queue"] for route in config.task_routes.values()} <= names


def test_no_import_became_a_setting(config: ModuleType) -> None:
    from celery.app.defaults import NAMESPACES, flatten

    known = {key for key, _ in flatten(NAMESPACES)}
    ours = {name for name in vars(config) if not name.startswith("_")}
    assert ours - known == {"visibility_timeout"}
