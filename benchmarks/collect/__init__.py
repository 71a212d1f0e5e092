"""Measures the collection: parsing, and quotes into Latest and History."""
