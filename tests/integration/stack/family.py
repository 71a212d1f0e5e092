"""A service that is hard to end: three generations, two of them in sessions of their own, deaf to SIGTERM."""

import os
import signal
import sys
import time


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
        if "--orphan" in sys.argv:
            os._exit(0)  # leaves the grandchild to whoever inherits it
        time.sleep(600)
    os.write(1, b"family is here\n")
    time.sleep(0.2 if "--leave" in sys.argv else 600)


if __name__ == "__main__":
    main()
