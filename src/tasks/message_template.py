"""A message of Celery's, kept as text with gaps where one fire differs from the next.

Celery and kombu write the message once, with marks in place of the values; nothing here knows its format
beyond where a message holds its body, its delivery tag and its expiration.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from kombu.serialization import dumps as serialize
from kombu.transport.virtual import Channel
from kombu.utils.encoding import bytes_to_str
from kombu.utils.json import dumps

#: Celery writes a representation of the arguments beside the arguments.
Describe = Callable[[dict[str, Any]], str]


def _mark() -> str:
    return str(uuid4())


@dataclass(frozen=True, slots=True)
class Marks:
    """Values that occur in no real message: a template is written with them."""

    id: str = field(default_factory=_mark)
    parameters: dict[str, Any] = field(default_factory=lambda: {_mark(): _mark()})
    expires: datetime = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    body: str = field(default_factory=_mark)
    description: str = field(default_factory=_mark)
    tag: str = field(default_factory=_mark)
    expiration: str = field(default_factory=_mark)


class Unfit(Exception):
    """The message is not written in the way that a template can repeat."""


@dataclass(frozen=True, slots=True)
class Form:
    """A message for the list `key` that lacks only what differs between fires with the same parameters.

    The long `text` is the template's; `body` and `description`, as JSON, are those of the parameters.
    """

    key: str
    text: str
    body: str
    description: str

    def fill(self, fire: str, tag: str, expires: str = "", expiration: str = "") -> str:
        """Return the message; `expires` is ISO 8601, `expiration` in milliseconds from now."""
        return self.text % {
            "id": fire,
            "tag": tag,
            "expires": expires,
            "expiration": expiration,
            "body": self.body,
            "description": self.description,
        }


class MessageTemplate:
    """The text of `written`, a message with `marks` for the list `key`."""

    def __init__(
        self, key: str, written: dict[str, Any], marks: Marks, channel: Channel, describe: Describe
    ) -> None:
        headers, properties = written["headers"], written["properties"]
        body = bytes_to_str(channel.decode_body(written["body"], properties["body_encoding"]))
        self._head, found, self._tail = body.partition(dumps(marks.parameters))
        if not found or headers.get("kwargsrepr") != describe(marks.parameters):
            raise Unfit(f"{key}: the parameters are not where they were expected")
        gaps = {"delivery_tag": marks.tag}
        if "expiration" in properties:
            gaps["expiration"] = marks.expiration
        model = written | {
            "body": marks.body,
            "headers": headers | {"kwargsrepr": marks.description},
            "properties": properties | gaps,
        }
        self._key = key
        self._text = _with_gaps(dumps(model), marks)
        self._channel, self._describe = channel, describe

    def with_parameters(self, parameters: dict[str, Any]) -> Form:
        """Return the message with these parameters; raise kombu's EncodeError where JSON cannot hold them."""
        parameters = parameters or {}
        _, _, encoded = serialize(parameters, serializer="json")
        body, _ = self._channel.encode_body(self._head + encoded + self._tail, self._channel.body_encoding)
        return Form(self._key, self._text, dumps(body), dumps(self._describe(parameters)))


def _with_gaps(text: str, marks: Marks) -> str:
    text = text.replace("%", "%%")
    for mark, name in (
        (f'"{marks.body}"', "body"),
        (f'"{marks.description}"', "description"),
        (marks.id, "id"),
        (marks.tag, "tag"),
        (marks.expires.isoformat(), "expires"),
        (marks.expiration, "expiration"),
    ):
        text = text.replace(mark, f"%({name})s")
    return text
