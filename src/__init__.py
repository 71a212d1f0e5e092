"""Matchbeat: a task service that keeps a football prediction service fed and trained."""
