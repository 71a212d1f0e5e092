"""The one Redis client."""
