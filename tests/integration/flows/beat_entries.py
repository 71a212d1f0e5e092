"""What Beats of the tests declare: entries for the probe flows' deployments."""

from dataclasses import replace
from datetime import timedelta

from src.domain.entry import Interval
from src.domain.policy import Policy
from tests.integration.flows.probe_entries import LOOP, QUICK, WAITING

TICKING = replace(QUICK, name="ticking", cadence=Interval(every_s=2))
#: Due when an edit says so.
EDITED = replace(QUICK, name="edited", parameters={"answer": 1})
UNKNOWN = replace(QUICK, name="unknown", target="quick-deploymnt")
#: Missed where Prefect has not taken it soon.
HASTY = replace(QUICK, name="hasty", policy=Policy(catch_up_window=timedelta(seconds=3)))

END_TO_END = (TICKING, EDITED)
BY_HAND = (QUICK, LOOP, WAITING, HASTY, UNKNOWN)

#: What fires while things break, with effects at most once, at most once, twice and once.
FAULTS = (
    replace(QUICK, name="steady", cadence=Interval(every_s=2)),
    replace(WAITING, name="slow", cadence=Interval(every_s=3), parameters={"seconds": 1.5}),
    replace(
        WAITING,
        name="again",
        cadence=Interval(every_s=4),
        parameters={"seconds": 1.5},
        policy=Policy(retries=1),
    ),
    replace(HASTY, name="hasty", cadence=Interval(every_s=5)),
)

SETS = {"end to end": END_TO_END, "by hand": BY_HAND, "faults": FAULTS}
