"""A bay's lock: up while a stay is unpaid or the bay is kept for somebody; a person is told when it does not obey."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.bay import BayKept, LetOut, LockKnown, LockMoved, Sighted
from actors.messages.device import Disobeyed, Instruct, Obeyed
from actors.messages.forms import Fact
from actors.messages.holding import MoveLock
from actors.messages.session import FlagSession
from actors.values import MINUTE_US, Micros, Ref

RAISED_WITHIN_US: Micros = 2 * MINUTE_US
LOWERED_WITHIN_US: Micros = 5 * MINUTE_US


class Locking(Actor):
    """What a bay does with its lock, if it has one. The lock is a device that watches the bay and says so itself."""

    session: str = ""
    lock: str = ""
    occupied: bool | None = None
    reserved: bool = False
    guarded: bool = False

    def on_let_out(self, said: LetOut, turn: Turn) -> None:
        if self.lock and said.session == self.session:
            self.move_lock("lower", LOWERED_WITHIN_US, turn)

    def on_move_lock(self, said: MoveLock, turn: Turn) -> None:
        # While a stay is open, it alone lowers its lock: who has not paid stays locked in.
        unpaid = said.order == "lower" and bool(self.session)
        if self.lock and not self.occupied and not unpaid:
            self.move_lock(said.order, LOWERED_WITHIN_US if said.order == "lower" else RAISED_WITHIN_US, turn)

    def on_obeyed(self, said: Obeyed, turn: Turn) -> None:
        turn.record(LockMoved(said.device, said.order, ""))

    def on_disobeyed(self, said: Disobeyed, turn: Turn) -> None:
        turn.record(LockMoved(said.device, said.order, said.why))
        if self.session:
            turn.send(Ref("session", self.session), FlagSession("lock_stuck", f"{said.order}: {said.why}"))

    # -- deciding; all of these but `move_lock` are called on the copy of a handler

    def learn(self, fact: Fact, turn: Turn) -> None:
        """Records a fact and remembers it at once."""
        turn.record(fact)
        self.remember(fact)

    def lock_seen(self, seen: Sighted, turn: Turn) -> None:
        """One of the bay's devices is a lock."""
        if seen.source == "lock" and seen.device != self.lock:
            self.learn(LockKnown(seen.device), turn)

    def move_lock(self, order: str, within_us: Micros, turn: Turn) -> None:
        """The lock is told, until it has done so, or for so long."""
        said = Instruct(order, turn.now + within_us, "", turn.me.kind, turn.me.key)
        turn.send(Ref("device", f"{turn.me.place}/{self.lock}"), said)

    # -- remembering

    def fold_bay_kept(self, fact: BayKept) -> None:
        self.reserved, self.guarded = fact.reserved, fact.guarded

    def fold_lock_known(self, fact: LockKnown) -> None:
        self.lock = fact.device

    def fold_lock_moved(self, fact: LockMoved) -> None:
        pass  # kept for whoever asks why a car could not leave
