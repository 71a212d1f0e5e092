"""What happens again and again, each at a distance of its own."""

import time


class Rhythm:
    """Says when something that happens every so many seconds is to happen again; the first time at once."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def is_time(self, what: str, every_s: float) -> bool:
        """Say whether it is time, and count from now if it is."""
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every_s
        return True
