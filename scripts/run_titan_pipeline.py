"""Titan007's odds under the guides' name, for example: python scripts/run_titan_pipeline.py --mode live."""

import argparse

from door import run

#: The next five matches of the coming week, three requests at a time.
TEST = (
    "--mode",
    "regular",
    "--days-ahead",
    "7",
    "--with-fixtures",
    "--matches",
    "5",
    "--max-concurrency",
    "3",
)

parser = argparse.ArgumentParser(
    description=__doc__,
    epilog="What follows is handed on, for example: --mode live --hours-ahead 3, or --monitor --json.",
    allow_abbrev=False,
)
chosen = parser.add_mutually_exclusive_group(required=True)
for switch, command, text in (
    ("start", ("up", "--detach"), "start the stack in the background: its Beat collects on schedule"),
    ("monitor", ("collect", "status"), "show what is due next, and what the last runs brought"),
    ("test", ("collect", "odds", *TEST), "collect the odds of 5 matches, 3 requests at a time"),
):
    chosen.add_argument(f"--{switch}", action="store_const", dest="command", const=command, help=text)
chosen.add_argument(
    "--mode", choices=("regular", "live", "hybrid", "smart"), help="collect once, in the foreground"
)
given, rest = parser.parse_known_args()
run(*(given.command or ("collect", "odds", "--mode", given.mode)), *rest)
