"""Redis clients, one of a kind in a process."""
