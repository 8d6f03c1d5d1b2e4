"""Time that passes by itself: a beat every so many seconds, without drift and without catching up."""

import asyncio
from collections.abc import AsyncIterator


async def every(seconds: float) -> AsyncIterator[None]:
    """Comes round at every multiple of `seconds`; beats that were missed are skipped."""
    loop = asyncio.get_running_loop()
    while True:
        await asyncio.sleep(seconds - loop.time() % seconds)
        yield
