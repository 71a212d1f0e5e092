"""Use cases: plain functions on a context; they do not know who called them."""
