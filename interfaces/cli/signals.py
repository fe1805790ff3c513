"""Running until a signal: SIGINT of Ctrl-C, or SIGTERM of a supervisor."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

Outcome = TypeVar("Outcome")


def run_until_signalled(work: Callable[[asyncio.Event], Awaitable[Outcome]]) -> Outcome:
    """Run work, with an event that SIGINT and SIGTERM set; return its outcome."""
    return asyncio.run(_run(work))


async def _run(work: Callable[[asyncio.Event], Awaitable[Outcome]]) -> Outcome:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)
    for each in signals:
        loop.add_signal_handler(each, stop.set)
    try:
        return await work(stop)
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
