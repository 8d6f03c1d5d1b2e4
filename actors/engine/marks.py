"""The names of those who left, eight bytes each: enough to tell one from another, and in order, to be found quickly."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from hashlib import blake2b

from actors.values import Ref

BYTES = 8
"""Of a million names in one slot two have the same mark once in forty million slots."""


def mark(ref: Ref) -> int:
    """What is remembered of a name."""
    return int.from_bytes(blake2b(f"{ref}".encode(), digest_size=BYTES).digest())


class Marks:
    """A set of them that only grows; who left, returned and left again stays in it."""

    __slots__ = ("_sorted", "times")

    def __init__(self, marks: Iterable[int] = ()) -> None:
        self._sorted = array("Q", marks)
        self.times = 0
        """How often some were added: who saw one missing and finds it changed has to look again."""

    def __len__(self) -> int:
        return len(self._sorted)

    def __contains__(self, ref: Ref) -> bool:
        return self._has(mark(ref))

    def add(self, refs: list[Ref]) -> None:
        """These left."""
        new = {each for each in map(mark, refs) if not self._has(each)}
        self._sorted = array("Q", sorted([*self._sorted, *new]))
        self.times += 1

    def all(self) -> list[int]:
        """All of them, in order."""
        return self._sorted.tolist()

    def _has(self, one: int) -> bool:
        at = bisect_left(self._sorted, one)
        return at < len(self._sorted) and self._sorted[at] == one
