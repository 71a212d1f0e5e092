"""Signs of life of a Celery worker: a key in Redis, `matchbeat:worker:<node name>`.

Its value is when the worker that renews it began, by that machine's clock: a fire which an earlier worker of
the same name had begun before that time runs no more.
"""

import contextlib
import os
import socket
import time
from datetime import UTC, datetime, timedelta
from threading import Thread

import redis

from src.cache.redis_client import get_redis_client
from src.database.vanished import NODE_MARK
from src.pipeline.context import context
from src.scheduling.sweep import LIFE_KEY

#: A worker that lives renews its key within so many seconds.
ALIVE_S = 15
_RENEW_EVERY_S = 3.0


class Life:
    """What a worker's main process knows of itself; its children inherit it by the fork."""

    def __init__(self) -> None:
        self.shown = True
        self._began = 0.0
        self._since = datetime.max.replace(tzinfo=UTC)

    def begin(self, *, shown: bool) -> None:
        """Begin a worker's life; where it is not `shown`, nobody may conclude anything from that."""
        self.shown = shown
        self._began = time.monotonic()
        self._since = datetime.max.replace(tzinfo=UTC)

    def since(self, now: datetime) -> datetime:
        """Return when this worker began, and never a later time than before: the clock may be set forward."""
        self._since = min(self._since, now - timedelta(seconds=time.monotonic() - self._began))
        return self._since


LIFE = Life()


def show(node: str | None) -> None:
    """Renew the key of `node`; without Redis there is nobody to tell."""
    since = LIFE.since(context().clock.now())
    with contextlib.suppress(redis.RedisError):
        get_redis_client().set(f"{LIFE_KEY}{node or socket.gethostname()}", since.isoformat(), ex=ALIVE_S)


def keep_showing(node: str | None) -> None:
    """Renew the key of `node` until this process ends; for a worker that forks no more."""
    if LIFE.shown:
        Thread(target=_show_on, args=(node,), name="life", daemon=True).start()


def process_name(node: str | None) -> str:
    """Name this process for the ledger: "<node>/<pid>" where its node shows life, or "<host>:<pid>"."""
    if node and LIFE.shown:
        return f"{node}{NODE_MARK}{os.getpid()}"
    return f"{socket.gethostname()}:{os.getpid()}"


def _show_on(node: str | None) -> None:
    while True:
        show(node)
        time.sleep(_RENEW_EVERY_S)
