"""How many of a lot's bays are in which state."""

from actors.engine.turn import Turn
from actors.kinds.lot.section import Worked
from actors.messages.lot import BayChanged, CountAnswer, Counted, CountQuery, LotFace


class Counting(Worked):
    """What a lot knows of its bays: each one's type and shown state, and their numbers by both.

    `bays` names a bay's look by its place in `looks`: a lot has many bays, which look few ways.
    """

    looks: list[tuple[str, str]] = []
    bays: dict[str, int] = {}
    counts: dict[str, dict[str, int]] = {}

    def on_bay_changed(self, change: BayChanged, turn: Turn) -> None:
        # What the lot itself remembers of the bay is what it moves from, so that its numbers always add up.
        place = self.bays.get(change.bay)
        was_type, was = ("", "") if place is None else self.looks[place]
        if was != change.now or was_type != change.bay_type:
            turn.record(Counted(change.bay, change.bay_type, was, change.now, was_type))

    def on_count_query(self, query: CountQuery, turn: Turn) -> None:
        turn.reply(CountAnswer(self.face()))

    def fold_counted(self, fact: Counted) -> None:
        if fact.was:
            self._add(fact.was_type, fact.was, -1)
        self._add(fact.bay_type, fact.now, 1)
        self.bays[fact.bay] = self._place((fact.bay_type, fact.now))

    def _place(self, look: tuple[str, str]) -> int:
        try:
            return self.looks.index(look)
        except ValueError:
            self.looks.append(look)
            return len(self.looks) - 1

    def _add(self, bay_type: str, state: str, n: int) -> None:
        states = self.counts.setdefault(bay_type, {})
        now = states.get(state, 0) + n
        if now:
            states[state] = now
            return
        states.pop(state, None)
        if not states:
            del self.counts[bay_type]

    def face(self) -> LotFace:
        return LotFace({bay_type: dict(states) for bay_type, states in self.counts.items()}, self.hold)
