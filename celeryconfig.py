"""Celery's settings; read when the app is first used. Names imported here start with an underscore."""

from kombu import Exchange as _Exchange
from kombu import Queue as _Queue

from src.core.settings import settings as _settings
from src.scheduling.dispatch import FLOW_QUEUE as _FLOW_QUEUE
from src.scheduling.dispatch import transport_priority as _transport_priority

broker_url = _settings().require_redis_url()
result_backend = broker_url

imports = (
    "src.tasks.signals",
    "src.tasks.data_cleanup",
    "src.tasks.data_collection",
    "src.tasks.flow_runner",
    "src.tasks.model_training",
    "src.tasks.monitoring",
    "src.tasks.quality",
)
# Each queue has an exchange of its own: without one all of them would hang on the default queue's.
task_queues = tuple(
    _Queue(_name, _Exchange(_name), routing_key=_name)
    for _name in ("scheduler", "data_collection", "quality", "monitoring", "maintenance", _FLOW_QUEUE)
)
task_default_queue = "scheduler"

task_serializer = result_serializer = "json"
accept_content = ["json"]
timezone = "UTC"
enable_utc = True

# On the Redis transport 0 is the most urgent *and* the default; ours is 9. A task that is sent without a
# priority, by name or by its class, gets a low one here, so that it does not jump the queue.
task_default_priority = _transport_priority(3)
task_routes = {
    "data_collection.*": {"queue": "data_collection", "priority": task_default_priority},
    "data_cleanup.*": {"queue": "maintenance", "priority": task_default_priority},
    "flows.*": {"queue": _FLOW_QUEUE, "priority": task_default_priority},
    "monitoring.*": {"queue": "monitoring", "priority": task_default_priority},
    "quality.*": {"queue": "quality", "priority": task_default_priority},
    "*": {"queue": "scheduler", "priority": task_default_priority},
}
# Twice the longest limit and more: a message comes back only when its worker is surely gone.
visibility_timeout = 5 * 3600
broker_transport_options = {
    "visibility_timeout": visibility_timeout,
    "priority_steps": [0, 3, 6, 9],
    "queue_order_strategy": "priority",
    "socket_connect_timeout": 5,
    "socket_timeout": 30,
    # Beat must not hang on a broker that is away: the ledger sends again.
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
result_backend_transport_options = {"visibility_timeout": visibility_timeout}
broker_connection_retry_on_startup = True
result_expires = 24 * 3600

# A message is acknowledged when its task is done; the ledger keeps a second delivery from running.
task_acks_late = True
task_track_started = True
worker_prefetch_multiplier = 1
worker_send_task_events = True
# The ledger tells what was sent; an event for each message would cost Beat its batches.
task_send_sent_event = False
worker_consumer = "src.tasks.consumer:Consumer"
worker_hijack_root_logger = False
worker_max_tasks_per_child = 200

beat_scheduler = "src.tasks.scheduler_prefect:PrefectFlowScheduler"
