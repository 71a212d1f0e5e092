"""The sandbox with dirt: an ASGI application around another."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

from src.sandbox.app import Receive, Scope, Send
from src.sandbox.chaos import dirt
from src.sandbox.chaos.plan import Kind, Plan

_STATUSES = {Kind.LIMITED: 429, Kind.REFUSED: 403, Kind.FAILED: 500}
_NOT_FOUND = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1></body></html>"
_BODIES: dict[Kind, Callable[[bytes], bytes]] = {
    Kind.HALVED: dirt.halved,
    Kind.GB18030: dirt.other_encoding,
    Kind.BOM: dirt.marked,
    Kind.SEALED: dirt.sealed,
    Kind.CHANGED: dirt.renamed,
}
_ONLY_UNDER = {Kind.GB18030: "/titan/", Kind.SEALED: "/titan/pages/"}
#: Never spoiled: what tells whether the sandbox is there.
_SPARED = {"/", "/health"}

Message = dict[str, Any]


class ChaoticSandbox:
    """Spoils answers of `app` as `plan` draws them; what an address gets depends on how often it was asked.

    `done` counts by kind what was done; `last` tells by address what was done to its last answer, None where
    nothing was. For one event loop.
    """

    def __init__(self, app: Any, plan: Plan, *, slow_s: float = 2.0, retry_after_s: int = 1) -> None:
        self._app, self._plan = app, plan
        self._slow_s, self._retry_after_s = slow_s, retry_after_s
        self._asked: Counter[str] = Counter()
        self.done: Counter[Kind] = Counter()
        self.last: dict[str, Kind | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI connection."""
        if scope["type"] != "http" or scope["path"] in _SPARED:
            await self._app(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        address = f"{scope['path']}?{query}" if query else str(scope["path"])
        self._asked[address] += 1
        kind = self._plan.draw(address, self._asked[address])
        if kind in _ONLY_UNDER and not address.startswith(_ONLY_UNDER[kind]):
            kind = None
        if kind in _STATUSES:
            await _send(send, self._error(kind))
        else:
            head, body = await self._answer(scope, receive)
            if not _applies(kind, head["status"], body):
                kind = None
            await self._spoiled(kind, head, body, send)
        self.last[address] = kind
        if kind is not None:
            self.done[kind] += 1

    async def _answer(self, scope: Scope, receive: Receive) -> tuple[Message, bytes]:
        messages: list[Message] = []

        async def collect(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, collect)
        return messages[0], b"".join(message.get("body", b"") for message in messages[1:])

    async def _spoiled(self, kind: Kind | None, head: Message, body: bytes, send: Send) -> None:
        if kind is Kind.SLOW:
            await asyncio.sleep(self._slow_s)
        elif kind is Kind.TRUNCATED:
            # Promises the whole body, and returns in the middle of it: the server drops the connection.
            await send(head)
            await send({"type": "http.response.body", "body": dirt.halved(body), "more_body": True})
            return
        elif kind is Kind.PSEUDO_404:
            head, body = _with_body(head, _NOT_FOUND, media=b"text/html"), _NOT_FOUND
        elif kind in _BODIES:
            body = _BODIES[kind](body)
            head = _with_body(head, body)
            if kind is not Kind.HALVED:
                head = _unvalidated(head)
        await _send(send, (head, body))

    def _error(self, kind: Kind) -> tuple[Message, bytes]:
        body = f"{kind.meaning}\n".encode()
        headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
        if kind is Kind.LIMITED:
            headers.append((b"retry-after", str(self._retry_after_s).encode()))
        return {"type": "http.response.start", "status": _STATUSES[kind], "headers": headers}, body


def _applies(kind: Kind | None, status: int, body: bytes) -> bool:
    if kind is None or kind is Kind.SLOW:
        return True
    return status == 200 and (kind not in _BODIES or _BODIES[kind](body) != body)


async def _send(send: Send, answer: tuple[Message, bytes]) -> None:
    head, body = answer
    await send(head)
    await send({"type": "http.response.body", "body": body})


def _with_body(head: Message, body: bytes, media: bytes | None = None) -> Message:
    replaced = {b"content-length": str(len(body)).encode(), **({b"content-type": media} if media else {})}
    return {**head, "headers": [(name, replaced.get(name, value)) for name, value in head["headers"]]}


def _unvalidated(head: Message) -> Message:
    # Else the clean payload would pass for this one.
    kept = [(name, value) for name, value in head["headers"] if name not in {b"etag", b"last-modified"}]
    return {**head, "headers": kept}
