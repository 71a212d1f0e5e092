"""Dirt on demand: what real sources do to their readers, drawn from a seed, around the plain sandbox."""
