"""Whether this process lives, whether what it needs answers, and what it counts."""

import asyncio
import logging
from time import perf_counter
from typing import Final

from gateway.http.forms import Answer, Call, Document, NoQuery
from gateway.http.house import Check, House
from gateway.http.shown import Alive, Dependency, Readiness
from gateway.metrics import CONTENT_TYPE

log = logging.getLogger("yunparking.http")

PATIENCE_S: Final = 3.0
SAID_EVERY_S: Final = 30.0


async def alive(house: House, call: Call[NoQuery, None]) -> Alive:
    """This process answers."""
    return Alive(True)


async def ready(house: House, call: Call[NoQuery, None]) -> Answer:
    """Each dependency, looked at now; 503 when one does not answer."""
    looked = await asyncio.gather(*(_looked(house, name, check) for name, check in house.checks.items()))
    all_ready = all(one.ready for one in looked)
    return Answer(Readiness(all_ready, list(looked)), 200 if all_ready else 503)


async def metrics(house: House, call: Call[NoQuery, None]) -> Document:
    """The counters, for Prometheus."""
    return Document(house.metrics.render(), CONTENT_TYPE)


async def _looked(house: House, name: str, check: Check) -> Dependency:
    started, detail = perf_counter(), ""
    try:
        async with asyncio.timeout(PATIENCE_S):
            sentence = await check()
        answers = True
    except TimeoutError:
        sentence, answers = f"no answer within {PATIENCE_S:.0f} s", False
    except Exception as wrong:  # any failure of a check is its finding
        sentence, answers, detail = f"does not answer ({type(wrong).__name__})", False, f": {wrong!r}"
    _note(house.unready, name, None if answers else sentence, detail)
    return Dependency(name, answers, round((perf_counter() - started) * 1000), sentence)


def _note(unready: dict[str, float], name: str, sentence: str | None, detail: str) -> None:
    """The log has that it began, why it still is so every half minute, and that it is over (`sentence`: None): probes
    come every second.
    """
    now = perf_counter()
    if sentence is None:
        if unready.pop(name, None) is not None:
            log.warning("%s is ready again", name)
    elif now - unready.get(name, -SAID_EVERY_S) >= SAID_EVERY_S:
        unready[name] = now
        log.warning("%s is not ready: %s%s", name, sentence, detail)
