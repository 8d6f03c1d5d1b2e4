"""Toy actors: small, quick to go wrong, and sensitive to the order of what they hear."""

from zlib import crc32

from actors.engine.actor import Actor
from actors.engine.catalogue import Catalogue
from actors.engine.turn import Turn
from actors.messages.forms import Command, Face, Fact, Query, Reply, Request
from actors.values import Micros, Ref

TICK_US = 10_000
PLACES = ("a", "b", "c", "d")
HANDLER_BREAKS = -1
FOLD_BREAKS = -2


class Read(Command, frozen=True, gc=False):
    """A device read this level (0 or 1)."""

    level: int


class Bump(Command, frozen=True, gc=False):
    """A client wants the total to grow; -1 breaks the handler, -2 breaks the fold."""

    by: int


class Add(Command, frozen=True, gc=False):
    """Another actor says: grow, and tell the next one while there are hops left."""

    by: int
    hops: int = 0


class Chime(Command, frozen=True, gc=False):
    """A wake has fired."""

    by: int


class Weighed(Command, frozen=True, gc=False):
    """The scale says: so much."""

    by: int


class Weigh(Request, frozen=True, gc=False):
    """The scale, which is outside, shall weigh this."""

    port = "scale"
    answers = (Weighed,)
    load: int


class Look(Query, frozen=True, gc=False):
    """What is the total?"""


class LevelSeen(Fact, frozen=True, gc=False):
    """The level changed to this."""

    level: int


class Grown(Fact, frozen=True, gc=False):
    """The total grew by this much."""

    by: int


class Total(Reply, frozen=True, gc=False):
    """The total, and a checksum over the order in which it came about."""

    total: int
    chain: int


class ToyFace(Face, frozen=True, gc=False):
    """All that there is to see of a toy."""

    total: int
    chain: int


def chained(chain: int, step: int) -> int:
    """A checksum that depends on the order of steps."""
    return crc32(b"%d %d" % (chain, step))


GUESTS = ("a1", "two", "scale")


def account(place: str, own: str = "a0") -> Ref:
    """An account of this name; some are guests."""
    return Ref("guest" if own in GUESTS else "account", f"{place}/{own}")


def beside(me: Ref, step: int, own: str) -> Ref:
    """The account `own` at the place so many steps further; 0 steps: at the same place."""
    return account(PLACES[(PLACES.index(me.place) + step) % len(PLACES)], own)


class Gauge(Actor, kind="gauge"):
    """A device's last level; each change is told to another place."""

    level: int = 0
    chain: int = 0

    def on_read(self, read: Read, turn: Turn) -> None:
        if read.level != self.level:
            turn.record(LevelSeen(read.level))
            turn.send(beside(turn.me, 1 + read.level, "lot"), Add(1 if read.level else -1))

    def fold_level_seen(self, seen: LevelSeen) -> None:
        self.level = seen.level
        self.chain = chained(self.chain, seen.level)

    def face(self) -> ToyFace:
        return ToyFace(self.level, self.chain)


class Account(Actor, kind="account"):
    """A total that is bumped by clients, by other accounts and by wakes."""

    total: int = 0
    chain: int = 0

    def on_bump(self, bump: Bump, turn: Turn) -> None:
        by = bump.by
        if by == HANDLER_BREAKS:
            raise ValueError("a handler with a bug")
        if (self.total + by) % 5 == 0 and by > 0:
            turn.refuse("no_fives", "Totals that are a multiple of five are not taken.", total=str(self.total))
            return
        turn.record(Grown(by))
        turn.reply(Total(self.total + by, chained(self.chain, by)))
        if by % 3 == 0:
            turn.send(beside(turn.me, 1 + by // 3, "acc"), Add(by, 1))
        if by % 4 == 1:  # two to one place, the second to break a fold now and then
            turn.send(beside(turn.me, 1, "two"), Add(FOLD_BREAKS if by == 17 else 1))
            turn.send(beside(turn.me, 1, "two"), Add(HANDLER_BREAKS if by == 13 else 2))
        if by % 2 == 0:
            turn.wake(f"chime{by % 4}", turn.now + (5 + by % 11) * TICK_US, Chime(by))
        if by % 7 == 0:
            turn.cancel("chime0")
        if by % 3 == 1:
            turn.outside(Weigh(by))

    def on_add(self, add: Add, turn: Turn) -> None:
        if add.by == HANDLER_BREAKS:
            raise ValueError("a handler with a bug")
        turn.record(Grown(add.by))
        if add.hops:
            turn.send(beside(turn.me, 1, "acc"), Add(1, add.hops - 1))

    def on_chime(self, chime: Chime, turn: Turn) -> None:
        turn.record(Grown(1))
        turn.send(beside(turn.me, 2, "bell"), Add(1))

    def on_weighed(self, weighed: Weighed, turn: Turn) -> None:
        if weighed.by == HANDLER_BREAKS:
            raise ValueError("a handler with a bug")
        turn.record(Grown(weighed.by))
        turn.send(beside(turn.me, 3, "scale"), Add(1))
        if weighed.by > 25:
            turn.outside(Weigh(2))

    def on_look(self, look: Look, turn: Turn) -> None:
        turn.reply(Total(self.total, self.chain))

    def fold_grown(self, grown: Grown) -> None:
        self.total += grown.by
        if grown.by == FOLD_BREAKS:
            raise ValueError("a fold with a bug")
        self.chain = chained(self.chain, grown.by)

    def face(self) -> ToyFace:
        return ToyFace(self.total, self.chain)


class Guest(Account, kind="guest"):
    """An account that leaves at every second total, and has to return for whatever it is told then."""

    def over_us(self) -> Micros | None:
        return 0 if self.total % 2 else None


TOYS = Catalogue((Gauge, Account, Guest), frozenset({Weigh.port}))
SHOWN = frozenset(TOYS.kinds) - TOYS.leaving
"""The kinds that a screen shows."""
