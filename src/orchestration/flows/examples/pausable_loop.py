"""A loop that can be paused between two items and goes on with the next one, on whichever worker resumes it.

What it shows
    `pause_after` items the flow run suspends itself: its process ends, its state in Prefect is Suspended, and
    what is done is kept in Postgres. Resumed, the flow runs again from the top and leaves out what is done.
    Suspending the run in Prefect's UI does the same before the next item.

How to run it
    `matchbeat up`, then `python -m src.orchestration.flows.examples.pausable_loop` for the loop in one go.
    A run that pauses needs a deployment, so that Prefect can start it again: with `--pause-after 3` the
    deployment `example-pausable-loop/example` is made in the work pool `matchbeat` and a run of it started.
    Resume it with Prefect's UI, or with `matchbeat runs resume ID`.

What one sees
    The first attempt works on items 1 to 3 and the run turns Suspended; the second begins with item 4; its
    result names them under `now`, and those of earlier attempts under `before`.
"""

import argparse
import sys
from typing import Any

from prefect import flow, task
from prefect.logging import get_run_logger

from src.core.errors import BadData
from src.orchestration.flows.envelope import ONCE, completed, working_context
from src.orchestration.flows.outcome_hooks import REPORTED
from src.orchestration.flows.pausing import pausable, progress
from src.scheduling.entrypoints import WORK_POOL, source_folder

ITEMS = tuple(f"round {number}" for number in range(1, 9))
#: The step under which the loop's progress is kept; a flow with two loops has two.
STEP = "example-loop"


@flow(name="example-pausable-loop", timeout_seconds=600, **REPORTED)
def pausable_loop_flow(
    items: list[str] | None = None,
    pause_after: int | None = None,
    pause_timeout_s: int = 3600,
    fire_id: str | None = None,
) -> Any:
    """Work on `items` one after the other (None: eight rounds), pausing after `pause_after` of them.

    Each attempt pauses anew: of eight items with `pause_after=3` the first attempt does three, so does the
    second, and the third the last two. A paused run that is not resumed within `pause_timeout_s` seconds
    fails. Raises BadData where an item is named twice: its second turn would be taken for done.
    """
    ctx, wanted = working_context(fire_id), list(ITEMS if items is None else items)
    if len(set(wanted)) < len(wanted):
        raise BadData(f"an item is named twice in {wanted}: each must have a name of its own")
    with pausable(pause_after, pause_timeout_s):
        loop = progress(ctx, STEP)
        before = [item for item in wanted if loop.is_done(item)]
        left = [item for item in wanted if not loop.is_done(item)]
        for item in left:
            loop.pause_point()
            work(item)
            # What an item makes belongs into this transaction too: then both are there, or neither is.
            with ctx.database.session() as session:
                loop.mark(session, [item], ctx.clock.now())
    return completed(ctx, {"before": before, "now": left}, f"{len(before)} items before, {len(left)} now")


@task(name="work", **ONCE)
def work(item: str) -> None:
    """Do what there is to do for one item; here it is only named in the log."""
    get_run_logger().info("worked on %s", item)


def start_deployed(pause_after: int) -> dict[str, str]:
    """Make the deployment `example` and start a run of it that pauses; return its id and what to do next."""
    from prefect.deployments import run_deployment

    entrypoint = "src/orchestration/flows/examples/pausable_loop.py:pausable_loop_flow"
    loaded: Any = flow.from_source(str(source_folder()), entrypoint)
    loaded.deploy("example", work_pool_name=WORK_POOL, tags=["example"], print_next_steps=False)
    parameters = {"pause_after": pause_after}
    run: Any = run_deployment(f"{loaded.name}/example", parameters=parameters, timeout=0)
    return {"run": str(run.id), "next": f"wait until it is Suspended, then: matchbeat runs resume {run.id}"}


def main(arguments: list[str]) -> int:
    """Run the loop here, or with `--pause-after` start a run of its deployment."""
    from src.orchestration.flows.examples.by_hand import by_hand

    parser = argparse.ArgumentParser(prog="pausable_loop", description="A loop that pauses between items.")
    parser.add_argument("--pause-after", type=int, metavar="ITEMS", help="items of each attempt, from 1 on")
    after = parser.parse_args(arguments).pause_after
    return by_hand(pausable_loop_flow if after is None else lambda: start_deployed(after))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
