"""Reads kept payloads once more, as a collection would, without asking any source (ADR 14).

What a payload says, it says of the time at which it was fetched: so it comes to the same rows however often
it is read, and a parser that reads more of it, or better, adds and corrects. `run` goes through the fetches,
`sources` says how each source's are read, `anew` also takes away what a parser read wrongly.
"""
