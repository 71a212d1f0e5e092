"""Ends a Celery task that runs; the doors hand this to the use case, which knows nothing of Celery."""

from src.core.errors import Transient
from src.core.settings import settings
from src.domain.fire import FireId


def revoke(fire: FireId) -> None:
    """Tell all workers to end the task of a fire, with SIGTERM to its process; Transient without a broker."""
    from celery import Celery
    from kombu.exceptions import KombuError
    from redis.exceptions import RedisError

    with Celery("matchbeat-control", set_as_current=False) as app:
        app.config_from_object("celeryconfig")
        app.conf.broker_url = settings().require_redis_url()
        try:
            app.control.revoke(str(fire), terminate=True)
        except (KombuError, RedisError, OSError) as error:
            raise Transient(
                f"the broker does not answer ({type(error).__name__}), so no worker hears of it: "
                "start Redis, then cancel again"
            ) from error
