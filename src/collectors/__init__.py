"""Reads the sources: `transport` fetches, a `parse` is pure, a `mapping` makes domain records."""
