"""Postgres: tables, sessions, migrations and one repository module per subject.

Of the schedule: `schedule`, `schedule_edits`, `schedule_audit`, `ledger`, `leadership`, `outcomes`. Of the
data: `raw`, `quarantine`, `matches`, `odds`, `quality`, `features`, `learning`, `predictions`, `signals`,
`retention`. To look at: `freshness`, `census`.
"""
