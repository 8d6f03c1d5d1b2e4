"""What a slot has already taken: the rules of identity, one per source of messages."""

from collections.abc import Collection, Iterator
from itertools import islice

import msgspec

from actors.engine.entries import ByKey, FromSlot, FromStream, FromWake, Input
from actors.values import HOUR_US, MINUTE_US, Micros, uuid7_time_us

KEYS_KEPT_US = 15 * MINUTE_US
STREAMS_KEPT_US = 24 * HOUR_US
NEVER: Micros = 1 << 62
WINDOW = 64
_MASK = (1 << WINDOW) - 1


class Window(msgspec.Struct, array_like=True, gc=False):
    """A device's last numbers: its boot, the highest n, and one bit for each of the 64 up to it."""

    boot: int = 0
    top: int = 0
    bits: int = 0

    def verdict(self, boot: int, n: int) -> str:
        """new, repeat, or late (below the window, or of an earlier boot)."""
        if boot != self.boot:
            return "new" if boot > self.boot else "late"
        if n > self.top:
            return "new"
        if n <= self.top - WINDOW:
            return "late"
        return "repeat" if self.bits >> (self.top - n) & 1 else "new"

    def take(self, boot: int, n: int) -> None:
        """Notes that this number was taken."""
        if boot > self.boot:
            self.boot, self.top, self.bits = boot, n, 1
        elif n > self.top:
            self.bits = (self.bits << min(n - self.top, WINDOW) | 1) & _MASK
            self.top = n
        else:
            self.bits |= 1 << (self.top - n)


class Kept(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """A caller's key that was taken: when, for which body, and what was replied."""

    at: Micros
    body_crc: int
    reply: bytes | None


class Taken:
    """What one slot has taken from others than devices, whose windows are on its roll; written only by folding.

    Nothing is past its time before `due`, so that a turn need not look.
    """

    __slots__ = ("due", "keys", "seen", "streams")

    def __init__(self) -> None:
        self.seen: dict[int, int] = {}
        self.keys: dict[str, Kept] = {}
        self.streams: dict[str, tuple[int, Micros]] = {}
        self.due: Micros = 0

    def verdict(self, source: FromSlot | ByKey | FromWake | FromStream, wakes: Collection[int]) -> str:
        """new, repeat, late or gap."""
        if isinstance(source, ByKey):
            return "repeat" if source.key in self.keys else "new"
        if isinstance(source, FromWake):
            return "new" if source.n in wakes else "repeat"
        return self.in_order(source.n, self.highest(source))

    def highest(self, source: FromSlot | FromStream) -> int:
        """The last number taken from a slot or a stream."""
        if isinstance(source, FromSlot):
            return self.seen.get(source.slot, 0)
        return self.streams.get(source.name, (0, 0))[0]

    def in_order(self, n: int, seen: int) -> str:
        """Numbers without holes: only the next one is new."""
        return "repeat" if n <= seen else "new" if n == seen + 1 else "gap"

    def take(self, source: Input, at: Micros, reply: bytes | None) -> None:
        """Notes that this input was taken, at page time `at`."""
        if isinstance(source, FromSlot):
            self.seen[source.slot] = source.n
        elif isinstance(source, ByKey):
            self.keys[source.key] = Kept(at, source.body_crc, reply)
            self.due = min(self.due, at + KEYS_KEPT_US)
        elif isinstance(source, FromStream):
            self.streams.pop(source.name, None)
            self.streams[source.name] = (source.n, at)
            self.due = min(self.due, at + STREAMS_KEPT_US)

    def forget(self, at: Micros) -> None:
        """Drops keys and streams past their time, by page time, so that replay forgets exactly the same."""
        for key in _older(((k, v.at) for k, v in self.keys.items()), at - KEYS_KEPT_US):
            del self.keys[key]
        if not self.keys:
            self.keys = {}  # a dict that was large stays large
        for name in _older(((k, v[1]) for k, v in self.streams.items()), at - STREAMS_KEPT_US):
            del self.streams[name]
        oldest = [kept.at + KEYS_KEPT_US for kept in islice(self.keys.values(), 1)]
        oldest += [seen[1] + STREAMS_KEPT_US for seen in islice(self.streams.values(), 1)]
        self.due = min(oldest, default=NEVER)


def _older(times: Iterator[tuple[str, Micros]], limit: Micros) -> list[str]:
    # Insertion order is time order, so the first young one ends the search.
    old = []
    for name, at in times:
        if at >= limit:
            break
        old.append(name)
    return old


def expired(key: str, now: Micros) -> bool:
    """Whether a key carries a time before the memory of keys begins: it may have been taken and forgotten."""
    made = uuid7_time_us(key)
    return made is not None and made < now - KEYS_KEPT_US
