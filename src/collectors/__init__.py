"""Collectors: each source fetches, parses and maps apart; nothing here writes to tables."""
