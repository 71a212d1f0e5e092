"""Frozen records and Protocols: the words the rest of the house speaks. No I/O here."""
