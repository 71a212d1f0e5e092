"""The scheduler's engine, without Celery's Beat.

`catalog` declares every entry, `cadence` says when it is next due; `engine` brings what is due into the
ledger and sends it, through `dispatch` to Celery or `bridge` to Prefect (on a `lane` beside Beat's tick);
`feedback` reads how it ended.
"""
