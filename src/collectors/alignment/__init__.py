"""Tells which fixture of one source is which of another."""
