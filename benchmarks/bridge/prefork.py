"""Runs the measured prefork worker: `python -m benchmarks.bridge.prefork`."""

import asyncio

from benchmarks.bridge.prefork_worker import serve

if __name__ == "__main__":
    asyncio.run(serve())
