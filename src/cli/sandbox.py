"""`matchbeat sandbox`: the local upstream that stands in for FotMob, FBref and Titan007."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Action(StrEnum):
    """What to do with the sandbox."""

    SERVE = "serve"


def sandbox(
    action: Annotated[Action, typer.Argument(help="May be left out.")] = Action.SERVE,
    port: Annotated[
        int | None, typer.Option(help="Default: MATCHBEAT_SANDBOX_PORT.", min=1, max=65535)
    ] = None,
    host: Annotated[str | None, typer.Option(help="Default: MATCHBEAT_HOST.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Keeps when the world began.")] = None,
    history: Annotated[Path | None, typer.Option(help="Folder of football-data.co.uk season files.")] = None,
    seasons: Annotated[int, typer.Option(help="How many of the last seasons to replay.", min=1)] = 4,
    seed: Annotated[int, typer.Option(help="Seed of the made world.")] = 7,
    chaos: Annotated[
        str | None,
        typer.Option(
            metavar="RATE|KIND=RATE,...",
            help="Spoil this share of the answers, or each kind's own; default: MATCHBEAT_SANDBOX_CHAOS. "
            "Kinds: slow, 429, 403, 500, truncated, halved, pseudo-404, gb18030, bom, sealed, moved, and "
            "changed, which a rate alone leaves out.",
        ),
    ] = None,
    chaos_seed: Annotated[
        int | None, typer.Option(help="Which answers these are; default: MATCHBEAT_SANDBOX_CHAOS_SEED.")
    ] = None,
) -> None:
    """Serve a made or replayed world until Ctrl-C.

    Example: matchbeat sandbox --port 8900 --history ./history --chaos 0.1
    """
    from src.core.logging import configure_logging
    from src.core.settings import settings
    from src.sandbox.chaos.plan import read_plan
    from src.sandbox.serve import serve as run

    chosen = settings()
    configure_logging(chosen.log_level)
    wanted = chaos or chosen.sandbox_chaos
    chaos_seed = chosen.sandbox_chaos_seed if chaos_seed is None else chaos_seed
    run(
        port=port or chosen.sandbox_port,
        host=host or chosen.bind_host,
        data_dir=data_dir or chosen.home / "sandbox",
        history=history or chosen.history_dir,
        seasons=seasons,
        seed=seed,
        chaos=read_plan(wanted, chaos_seed) if wanted else None,
    )
