"""Memory of a process that loads much and keeps it."""

import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Make many objects that refer to nothing in a circle: the collector would walk over them in vain.

    It took half of the time of a batch of quotes. Memory is freed as ever, but for circles made meanwhile,
    by any thread: those wait until the end.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def long_lived() -> Iterator[None]:
    """Make objects that stay: the garbage collector does not walk over them, now or later.

    What only their making needed is given back to the system at the end, where its C library can (glibc).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_on:
            gc.enable()
        if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
            libc.malloc_trim(0)
