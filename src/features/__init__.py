"""Feature definitions with a version, built as of a moment."""
