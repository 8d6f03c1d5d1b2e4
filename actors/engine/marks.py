"""The names of those who left, eight bytes each: enough to tell one from another, and in order, to be found quickly."""

from array import array
from bisect import bisect_left
from hashlib import blake2b
from itertools import count

from actors.values import Ref

BYTES = 8
"""Of a million names in one slot two have the same mark once in forty million slots."""
FEW, SHARE = 64, 32
"""The new ones are put among the others when they are a 32nd of them: each is moved some 32 times then, not always."""
_versions = count(1)


def mark(ref: Ref) -> int:
    """What is remembered of a name."""
    return int.from_bytes(blake2b(f"{ref}".encode(), digest_size=BYTES).digest())


class Marks:
    """A set of them that only grows; who left, returned and left again stays in it.

    `any`: whether somebody left at all. `version`: another whenever some were added, and of no two sets the same: who
    saw somebody missing and finds it changed has to look again.
    """

    __slots__ = ("_new", "_sorted", "any", "version")

    def __init__(self, packed: bytes = b"") -> None:
        self._sorted = array("Q", packed)
        self._new: set[int] = set()
        self.any = bool(packed)
        self.version = next(_versions)

    def __len__(self) -> int:
        return len(self._sorted) + len(self._new)

    def __contains__(self, ref: Ref) -> bool:
        return self._has(mark(ref))

    def add(self, refs: list[Ref]) -> None:
        """These left."""
        self._new.update(each for each in map(mark, refs) if not self._has(each))
        self.any = len(self) > 0
        self.version = next(_versions)
        if len(self._new) > max(FEW, len(self._sorted) // SHARE):
            self._settle()

    def packed(self) -> bytes:
        """All of them, in order, as this processor writes eight bytes."""
        self._settle()
        return self._sorted.tobytes()

    def _settle(self) -> None:
        if self._new:
            self._sorted = array("Q", sorted([*self._sorted, *self._new]))
            self._new.clear()

    def _has(self, one: int) -> bool:
        at = bisect_left(self._sorted, one)
        return (at < len(self._sorted) and self._sorted[at] == one) or one in self._new
