"""How faults strike: under load, alone or two at once, until they are told, healed and over."""

import random
from collections.abc import Sequence

from tests.chaos.faults import FAULTS, Fault
from tests.chaos.field import Field

FLOWING = 60
"""Frames that are kept before a strike and after the healing: then everything on their way works."""

SPOKEN_MOST = 150
"""Before the next strike of a row, at most so many frames are said."""


def two_at_once(chance: random.Random) -> list[Fault]:
    """Two faults of different parts, in the order of the table."""
    while True:
        first, second = sorted(chance.sample(range(len(FAULTS)), 2))
        if FAULTS[first].part != FAULTS[second].part:
            return [FAULTS[first], FAULTS[second]]


async def struck(at: Field, faults: Sequence[Fault]) -> None:
    """These happen at once, are told, and are over: frames flow as before."""
    await at.flows(FLOWING)
    try:
        async with at.told({fault.says for fault in faults} - {""}):
            for fault in faults:
                await fault.strike(at)
    finally:  # also when it failed: the next ones begin with a city that is whole
        for fault in reversed(faults):
            await fault.heal(at)
    await at.whole()
    await at.flows(FLOWING)


async def struck_in_a_row(at: Field, faults: Sequence[Fault], chance: random.Random) -> None:
    """These happen one after the other, each when the city may not yet have got over those before."""
    await at.flows(FLOWING)
    for fault in faults:
        await at.speaks(chance.randint(1, SPOKEN_MOST))
        await fault.strike(at)
        await fault.heal(at)
    await at.whole()
    await at.flows(FLOWING)


def why_not(at: Field, faults: Sequence[Fault]) -> str:
    """Why this machine cannot have them; empty if it can."""
    return next(filter(None, (fault.why_not(at) for fault in faults)), "")
