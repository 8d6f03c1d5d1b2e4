"""Waiting for what has no event of its own: something in another process, which may be away just now."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from actors.engine.journal import Unknown
from actors.engine.mail import Unreachable
from storage.reaching import is_away

PATIENCE_S = 60.0


async def eventually(true: Callable[[], Awaitable[bool]], what: str, patience_s: float = PATIENCE_S) -> None:
    """Looks again and again until it is true; who does not answer is asked again."""
    deadline, why = time.monotonic() + patience_s, ""
    while True:
        try:
            if await true():
                return
            why = ""
        except Exception as error:
            if not (is_away(error) or isinstance(error, Unreachable | Unknown)):
                raise
            why = f" ({error!r})"
        assert time.monotonic() < deadline, f"in {patience_s:g} s it did not come true that {what}{why}"
        await asyncio.sleep(0.05)
