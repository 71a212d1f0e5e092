"""Measurements of Matchbeat, outside its tests."""
