"""`matchbeat runs` under the name that the guides use, for example: python scripts/control_api.py list."""

import argparse

from door import run

parser = argparse.ArgumentParser(
    description=__doc__,
    epilog="What follows is handed on, for example: list --open, or logs 3f2a --limit 100.",
)
parser.add_argument("command", choices=("list", "show", "logs", "pause", "resume", "cancel"))
given, rest = parser.parse_known_args()
run("runs", given.command, *rest)
