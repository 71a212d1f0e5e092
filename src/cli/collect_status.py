"""`matchbeat collect status`: how the collection of odds stands."""

from typing import Any

from src.cli.collect_output import NUMBERS
from src.cli.output import as_text, print_json, print_table, say
from src.pipeline.context import context
from src.pipeline.odds_status import OddsStatus, PastRun, odds_status


def show_status(runs: int, *, as_json: bool) -> None:
    """Show what is due next and why, and the last `runs` runs of each entry."""
    found = odds_status(context(), last_runs=runs)
    if as_json:
        print_json(found)
        return
    _show_coming(found)
    _show_runs(found.runs)
    last = (
        f"the last quote is of {as_text(found.last_odds)} UTC" if found.last_odds else "there are no odds yet"
    )
    say(f"\n{found.next_day} watched matches start within a day, {found.without_odds} without odds; {last}")
    for signal in found.signals:
        say(f"signal {signal}", "yellow")


def _show_coming(found: OddsStatus) -> None:
    print_table(
        ("entry", "when", "next due", "last due", "last outcome", ""),
        [(it.entry, it.when, it.next_due, it.last_due, it.last_outcome, it.disabled) for it in found.entries],
        title="Odds collection (times are UTC)",
    )
    say(f"titan-live: {found.smart.kickoffs}")
    if found.leader is None:
        say("no Beat leads: nothing fires by itself; `matchbeat up --detach` starts one", "yellow")
    else:
        say(f"{found.leader} leads")


def _show_runs(runs: list[PastRun]) -> None:
    columns = (
        "due",
        "entry",
        "run",
        "state",
        "seconds",
        *(name.replace("_", " ") for name in NUMBERS),
        "why",
    )
    rows = [row for run in runs for row in _rows(run)]
    if rows:
        print_table(columns, rows, title="\nLast runs", right=columns[4:-1])
    else:
        say("\nno run yet")


def _rows(run: PastRun) -> list[tuple[Any, ...]]:
    head = (run.due_at, run.entry, run.run[:13], run.state, run.seconds)
    told = [
        (*head, *(numbers.get(name) for name in NUMBERS), numbers.get("error") or run.reason)
        for numbers in run.sources.values()
    ]
    return told or [(*head, *(None for _ in NUMBERS), run.reason)]
