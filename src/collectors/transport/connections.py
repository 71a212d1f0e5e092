"""Connections that check whom they have reached and do not wait for ever for an answer's head."""

import contextlib
import socket
from collections.abc import Callable
from threading import Event, Timer
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

if TYPE_CHECKING:
    _Connection = HTTPConnection
else:
    _Connection = object

#: Raises where a host must not have this address.
CheckPeer = Callable[[str, str], None]


class Session(requests.Session):
    """A session that leaves redirects to its caller, and does not even read their bodies."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return None: whoever asks decides where to go next."""
        return None


class GuardedAdapter(HTTPAdapter):
    """Asks `check_peer` before a byte is sent over a new connection, and cuts off a head later than `head_s`.

    The socket's own time-out begins anew with every byte: under that alone a slow trickle could hold a thread
    for hours. Behind a proxy, whose address says nothing of the site's, no peer is checked.
    """

    def __init__(self, check_peer: CheckPeer, head_s: float, *, pool_size: int) -> None:
        self._classes = _pool_classes(check_peer, head_s)
        super().__init__(pool_connections=8, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pools of guarded connections."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._classes

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """Return the pools behind a proxy, guarded too."""
        manager = super().proxy_manager_for(*args, **options)
        manager.pool_classes_by_scheme = self._classes
        return manager


def _pool_classes(check_peer: CheckPeer, head_s: float) -> dict[str, type[HTTPConnectionPool]]:
    class Guarded(_Connection):
        def _new_conn(self) -> socket.socket:
            reached = super()._new_conn()
            if self.proxy is None:
                try:
                    check_peer(self.host, reached.getpeername()[0])
                except BaseException:
                    reached.close()
                    raise
            return reached

        def getresponse(self) -> Any:
            is_cut = Event()
            cut = Timer(head_s, _shut_down, (self.sock, is_cut))
            cut.daemon = True
            cut.start()
            try:
                answer = super().getresponse()
            finally:
                cut.cancel()
            if is_cut.is_set():
                # A head that ends anywhere counts as one that is whole.
                raise TimeoutError("the head of the answer did not come in time")
            return answer

    class Plain(Guarded, HTTPConnection):
        pass

    class Encrypted(Guarded, HTTPSConnection):
        pass

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class EncryptedPool(HTTPSConnectionPool):
        ConnectionCls = Encrypted

    return {"http": PlainPool, "https": EncryptedPool}


def _shut_down(reached: socket.socket | None, is_cut: Event) -> None:
    is_cut.set()
    # Of the plain socket: the one of TLS would first forget its state, which the reading thread still uses.
    with contextlib.suppress(OSError):
        if reached is not None:
            socket.socket.shutdown(reached, socket.SHUT_RDWR)
