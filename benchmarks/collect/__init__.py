"""Measures the collection: parsing, quotes into Latest and History, and live cycles."""
