"""The carrier of fires that run as Celery tasks."""

import contextlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from celery import Celery
from kombu import Connection
from kombu.exceptions import ChannelError, KombuError
from kombu.transport.redis import SentinelTransport, Transport
from redis.exceptions import RedisError

from src.core.errors import Transient
from src.domain.fire import FireId, FireState
from src.domain.ports import Closed, Sent, Unsent
from src.tasks.message_writer import UNWRITABLE, MessageWriter, send_task, task_options

#: So many fires go out in one round trip.
_BATCH = 1_000

#: A broker that hangs must not hold Beat for as long as the workers' patience lasts. Times in seconds.
_IMPATIENT = {"socket_connect_timeout": 1, "socket_timeout": 2, "retry_on_timeout": False}

_AWAY = (KombuError, RedisError, OSError)


class CeleryCarrier:
    """Puts a fire on its queue as a Celery task whose id is the fire's.

    On Redis a batch goes out in one round trip as the messages that `send_task` would write, in the same
    order; elsewhere, and where something watches or changes what is sent, `send_task` sends each. The
    app's settings are read when it connects. `queues` are those that its messages wait on. One thread uses
    it at a time.
    """

    def __init__(self, app: Celery, queues: Collection[str] = ()) -> None:
        self._app = app
        self._queues = queues
        self._link: _Link | None = None

    def send(self, fires: Sequence[Unsent], taken: Callable[[Sent], None]) -> list[Closed]:
        """See `Carrier.send`."""
        closed: list[Closed] = []
        for start in range(0, len(fires), _BATCH):
            batch = fires[start : start + _BATCH]
            with self._answering() as link:
                written = link.writer.write(batch) if link.writer else None
            if written is None:
                closed += self._send_each(batch, taken)
            else:
                closed += self._send_written(batch, written, taken)
        return closed

    def cancel(self, fires: Sequence[FireId]) -> None:
        """See `Carrier.cancel`."""
        if not fires:
            return
        with self._answering() as link:
            ids = [str(fire) for fire in fires]
            self._app.control.revoke(ids, terminate=True, connection=link.connection)

    def waiting(self) -> int | None:
        """See `Carrier.waiting`; what a worker holds already does not count."""
        with self._answering() as link, link.connection.channel() as channel:
            counts = [_length(channel, queue) for queue in self._queues]
        return sum(counts) if counts else None

    def close(self) -> None:
        """Close the connection; the next call opens another."""
        link, self._link = self._link, None
        # A connection of the process this one was forked from is that process's to close.
        if link is not None and link.pid == os.getpid():
            with contextlib.suppress(*_AWAY):
                link.connection.release()

    def _send_written(
        self,
        batch: Sequence[Unsent],
        written: Sequence[tuple[str, str] | Exception],
        taken: Callable[[Sent], None],
    ) -> list[Closed]:
        closed: list[Closed] = []
        lists: dict[str, list[str]] = {}
        ids: dict[str, list[FireId]] = {}
        for item, message in zip(batch, written, strict=True):
            if isinstance(message, Exception):
                closed.append(_refused(item, message))
            else:
                key, text = message
                lists.setdefault(key, []).append(text)
                ids.setdefault(key, []).append(item.fire.id)
        with self._answering() as link:
            answers = link.push(lists)
        for key, answer in zip(lists, answers, strict=True):
            if not isinstance(answer, Exception):
                for fire_id in ids[key]:
                    taken(Sent(id=fire_id))
        for answer in answers:
            if isinstance(answer, Exception):
                # It may be a replica by now: the next connection asks anew who leads.
                self.close()
                raise Transient(f"the broker refuses messages: {answer}") from answer
        return closed

    def _send_each(self, batch: Sequence[Unsent], taken: Callable[[Sent], None]) -> list[Closed]:
        closed: list[Closed] = []
        for item in batch:
            try:
                with self._answering() as link:
                    send_task(self._app, link.producer, task_options(item))
            except UNWRITABLE as error:
                closed.append(_refused(item, error))
            else:
                taken(Sent(id=item.fire.id))
        return closed

    @contextlib.contextmanager
    def _answering(self) -> Iterator["_Link"]:
        """Give the connection; where the broker does not answer on it, drop it and raise Transient."""
        if self._link is None or self._link.pid != os.getpid():
            self._link = _Link(self._app)
        try:
            yield self._link
        except UNWRITABLE:
            raise
        except _AWAY as error:
            self.close()
            raise Transient(f"the broker is not answering: {str(error) or type(error).__name__}") from error


class _Link:
    """A connection to the broker that opens when it is first used."""

    def __init__(self, app: Celery) -> None:
        self.pid = os.getpid()
        self.connection: Connection = app.connection_for_write()
        self.producer = app.amqp.Producer(self.connection, auto_declare=False)
        self.writer: MessageWriter | None = None
        if isinstance(self.connection.transport, Transport):
            self.connection.transport_options.update(_IMPATIENT, max_retries=_other_brokers(self.connection))
            self.writer = MessageWriter(app, self.producer)

    def push(self, lists: Mapping[str, Sequence[str]]) -> list[Any]:
        """Put messages on their lists in one round trip; return the answer or the error for each list."""
        with (
            self.producer.channel.conn_or_acquire() as client,
            client.pipeline(transaction=False) as pipeline,
        ):
            for key, texts in lists.items():
                pipeline.lpush(key, *texts)
            return list(pipeline.execute(raise_on_error=False))


def _length(channel: Any, queue: str) -> int:
    try:
        return int(channel.queue_declare(queue=queue, passive=True).message_count)
    except ChannelError:  # nobody has made it yet, or all was taken from it
        return 0


def _other_brokers(connection: Connection) -> int:
    """Return how many brokers there are to try after the first; Sentinel tries its own."""
    if isinstance(connection.transport, SentinelTransport):
        return 0
    return max(len(connection.alt) - 1, 0)


def _refused(item: Unsent, error: Exception) -> Closed:
    return Closed(id=item.fire.id, state=FireState.MISSED, reason=f"refused: {error}"[:500])
