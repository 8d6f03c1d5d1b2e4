"""Which of those on the rolls of all slots are objects: who is heard of again and again, and who was heard of last."""

from collections import deque

from actors.engine.roll import Roll
from actors.engine.slot import Slot

HOT_MOST = 30_000
"""How many identities a process keeps as objects, each some hundred bytes; others are bytes, a fifth of that."""
NEW_MOST = 2_000
"""How many more may stay objects, when so many are, until they are heard of again: few enough that the processor's
nearest caches still hold them when they become bytes, in a city where nobody comes again so soon."""
ONE_IN = 16
"""Of those whose time as new ones is over, so many are kept also when they were not heard of again, instead of who was
kept but not heard of for longest: those who do come again, though later, are found among the kept before long."""
_PLACES = 32
"""By how many bits the number of a roll stands above a place in it."""
_PLACE = (1 << _PLACES) - 1


class Warmth:
    """Who is an object: those that are kept, and those that are new to it, who came first before others.

    Rolls are numbered here as they come, so that one that was let go is another than the one that came after it.
    """

    def __init__(self, most: int = HOT_MOST, new: int = NEW_MOST, one_in: int = ONE_IN) -> None:
        self._most = most
        self._new_most = min(new, most)
        self._one_in = one_in
        self._went = 0
        self._kept: deque[int] = deque()
        self._new: deque[int] = deque()
        self._rolls: dict[int, Roll] = {}
        self._numbers: dict[int, int] = {}
        self._last = 0
        self._stale = False

    def heard(self, slot: Slot) -> None:
        """Something has happened to this slot: some may have become objects."""
        if came := slot.roll.came():
            self._let_go()
            first = self._number(slot) << _PLACES
            for place in came:
                (self._kept if len(self._kept) < self._most else self._new).append(first | place)

    def forget(self, slot: int) -> None:
        """This slot is no longer here, or was folded anew."""
        number = self._numbers.pop(slot, None)
        if number is not None:
            del self._rolls[number]
            self._stale = True

    def settle(self) -> None:
        """Turns objects into bytes until there are no more than may be; nobody may hold one of them now."""
        self._let_go()
        new, kept, rolls = self._new, self._kept, self._rolls
        while len(new) > self._new_most:
            one = new.popleft()
            self._went += 1
            if self._went % self._one_in == 0 or not rolls[one >> _PLACES].rest(one & _PLACE):
                kept.append(one)
        while len(kept) > self._most:
            one = kept.popleft()
            if not rolls[one >> _PLACES].rest(one & _PLACE):
                kept.append(one)

    def _number(self, slot: Slot) -> int:
        number = self._numbers.get(slot.number)
        if number is None:
            self._last += 1
            number = self._numbers[slot.number] = self._last
            self._rolls[number] = slot.roll
        return number

    def _let_go(self) -> None:
        """At once for all slots that were forgotten since: it looks at everybody."""
        if self._stale:
            self._stale = False
            rolls = self._rolls
            self._kept, self._new = (
                deque(one for one in some if one >> _PLACES in rolls) for some in (self._kept, self._new)
            )
