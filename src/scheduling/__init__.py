"""The scheduler's engine, without Celery's Beat.

`catalog` declares every entry, `cadence` says when it is next due, `agenda` who is due first, `decide` what
its policies make of it; `engine` brings it into the ledger and hands it to a carrier: Celery's, for which
`dispatch` has the words, or the `bridge` to Prefect (on a `lane` beside Beat's tick). `feedback` reads how it
ended, `sweep` finds workers that vanished. `parameter_check` and `entrypoints` know what a task or flow takes
without importing it.
"""
