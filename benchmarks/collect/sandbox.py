"""A crowded sandbox in a process of its own: `python -m benchmarks.collect.sandbox PORT KICKOFF MATCHES`.

Each line on standard input is the time (ISO 8601, UTC) that it shows from then on; it answers with that line.
"""

import sys
import threading
from datetime import datetime

import uvicorn

from src.core.clock import FixedClock
from src.sandbox.app import Sandbox
from src.sandbox.made.crowded_world import CrowdedWorld
from src.sandbox.serve import listen


def main() -> None:
    port, first, matches = sys.argv[1:]
    kickoff = datetime.fromisoformat(first)
    clock = FixedClock(kickoff)
    app = Sandbox(CrowdedWorld(kickoff, int(matches)), clock)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, timeout_keep_alive=75, lifespan="off", server_header=False
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_follow, args=(clock, server), daemon=True).start()
    server.run(sockets=[listen("127.0.0.1", int(port))])


def _follow(clock: FixedClock, server: uvicorn.Server) -> None:
    for line in sys.stdin:
        clock.at = datetime.fromisoformat(line.strip())
        sys.stdout.write(line)
        sys.stdout.flush()
    # Whoever measured has gone.
    server.should_exit = True


if __name__ == "__main__":
    main()
