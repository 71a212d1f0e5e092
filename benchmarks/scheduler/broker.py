"""What has arrived in the broker, read from outside the schedulers."""

import base64
import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import redis

#: The queue of every measured task, and the keys in which the Redis transport keeps its priorities.
QUEUE = "scheduler"
KEYS = [QUEUE, *(f"{QUEUE}\x06\x16{step}" for step in (3, 6, 9))]


@dataclass(frozen=True)
class Arrival:
    """A message: when it was seen (Unix seconds), which entry's, and its task id."""

    at: float
    entry: str
    id: str


class Broker:
    def __init__(self, url: str) -> None:
        self._link: Any = redis.Redis.from_url(url)

    def depth(self) -> int:
        """How many messages wait."""
        pipe = self._link.pipeline(transaction=False)
        for key in KEYS:
            pipe.llen(key)
        return sum(pipe.execute())

    def take(self) -> list[Arrival]:
        """Take up to 1,000 messages of each priority."""
        pipe = self._link.pipeline(transaction=False)
        for key in KEYS:
            pipe.rpop(key, 1000)
        found = [message for messages in pipe.execute() for message in messages or ()]
        now = time.time()
        return [_arrival(message, now) for message in found]

    def watch(self, until: Callable[[int], bool], every_s: float = 0.001) -> list[Arrival]:
        """Take messages as they come until `until(so many)` holds; each is seen at most `every_s` late."""
        arrivals: list[Arrival] = []
        while not until(len(arrivals)):
            found = self.take()
            arrivals += found
            if not found:
                time.sleep(every_s)
        return arrivals

    def take_all(self) -> list[Arrival]:
        arrivals: list[Arrival] = []
        while found := self.take():
            arrivals += found
        return arrivals


def doubled(arrivals: list[Arrival]) -> int:
    """How many messages came beyond the first of their entry."""
    return sum(count - 1 for count in Counter(arrival.entry for arrival in arrivals).values())


def _arrival(message: bytes, at: float) -> Arrival:
    envelope = json.loads(message)
    _args, kwargs, _embed = json.loads(base64.b64decode(envelope["body"]))
    return Arrival(at, kwargs.get("name", ""), envelope["headers"]["id"])
