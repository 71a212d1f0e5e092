"""A lane beside the tick: one piece of work at a time, on a thread that holds up nobody's end."""

from collections.abc import Callable
from threading import Thread


class Lane:
    """Runs what it is given on a daemon thread: a server that hangs delays neither the tick nor the end."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._thread: Thread | None = None
        self._error: Exception | None = None

    @property
    def busy(self) -> bool:
        """Whether the last work still runs."""
        return self._thread is not None and self._thread.is_alive()

    def begin(self, work: Callable[[], None]) -> None:
        """Start `work`; the lane must not be busy."""

        def run() -> None:
            try:
                work()
            except Exception as error:  # kept for the tick, which knows what to do about it
                self._error = error

        self._thread = Thread(target=run, name=self._name, daemon=True)
        self._thread.start()

    def take_error(self) -> Exception | None:
        """Return what ended the last work, once."""
        error, self._error = self._error, None
        return error

    def wait(self, seconds: float) -> bool:
        """Wait for the present work, at most so long; return whether the lane is free."""
        if self._thread is not None:
            self._thread.join(seconds)
        return not self.busy
