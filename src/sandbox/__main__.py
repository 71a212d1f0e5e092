"""`python -m src.sandbox`: serve the sandbox in this process, as the stack starts it."""

import argparse
import sys
from pathlib import Path

from src.core.errors import Misconfigured
from src.core.logging import configure_logging
from src.sandbox.chaos.plan import DEFAULT_SEED as CHAOS_SEED
from src.sandbox.chaos.plan import read_plan
from src.sandbox.history.history_world import SEASONS
from src.sandbox.made.made_world import DEFAULT_SEED
from src.sandbox.serve import serve


def main(argv: list[str] | None = None) -> int:
    """Serve until told to stop; return 2 where a setting or the history is wrong."""
    options = _parser().parse_args(argv)
    configure_logging()
    try:
        chaos = read_plan(options.chaos, options.chaos_seed) if options.chaos else None
        serve(
            port=options.port,
            host=options.host,
            data_dir=options.data_dir,
            history=options.history,
            seasons=options.seasons,
            seed=options.seed,
            chaos=chaos,
        )
    except Misconfigured as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m src.sandbox", description=main.__doc__)
    parser.add_argument("--port", type=int, default=8900)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--data-dir", type=Path, required=True, help="keeps when the world began")
    parser.add_argument("--history", type=Path, help="folder of football-data.co.uk season files")
    parser.add_argument("--seasons", type=_positive, default=SEASONS, help="how many of the last seasons")
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED, help="of the made world")
    parser.add_argument("--chaos", help="what to spoil: a share of all answers, or KIND=SHARE,...")
    parser.add_argument("--chaos-seed", type=int, default=CHAOS_SEED, help="which answers these are")
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number


if __name__ == "__main__":
    raise SystemExit(main())
