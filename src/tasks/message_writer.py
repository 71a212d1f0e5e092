"""Writes many Celery messages fast: each shape of message is written by Celery once and repeated as text."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from celery import Celery, signals
from celery.app.routes import MapRoute
from celery.exceptions import QueueNotFound
from celery.result import denied_join_result
from celery.utils.saferepr import saferepr
from kombu import Producer
from kombu.exceptions import EncodeError
from kombu.utils.json import dumps

from src.core.logging import get_logger
from src.domain.ports import Unsent
from src.scheduling.dispatch import FIRE_HEADER, soft_limit_s, transport_priority
from src.tasks.message_template import Form, Marks, MessageTemplate, Unfit

log = get_logger(__name__)

#: Celery raises these where this one fire cannot be written.
UNWRITABLE = (EncodeError, QueueNotFound)

#: So many templates are kept, and so many forms, the ones used last.
_KEPT = 16_384

V = TypeVar("V")


def task_options(item: Unsent) -> dict[str, Any]:
    """Return the arguments of `Celery.send_task` that send this fire."""
    fire, entry = item.fire, item.entry
    limit = entry.limit.total_seconds()
    options = {
        "name": entry.target,
        "kwargs": fire.parameters,
        "task_id": str(fire.id),
        "queue": entry.queue,
        "priority": transport_priority(entry.priority),
        "time_limit": limit,
        "soft_time_limit": soft_limit_s(limit),
        "headers": {FIRE_HEADER: str(fire.id)},
        "retry": False,
    }
    expires = expires_at(item)
    return options if expires is None else options | {"expires": expires}


def expires_at(item: Unsent) -> datetime | None:
    """Return when the fire is too old to begin, in UTC; None where it never is, or has been begun before."""
    expires = item.entry.policy.expires
    return None if expires is None or item.attempts else item.since + expires


class MessageWriter:
    """Writes what `Celery.send_task` would write over this producer, whose transport must be kombu's redis.

    A template is used only if it repeats to the letter what Celery writes for the fire it is made for.
    """

    def __init__(self, app: Celery, producer: Producer) -> None:
        self._app = app
        self._producer = producer
        self._describe = partial(
            describe, maxlen=app.amqp.kwargsrepr_maxsize, maxlevels=app.conf.task_repr_maxlevels
        )
        self._templates: OrderedDict[object, MessageTemplate | None] = OrderedDict()
        self._forms: OrderedDict[object, Form] = OrderedDict()

    def write(self, batch: Sequence[Unsent]) -> list[tuple[str, str] | Exception] | None:
        """Return for each fire the Redis list and the message, or why it cannot be written.

        None where a message would not be what `send_task` writes. Queues are declared and bound on the way.
        """
        if not self._may_repeat():
            return None
        now, sender = self._app.now(), self._app.thread_oid
        written: list[tuple[str, str] | Exception] = []
        for item in batch:
            try:
                form = self._form(item, sender)
            except UNWRITABLE as error:
                written.append(error)
                continue
            if form is None:
                return None
            written.append((form.key, self._fill(form, item, now)))
        return written

    def _may_repeat(self) -> bool:
        """Say whether one message tells how the next will be written.

        A receiver of these signals may change a message or wants to see each; a router of one's own may look
        at the parameters; a task that sends is the parent of what it sends.
        """
        watched = signals.before_task_publish, signals.after_task_publish, signals.task_sent
        return (
            not any(signal.receivers for signal in watched)
            and not self._app.conf.task_send_sent_event
            and self._app.current_worker_task is None
            and all(isinstance(route, MapRoute) for route in self._app.amqp.routes)
        )

    def _form(self, item: Unsent, sender: str) -> Form | None:
        entry, parameters = item.entry, item.fire.parameters
        shape = entry.target, entry.queue, entry.priority, entry.limit, entry.policy.expires is None, sender
        # Not the parameters themselves: {"n": 1} equals {"n": True}, and is written otherwise.
        key = shape, repr(parameters)
        form = self._forms.get(key)
        if form is None:
            if shape not in self._templates:
                _keep(self._templates, shape, self._proven_template(item))
            template = self._templates[shape]
            if template is None:
                return None
            form = template.with_parameters(parameters)
            _keep(self._forms, key, form)
            self._templates.move_to_end(shape)
        else:
            self._forms.move_to_end(key)
        return form

    def _fill(self, form: Form, item: Unsent, now: datetime) -> str:
        tag = self._producer.channel._next_delivery_tag()
        expires = expires_at(item)
        if expires is None:
            return form.fill(str(item.fire.id), tag)
        left_ms = int(max((expires - now).total_seconds(), 0) * 1000)
        return form.fill(str(item.fire.id), tag, expires.isoformat(), str(left_ms))

    def _proven_template(self, item: Unsent) -> MessageTemplate | None:
        marks, real_options = Marks(), task_options(item)
        marked_options = real_options | {
            "kwargs": marks.parameters,
            "task_id": marks.id,
            "headers": {FIRE_HEADER: marks.id},
        }
        if "expires" in real_options:
            marked_options["expires"] = marks.expires
        try:
            key, real = self._record(real_options)
            marked = self._record(marked_options)
            template = MessageTemplate(*marked, marks, self._producer.channel, self._describe)
            self._prove(template.with_parameters(item.fire.parameters), item, key, real)
        except Unfit as error:
            log.warning("messages_sent_one_by_one", task=item.entry.target, reason=str(error))
            return None
        return template

    def _prove(self, form: Form, item: Unsent, key: str, real: dict[str, Any]) -> None:
        tag, expiration = (real["properties"].get(name, "") for name in ("delivery_tag", "expiration"))
        expires = expires_at(item)
        ours = form.fill(str(item.fire.id), tag, expires.isoformat() if expires else "", expiration)
        if (form.key, ours) != (key, dumps(real)):
            raise Unfit("its messages differ in more than their parameters")

    def _record(self, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """Return the list and the message that `send_task` writes with these options, without sending it."""
        channel = self._producer.channel
        puts: list[tuple[str, dict[str, Any]]] = []
        channel._put = lambda queue, message, **_: puts.append((queue, message))
        try:
            send_task(self._app, self._producer, options)
        finally:
            del channel._put
        if len(puts) != 1 or puts[0][0] in channel._expires:
            raise Unfit("its queue is not one plain list")
        queue, message = puts[0]
        return channel._q_for_pri(queue, channel._get_message_priority(message)), message


def send_task(app: Celery, producer: Producer, options: dict[str, Any]) -> None:
    """Send a task as Celery does."""
    # Nobody awaits the result here: otherwise the Redis result backend subscribes to each one.
    with denied_join_result():
        app.send_task(**options, producer=producer)


def describe(parameters: dict[str, Any], maxlen: int, maxlevels: int) -> str:
    """Return Celery's representation of a task's arguments, which costs most of a message to make.

    Where nothing in it needs Celery's care, Python's own is the same.
    """
    if maxlevels > 1 and all(_is_short_word(key) and _is_simple(value) for key, value in parameters.items()):
        short = repr(parameters)
        if len(short) < maxlen // 2:
            return short
    return str(saferepr(parameters, maxlen=maxlen, maxlevels=maxlevels))


def _is_simple(value: object) -> bool:
    return type(value) in {int, bool, type(None)} or _is_short_word(value)


def _is_short_word(value: object) -> bool:
    return type(value) is str and len(value) < 64 and value.replace("-", "").isalnum() and value.isascii()


def _keep(kept: OrderedDict[object, V], key: object, value: V) -> None:
    kept[key] = value
    if len(kept) > _KEPT:
        kept.popitem(last=False)
