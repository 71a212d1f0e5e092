"""How a fire travels as a Celery task, where that is a rule of ours and not Celery's."""

#: The message header that tells a worker which fire it runs.
FIRE_HEADER = "matchbeat_fire"

#: The Celery task that runs the flow of a flow run, and its queue.
FLOW_TASK = "flows.run"
FLOW_QUEUE = "flows"

#: A task is asked to stop so many seconds before it is killed.
_SOFT_MARGIN_S = 15


def transport_priority(priority: int) -> int:
    """Return what the Redis transport calls our priority: there 0 is the most urgent, here 9."""
    return 9 - priority


def soft_limit_s(limit_s: float) -> float:
    """Return after how many seconds a task that may take `limit_s` is asked to stop."""
    return max(limit_s - _SOFT_MARGIN_S, limit_s / 2)
