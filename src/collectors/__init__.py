"""Reads the sources: `transport` fetches, a `parse` is pure, a `mapping` makes domain records.

One folder a source; `readers` names what reads which kind of payload, `registry` names the watched
competitions as each source does, `wiring` gives each source its transport, and `alignment` tells which
fixture of one source is which of another.
"""
