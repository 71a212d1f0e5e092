"""Reads an answer's body within bounds of size, decompressed too, and of time."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from src.collectors.transport.refusals import Again
from src.core.errors import SourceChanged

#: What `read_body` can undo; asking for nothing else keeps the bound of size in our own hands.
ACCEPTED_ENCODINGS = "gzip, deflate"

_CHUNK = 64 * 1024
#: Tells zlib to read the header, of gzip or of zlib.
_ANY_HEADER = zlib.MAX_WBITS | 32


def read_body(
    response: requests.Response, what: str, *, most_bytes: int, is_late: Callable[[], bool]
) -> bytes:
    """Return the body, decompressed.

    Raises Again where it is cut off, corrupt or not whole when `is_late`, SourceChanged where it is larger
    than `most_bytes` or in an encoding that was not asked for.
    """
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise SourceChanged(f"{what} is encoded as {encoding[:40]!r}, which was not asked for")
    unpacked = _Unpacked(most_bytes) if encoding not in {"", "identity"} else None
    body = bytearray()
    try:
        for chunk in _chunks(response.raw, is_late, what):
            body += unpacked.add(chunk, most_bytes - len(body)) if unpacked else chunk
            if len(body) > most_bytes:
                raise SourceChanged(f"{what} is larger than {most_bytes} bytes")
    except (HTTPError, OSError, zlib.error) as error:
        raise Again(f"{what} broke off after {len(body)} bytes: {type(error).__name__}") from error
    if unpacked and not unpacked.whole:
        raise Again(f"{what} broke off after {len(body)} bytes: its compressed body is not whole")
    return bytes(body)


def _chunks(raw: Any, is_late: Callable[[], bool], what: str) -> Iterator[bytes]:
    # One read of the socket at a time: a larger read waits until it is full, however slowly that goes.
    while chunk := raw.read1(_CHUNK, decode_content=False):
        yield chunk
        if is_late():
            raise Again(f"{what} was too slow to come whole")


class _Unpacked:
    """Undoes gzip and zlib a piece at a time, never giving much more than is wanted."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._reader = zlib.decompressobj(_ANY_HEADER)

    @property
    def whole(self) -> bool:
        """Whether the end was reached."""
        return self._reader.eof

    def add(self, chunk: bytes, left: int) -> bytes:
        """Return what `chunk` unpacks to, at most one byte more than `left`."""
        out = bytearray()
        while chunk and len(out) <= left:
            if self._reader.eof:
                self._reader = zlib.decompressobj(_ANY_HEADER)
            out += self._reader.decompress(chunk, left - len(out) + 1)
            chunk = self._reader.unused_data
        return bytes(out)
