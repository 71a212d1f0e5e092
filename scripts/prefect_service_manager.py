"""The stack's commands under the guides' name: python scripts/prefect_service_manager.py status."""

import argparse

from door import run

COMMANDS = {
    "start": ("up", "--detach"),
    "stop": ("down",),
    "restart": ("restart",),
    "status": ("status",),
}

parser = argparse.ArgumentParser(
    description=__doc__, epilog="They are `matchbeat` up, down, restart and status."
)
parser.add_argument("command", choices=COMMANDS)
parser.add_argument("service", nargs="?", help="one service, where the command takes one")
given, rest = parser.parse_known_args()
run(*COMMANDS[given.command], *rest, *([given.service] if given.service else []))
