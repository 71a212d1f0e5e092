"""What a worker process that runs flows has for itself, and the one thing that its parent tells it."""

import mmap
import os
from contextlib import ExitStack
from typing import TYPE_CHECKING

from src.core.settings import Settings
from src.scheduling.bridge.client import PrefectClient
from src.scheduling.bridge.connect import prefect_client

if TYPE_CHECKING:
    from prefect.client.orchestration import SyncPrefectClient


class FlowProcess:
    """Made before the fork: a byte of memory that all children share says that the worker stops."""

    def __init__(self) -> None:
        self._stopping = mmap.mmap(-1, 1)
        self._client: PrefectClient | None = None
        self._pid = 0
        self._open = ExitStack()

    def stop(self) -> None:
        """Tell the children that the worker stops."""
        self._stopping[0] = 1

    def stops(self) -> bool:
        """Whether the worker stops."""
        return self._stopping[0] == 1

    def client(self, settings: Settings) -> PrefectClient:
        """Return this process's client of Prefect."""
        if self._client is None or self._pid != os.getpid():
            self._client = prefect_client(settings)
            self._pid = os.getpid()
        return self._client

    def prefect(self) -> "SyncPrefectClient":
        """Return Prefect's own client, which stays open for the engines of all runs in this process.

        To make one costs a tenth of a second. Call it on the main thread, where the runs are.
        """
        from prefect.context import SyncClientContext

        held = SyncClientContext.get()
        if held is None:
            held = self._open.enter_context(SyncClientContext())
        return held.client


PROCESS = FlowProcess()
