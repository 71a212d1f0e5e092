"""Use cases: plain functions on a context; they do not know who called them.

In the order of the data: `collect` (`collect_matches`, `collect_schedules`, `collect_odds`, on `harvest`,
`linking` and `odds_plan`), `check_quality`, `refresh`, `train`, `predict`, `watch`, `clean`. `progress`
lets one of them pause and go on later. `run_now` asks for one entry's run through the ledger, `first_run`
for a first round of them, and `overview` reads where everything stands. `schedule_edits` changes an entry
live, on `schedule_checks` and `schedule_times`; `backfill` claims due times of the past; `schedule_show`
and `schedule_why` tell of an entry and of a due time.
"""
