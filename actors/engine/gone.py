"""Who left a slot: nothing is expected of them any more, so what they are lies in a table and not in memory.

Their slot remembers only that they left (`marks.py`). Who is told something all the same returns first.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, NamedTuple

from actors.engine.catalogue import Catalogue
from actors.engine.entries import Left, Letter, Returned
from actors.engine.journal import Absent
from actors.engine.slot import Slot
from actors.values import DAY_US, HOUR_US, Micros, Ref

AFTER_US = 3 * DAY_US
"""How long somebody must be over before he leaves: most of what is said late comes in the first days."""
LOOK_EVERY_US = HOUR_US
"""By the slot's own time: looking reads everybody who might leave."""
A_LOOK = 1_000
"""How many leave at a time."""


class Missed(NamedTuple):
    """Somebody is told something who left; `times`: how often somebody had left the slot when this was seen."""

    slot: Slot
    ref: Ref
    times: int


class Gone:
    """Who leaves a host's slots and returns. `taking` gives a slot that takes messages now, `note` adds to its page."""

    def __init__(
        self, catalogue: Catalogue, taking: Callable[[int], Slot | None], note: Callable[[Slot, Left | Returned], None]
    ) -> None:
        self._catalogue = catalogue
        self._taking = taking
        self._note = note
        self._next: dict[int, Micros] = {}
        self.left = self.returned = 0

    def away(self, slot: Slot, ref: Ref) -> bool:
        """Whether somebody left and has to return before he is told anything."""
        return ref.kind in self._catalogue.leaving and slot.roll.away(ref)

    def missed(self, letters: list[Letter[Any]]) -> list[Missed]:
        """Those whom these letters need and who left."""
        found: dict[tuple[int, Ref], Missed] = {}
        for letter in letters:
            slot = self._taking(letter.slot) if letter.ref.kind in self._catalogue.leaving else None
            if slot is not None and slot.roll.away(letter.ref) and not known(slot, letter):
                found[letter.slot, letter.ref] = Missed(slot, letter.ref, slot.roll.left.times)
        return list(found.values())

    def bring_back(self, missed: Missed, held: bytes) -> bool:
        """He returns as he was; not if somebody has left his slot since, for it may have been he, a second time."""
        slot, ref, times = missed
        if self._taking(slot.number) is not slot or slot.roll.left.times != times or not slot.roll.away(ref):
            return False
        self._note(slot, Returned(ref, held))
        self.returned += 1
        return True

    def leave(self, absent: list[Absent]) -> int:
        """What these were is durable beside the journal: those who still are so leave; how many."""
        left = 0
        for number in sorted({each.slot for each in absent}):
            slot = self._taking(number)
            same = [each for each in absent if slot is not None and each.slot == number and as_it_was(slot, each)]
            if slot is not None and same:
                self._note(slot, Left([Ref(each.kind, each.key) for each in same]))
                left += len(same)
        self.left += left
        return left

    def leavers(self, slot: Slot) -> list[Absent]:
        """Those who may leave, as they are now; none, if the slot was looked through lately."""
        if slot.at < self._next.get(slot.number, 0):
            return []
        found = list(islice(self._over(slot), A_LOOK))
        self._next[slot.number] = 0 if len(found) == A_LOOK else slot.at + LOOK_EVERY_US
        return found

    def _over(self, slot: Slot) -> Iterator[Absent]:
        asking = {errand.ref for errand in slot.asks.values()}
        for kind in sorted(self._catalogue.leaving):
            for key, body in slot.roll.bodies(kind):
                held = self._catalogue.thaw(body)
                if held.actor is None or held.window is not None or held.wakes or Ref(kind, key) in asking:
                    continue
                since = held.actor.over_us()
                if since is not None and since + AFTER_US <= slot.at:
                    yield Absent(slot.number, kind, key, slot.seq, body)


def known(slot: Slot, letter: Letter[Any]) -> bool:
    """Whether a letter was taken before, so that nobody has to hear it."""
    return letter.input is not None and slot.verdict(letter.input) in ("repeat", "late")


def as_it_was(slot: Slot, one: Absent) -> bool:
    """Whether nothing of what is held of somebody has changed."""
    return slot.roll.body(Ref(one.kind, one.key)) == one.held
