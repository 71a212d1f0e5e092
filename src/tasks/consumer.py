"""A worker consumer that survives the loss of its broker connection while it holds a task."""

from typing import Any

from celery.worker.consumer import Consumer as CeleryConsumer


class Consumer(CeleryConsumer):
    """Celery's consumer, mended.

    Celery 5.7 closes the lost connection before the pool has let go of the messages that came over it; the
    worker then dies of an AttributeError. The connection is gone as it is: leaving it unclosed loses nothing.
    """

    def on_connection_error_after_connected(self, exc: Exception) -> Any:
        """Handle a lost connection without closing it a second time."""
        self.connection.close = lambda: None
        return super().on_connection_error_after_connected(exc)
