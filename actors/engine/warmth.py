"""Which of those on the rolls of all slots are objects: who is heard of again and again, and who was heard of last."""

from collections import deque
from collections.abc import Mapping

from actors.engine.roll import Roll
from actors.engine.slot import Slot

HOT_MOST = 30_000
"""How many identities a process keeps as objects, each some hundred bytes; all others are bytes, a fifth of that."""
NEW_MOST = 2_000
"""How many may stay objects, when so many are, until they are heard of again: few enough that the processor's nearest
caches still hold them when they become bytes, in a city where nobody comes again so soon."""
ONE_IN = 16
"""Of those who were not heard of again, so many are kept all the same, instead of who was kept but not heard of for
longest: those who do come again, though later than that, are found among the kept before long."""
_SLOT = 32
"""By how many bits a slot's number stands above a place in its roll."""


class Warmth:
    """Who is an object: those that are kept, and those that are new to it, who came first before others."""

    def __init__(self, most: int = HOT_MOST, new: int = NEW_MOST, one_in: int = ONE_IN) -> None:
        self._most = most
        self._new_most = min(new, most)
        self._one_in = one_in
        self._went = 0
        self._kept: deque[int] = deque()
        self._new: deque[int] = deque()

    def heard(self, slot: Slot) -> None:
        """Something has happened to this slot: some may have become objects."""
        first = slot.number << _SLOT
        for place in slot.roll.came():
            (self._kept if len(self._kept) < self._most else self._new).append(first | place)

    def settle(self, slots: Mapping[int, Slot]) -> None:
        """Turns objects into bytes until there are no more than may be; nobody may hold one of them now."""
        while len(self._new) > self._new_most:
            one = self._new.popleft()
            roll, place = _found(one, slots)
            if roll is not None and not self._stays(roll, place):
                roll.cool(place)
            elif roll is not None:
                self._kept.append(one)
        while len(self._kept) > self._most:
            one = self._kept.popleft()
            roll, place = _found(one, slots)
            if roll is not None and roll.again(place):
                self._kept.append(one)
            elif roll is not None:
                roll.cool(place)

    def _stays(self, roll: Roll, place: int) -> bool:
        if roll.again(place):
            return True
        self._went += 1
        return self._went % self._one_in == 0


def _found(one: int, slots: Mapping[int, Slot]) -> tuple[Roll | None, int]:
    """The roll of such a one, and his place in it; None: his slot is carried elsewhere now."""
    slot = slots.get(one >> _SLOT)
    return None if slot is None else slot.roll, one & (1 << _SLOT) - 1
