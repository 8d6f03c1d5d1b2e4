"""Which of those on the rolls of all slots are objects: who is heard of again and again, and who was heard of last."""

from collections import deque

from actors.engine.roll import Roll
from actors.engine.slot import Slot

HOT_MOST = 30_000
"""How many identities a process keeps as objects: each some hundred bytes, a lot some fifty a bay; others are bytes, a
fifth of that."""
NEW_MOST = 4_000
"""How many more may stay objects, when so many are, until they are heard of again: about as many as come with one large
commit, so that each has the time of another, and few enough to be near when they become bytes."""
ONE_IN = 17
"""Of those whose time as new ones is over, one in so many is kept also when he was not heard of again, instead of who
was kept but not heard of for longest: those who do come again, though later, are found among the kept before long. Odd,
for device and bay come in turns."""
HEAVY_BYTES = 768
"""Who is more bytes than that, as a lot of a hundred bays, is kept too: to read him costs as much as to read ten."""
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
        self._skip = one_in - 1  # how many go before the next one that is kept by chance
        self._kept: deque[int] = deque()
        self._new: deque[tuple[int, list[int]]] = deque()  # a roll, and all who came to it at a time
        self._news = 0
        self._rolls: dict[int, Roll] = {}
        self._numbers: dict[int, int] = {}
        self._last = 0
        self._stale = False

    def heard(self, slot: Slot) -> None:
        """Something has happened to this slot: some may have become objects."""
        if came := slot.roll.came():
            self._let_go()
            number, room = self._number(slot), self._most - len(self._kept)
            if room > 0:
                self._keep(number, came[:room])
                came = came[room:]
            if came:
                self._new.append((number, came))
                self._news += len(came)

    def forget(self, slot: int) -> None:
        """This slot is no longer here, or was folded anew."""
        number = self._numbers.pop(slot, None)
        if number is not None:
            del self._rolls[number]
            self._stale = True

    def settle(self) -> None:
        """Turns objects into bytes until there are no more than may be; nobody may hold one of them now."""
        self._let_go()
        while self._news > self._new_most:
            number, places = self._oldest(self._news - self._new_most)
            self._keep(number, self._by_chance(places))
            self._keep(number, self._rolls[number].rest(places, HEAVY_BYTES))
        kept = self._kept
        while len(kept) > self._most:
            one = kept.popleft()
            if self._rolls[one >> _PLACES].rest([one & _PLACE]):
                kept.append(one)

    def _oldest(self, most: int) -> tuple[int, list[int]]:
        """Those who came first of all and to one roll, at most so many; the others of them stay."""
        number, places = self._new.popleft()
        if len(places) > most:
            self._new.appendleft((number, places[most:]))
            places = places[:most]
        self._news -= len(places)
        return number, places

    def _by_chance(self, places: list[int]) -> list[int]:
        """Takes one in so many out of those who went."""
        lucky, went = places[self._skip :: self._one_in], len(places)
        del places[self._skip :: self._one_in]
        self._skip = (self._skip - went) % self._one_in
        return lucky

    def _keep(self, number: int, places: list[int]) -> None:
        self._kept.extend(number << _PLACES | place for place in places)

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
            self._kept = deque(one for one in self._kept if one >> _PLACES in rolls)
            self._new = deque(some for some in self._new if some[0] in rolls)
            self._news = sum(len(places) for _, places in self._new)
