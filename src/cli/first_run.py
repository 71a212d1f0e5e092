"""`matchbeat first-run`: the first collection and training on an empty database."""

from src.cli.output import say


def first_run() -> None:
    """Collect, train and predict once where there are no predictions yet.

    The stack runs it by itself; run it again after a failure: matchbeat first-run
    """
    from src.pipeline.context import context
    from src.pipeline.first_run import first_run as run

    run(context(), say=say)
