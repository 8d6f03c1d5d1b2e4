"""How many stays a collector, or a lot, has let go free by hand on the last day on which there was one."""

from typing import NamedTuple

from actors.engine.turn import Turn
from actors.messages.quota import CountFree, FreeCounted


class Freed(NamedTuple):
    """The stays that were let go free on a day (days since 1970 in the city)."""

    day: int = -1
    sessions: tuple[str, ...] = ()

    def on(self, day: int) -> "Freed":
        """Those of this day; a word of an earlier day counts for the last one, for a quota is not had twice."""
        return self if day <= self.day else Freed(day)

    def learnt(self, fact: FreeCounted) -> "Freed":
        """With one more."""
        that = self.on(fact.day)
        return Freed(that.day, (*that.sessions, fact.session))


def count_free(freed: Freed, ask: CountFree, turn: Turn) -> int:
    """Counts a stay that goes free: how many there are with it; 0 if it was refused."""
    known = freed.on(ask.day).sessions
    if ask.session in known:
        return len(known)
    if len(known) >= ask.most:
        turn.refuse("quota_used", "No more stays may go free today", most=str(ask.most), by=str(turn.me))
        return 0
    turn.record(FreeCounted(ask.session, ask.person, ask.day))
    return len(known) + 1
