"""Flows: envelopes over the use cases."""
