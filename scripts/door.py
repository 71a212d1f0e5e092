"""What the scripts of this folder share: they are other names of `matchbeat` commands, and hold no logic."""

import sys
from pathlib import Path
from typing import NoReturn

CHECKOUT = Path(__file__).resolve().parents[1]


def run(*arguments: str) -> NoReturn:
    """Run `matchbeat` with `arguments`; say which Python to take where this one lacks the dependencies."""
    sys.path.insert(0, str(CHECKOUT))
    try:
        from src.cli.main import main
    except (ImportError, SyntaxError) as error:  # an older Python, or one without our dependencies
        sys.exit(
            f"{sys.executable} cannot run Matchbeat ({error}): `make install` makes an environment that can, "
            f"then run {CHECKOUT / '.venv/bin/python'} {' '.join(sys.argv)}"
        )
    sys.argv = ["matchbeat", *arguments]
    main()
    sys.exit()
