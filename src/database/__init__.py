"""Postgres: tables, sessions, migrations and one repository module per subject.

Of the schedule: `schedule`, `schedule_load`, `schedule_edits`, `schedule_audit`, `ledger` on `claim`,
`leadership`, `clock`, `outcomes`, `backfill`, `vanished`, `checkpoints`. Of the data: `raw`, `quarantine`,
`matches`, `fixtures`, `odds`, `quality`, `features`, `learning`, `predictions`, `signals`, `retention`. To
look at: `freshness`, `census`.
"""
