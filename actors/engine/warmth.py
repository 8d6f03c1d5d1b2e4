"""How many of those on the rolls of all slots are objects: as many as may be, those of the slots lately heard of."""

from collections.abc import Mapping

from actors.engine.slot import Slot

HOT_MOST = 30_000
"""How many identities a process keeps as objects, each some hundred bytes; all others are bytes, a fifth of that."""


class Warmth:
    """Slot → how many of it are objects, the slot not heard of for longest first."""

    def __init__(self, most: int = HOT_MOST) -> None:
        self._most = most
        self._hot: dict[int, int] = {}
        self._sum = 0

    def heard(self, slot: Slot) -> None:
        """Something has happened to this slot."""
        hot = slot.roll.hot
        self._sum += hot - self._hot.pop(slot.number, 0)
        self._hot[slot.number] = hot

    def settle(self, slots: Mapping[int, Slot]) -> None:
        """Turns objects into bytes until there are no more than may be; nobody may hold one of them now."""
        while self._sum > self._most:
            number = next(iter(self._hot))
            slot = slots.get(number)
            if slot is None:  # it is carried elsewhere now
                self._sum -= self._hot.pop(number)
                continue
            # Half of a slot at most: its lots and what else is asked for all the time are not among the oldest half.
            slot.roll.cool(max(slot.roll.hot // 2, slot.roll.hot - (self._sum - self._most)))
            left = slot.roll.hot
            self._sum -= self._hot.pop(number) - left
            if left:
                self._hot[number] = left
