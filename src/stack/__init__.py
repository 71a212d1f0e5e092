"""The embedded servers and their supervisor."""
