"""Fetches payloads over HTTP: paced, retried, bounded, not twice, and from the configured hosts only.

`fetch` has the one door, `Transport`; `conduct` is how a process treats a source whichever transport asks,
with its `pace` shared by all processes through Redis; `origins` and `connections` keep requests where they
belong, `bodies` bounds what comes back, `freshness` says what need not be asked for again. Why: ADR 0010.
"""

from src.collectors.transport.conduct import Conduct
from src.collectors.transport.fetch import Transport
from src.collectors.transport.freshness import PayloadCache
from src.collectors.transport.refusals import Foreign, Refused
from src.collectors.transport.shapes import Expect

__all__ = ["Conduct", "Expect", "Foreign", "PayloadCache", "Refused", "Transport"]
