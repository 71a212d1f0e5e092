"""`matchbeat sandbox`: the local upstream."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    no_args_is_help=True, help="The local upstream that stands in for FotMob, FBref and Titan007."
)


@app.callback()
def _group() -> None:
    """Keep `serve` a command of its own, though it is the only one so far."""


@app.command()
def serve(
    port: Annotated[
        int | None, typer.Option(help="Default: MATCHBEAT_SANDBOX_PORT.", min=1, max=65535)
    ] = None,
    host: Annotated[str | None, typer.Option(help="Default: MATCHBEAT_HOST.")] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Keeps when the world began.")] = None,
    history: Annotated[Path | None, typer.Option(help="Folder of football-data.co.uk season files.")] = None,
    seasons: Annotated[int, typer.Option(help="How many of the last seasons to replay.", min=1)] = 4,
    seed: Annotated[int, typer.Option(help="Seed of the made world.")] = 7,
) -> None:
    """Serve a made or replayed world until Ctrl-C.

    Example: matchbeat sandbox serve --port 8900 --history ./history
    """
    from src.core.logging import configure_logging
    from src.core.settings import settings
    from src.sandbox.serve import serve as run

    chosen = settings()
    configure_logging(chosen.log_level)
    run(
        port=port or chosen.sandbox_port,
        host=host or chosen.bind_host,
        data_dir=data_dir or chosen.home / "sandbox",
        history=history or chosen.history_dir,
        seasons=seasons,
        seed=seed,
    )
