"""Who left a slot: nothing is expected of them any more, so what they are lies in a table and not in memory.

Their slot remembers only that they left (`marks.py`). Who is told something all the same returns first.
"""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue
from actors.engine.entries import Left, Returned
from actors.engine.journal import Absent
from actors.engine.slot import Slot
from actors.values import DAY_US, HOUR_US, Micros, Ref

AFTER_US = 3 * DAY_US
"""How long somebody must be over before he leaves: most of what is said late comes in the first days."""
LOOK_EVERY_US = HOUR_US
"""By the slot's own time: looking reads everybody who might leave."""
A_LOOK = 1_000
"""How many leave at a time."""
READ_MOST = 1_000
"""How many rows are remembered that were read to answer questions."""


class Missed(NamedTuple):
    """Somebody is told something who left, or is only asked; `version`: of the slot's marks when this was seen."""

    slot: Slot
    ref: Ref
    version: int
    asked: bool


class _Row(NamedTuple):
    """What was read of somebody who left: None if nothing was there. Good while the marks are of this version."""

    version: int
    held: bytes | None


class Gone:
    """Who leaves a host's slots and returns. `taking` gives a slot that takes messages now, `note` adds to its page."""

    def __init__(
        self, catalogue: Catalogue, taking: Callable[[int], Slot | None], note: Callable[[Slot, Left | Returned], None]
    ) -> None:
        self._catalogue = catalogue
        self._taking = taking
        self._note = note
        self._next: dict[int, Micros] = {}
        self._back: dict[int, set[Ref]] = {}
        self._missed: dict[tuple[int, Ref], Missed] = {}
        self._rows: dict[tuple[int, Ref], _Row] = {}
        self.left = self.returned = 0

    def away(self, slot: Slot, ref: Ref) -> bool:
        """Whether somebody left and has to return before he is told anything."""
        return slot.roll.left.any and slot.roll.away(ref)

    def waits(self, slot: Slot, ref: Ref, asked: bool = False) -> bool:
        """Whether somebody left, so that what he is told or `asked` has to wait until his row is read."""
        if not self.away(slot, ref):
            return False
        row = self._row(slot, ref)
        if row is not None and (asked or row.held is None):
            return False
        key = (slot.number, ref)
        told = key in self._missed and not self._missed[key].asked
        self._missed[key] = Missed(slot, ref, slot.roll.left.version, asked and not told)
        return True

    def missed(self) -> list[Missed]:
        """Those who were waited for since this was asked last."""
        missed, self._missed = list(self._missed.values()), {}
        return missed

    def begun(self, slot: Slot, ref: Ref, asked: bool) -> Actor:
        """Somebody of whom the roll holds nothing: as he was read, if he is `asked`, or new. LookupError if he left and
        his row is not there: he does not begin anew. The next word has it looked for again.
        """
        if not self.away(slot, ref):
            return self._catalogue.new(ref)
        row = self._row(slot, ref)
        if not asked or row is None or row.held is None:
            self._rows.pop((slot.number, ref), None)
            raise LookupError(f"{ref} left slot {slot.number}, and has no row in the table absent")
        return self._catalogue.thaw(row.held).actor or self._catalogue.new(ref)

    def _row(self, slot: Slot, ref: Ref) -> _Row | None:
        row = self._rows.get((slot.number, ref))
        return row if row is not None and row.version == slot.roll.left.version else None

    def read(self, missed: Missed, held: bytes | None) -> None:
        """This is his row, or there is none: he returns, or may be asked, or what he is told fails."""
        if held is not None and not missed.asked:
            self.bring_back(missed, held)
            return
        self._rows[missed.slot.number, missed.ref] = _Row(missed.version, held)
        while len(self._rows) > READ_MOST:
            del self._rows[next(iter(self._rows))]

    def bring_back(self, missed: Missed, held: bytes) -> bool:
        """He returns as he was; not if somebody has left his slot since, for it may have been he, a second time."""
        slot, ref, version, _ = missed
        current = self._taking(slot.number) is slot and slot.roll.left.version == version
        if not current or not slot.roll.away(ref):
            return False
        self._note(slot, Returned(ref, held))
        self._back.setdefault(slot.number, set()).add(ref)
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
        back = self._back.pop(slot.number, set())  # what they returned for has yet to come
        found = list(islice((one for one in self._over(slot) if Ref(one.kind, one.key) not in back), A_LOOK))
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


def as_it_was(slot: Slot, one: Absent) -> bool:
    """Whether nothing of what is held of somebody has changed."""
    return slot.roll.body(Ref(one.kind, one.key)) == one.held
