"""Work that goes on until it is told to stop: by Ctrl-C, or by whoever started the process."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar

Outcome = TypeVar("Outcome")


def run_until_signalled(work: Callable[[asyncio.Event], Awaitable[Outcome]]) -> Outcome:
    """Run until the work ends by itself, or an interrupt or SIGTERM asks it to."""
    return asyncio.run(_run(work))


async def _run(work: Callable[[asyncio.Event], Awaitable[Outcome]]) -> Outcome:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    told = (signal.SIGINT, signal.SIGTERM)
    for each in told:
        loop.add_signal_handler(each, stop.set)
    try:
        return await work(stop)
    finally:
        for each in told:
            loop.remove_signal_handler(each)
