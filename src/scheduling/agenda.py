"""Who is due next: a heap in which what is outdated is dropped as it comes up."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime

from src.domain.ports import Scheduled
from src.scheduling.cadence import jitter_of


class Agenda:
    """The schedule in memory: O(log n) for an entry that moves on, O(1) to see that nothing is due.

    Each heap item is (when to fire, entry name, revision). Moving an entry leaves its old item behind, which
    no longer agrees with the entry and is thrown away when it reaches the top.
    """

    def __init__(self, items: Iterable[Scheduled] = ()) -> None:
        self._items = {item.entry.name: item for item in items}
        self._heap = [
            (when, name, item.revision)
            for name, item in self._items.items()
            if (when := _when(item)) is not None
        ]
        heapq.heapify(self._heap)

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Scheduled]:
        return iter(list(self._items.values()))

    def get(self, name: str) -> Scheduled | None:
        """Return an entry by its name."""
        return self._items.get(name)

    def put(self, item: Scheduled) -> None:
        """Add an entry, or move it to another due time."""
        self._items[item.entry.name] = item
        when = _when(item)
        if when is not None:
            heapq.heappush(self._heap, (when, item.entry.name, item.revision))

    def drop(self, name: str) -> None:
        """Forget an entry."""
        self._items.pop(name, None)

    def next_at(self) -> datetime | None:
        """Return when the next entry is to fire, jitter included; None where none will."""
        while self._heap and not self._is_current(self._heap[0]):
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def coming(self, until: datetime) -> Iterator[tuple[datetime, Scheduled]]:
        """Yield the entries that are to fire up to `until` and when, in no order; looks at no others."""
        places = [0] if self._heap else []
        while places:
            place = places.pop()
            head = self._heap[place]
            if head[0] > until:
                continue
            places += [child for child in (2 * place + 1, 2 * place + 2) if child < len(self._heap)]
            if self._is_current(head):
                yield head[0], self._items[head[1]]

    def take(self, at: datetime) -> Scheduled | None:
        """Take the next entry out if it is due at `at`; `put` brings it back.

        It is out whole: a second item of the heap for it, as reading it anew leaves, counts no more.
        """
        if (when := self.next_at()) is None or when > at:
            return None
        return self._items.pop(heapq.heappop(self._heap)[1])

    def _is_current(self, head: tuple[datetime, str, int]) -> bool:
        item = self._items.get(head[1])
        return item is not None and item.revision == head[2] and _when(item) == head[0]


def _when(item: Scheduled) -> datetime | None:
    due = item.next_due
    if due is None or not item.entry.policy.jitter:
        return due
    return due + jitter_of(item.entry, due)
