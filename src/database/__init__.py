"""Postgres: tables, sessions, migrations and one repository module per subject."""
