"""`matchbeat flows` under the name that the guides use, for example: python scripts/deploy_flow.py --list."""

import argparse

from door import run

parser = argparse.ArgumentParser(
    description=__doc__, epilog="What follows is handed on, for example --json, or -p KEY=VALUE to --trigger."
)
chosen = parser.add_mutually_exclusive_group(required=True)
for switch, text in {
    "register": "create or update the deployments",
    "list": "list the deployments",
    "health": "show server, pools, deployments and flow modules",
}.items():
    chosen.add_argument(f"--{switch}", action="store_const", dest="command", const=(switch,), help=text)
for command, value, text in (
    ("verify", "NAME", "check whether a deployment would run"),
    ("trigger", "NAME", "ask for one run at once"),
    ("clean", "DAYS", "delete runs that ended more days ago"),
):
    chosen.add_argument(f"--{command}", metavar=value, help=text)

given, rest = parser.parse_known_args()
command = given.command or next(
    (name, getattr(given, name))
    for name in ("verify", "trigger", "clean")
    if getattr(given, name) is not None
)
run("flows", command[0], *rest, *(["--", *command[1:]] if command[1:] else []))
