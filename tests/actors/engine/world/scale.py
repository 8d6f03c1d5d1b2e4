"""The scale: what is outside. It does each thing once, however often it is asked with the same key."""

from collections import Counter
from zlib import crc32

from actors.messages.forms import Command
from tests.actors.engine.world.toys import HANDLER_BREAKS, Weighed
from tests.actors.engine.world.truth import check

Key = tuple[int, int]


def weighed(slot: int, n: int) -> Command:
    """What the scale answers to the n-th request of a slot: sometimes something that breaks the asker."""
    chance = crc32(f"{slot}-{n}".encode())
    return Weighed(HANDLER_BREAKS if chance % 20 == 0 else 1 + chance % 30)


class Scale:
    """One provider, and how often it was asked what."""

    def __init__(self) -> None:
        self.known: dict[Key, bytes] = {}
        self.asked: Counter[Key] = Counter()

    def ask(self, key: Key, request: bytes) -> Command:
        """Asks it, again or for the first time."""
        check(self.known.setdefault(key, request) == request, "one key stands for two requests", key, request)
        self.asked[key] += 1
        return weighed(*key)
