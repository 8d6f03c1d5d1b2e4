"""A lot with gates in the smallest world: one lane in, two out, five yuan an hour."""

import msgspec

from actors.kinds.session import Session
from actors.messages.forms import Refused, Reply
from actors.messages.lane import (
    CarAtEntry,
    CarAtExit,
    InsideAnswer,
    InsideQuery,
    InstallLane,
    Lane,
    LaneAnswer,
    LaneQuery,
    Leaving,
    MoveBarrier,
    PassedAlone,
    TurnedAway,
)
from actors.messages.rules import RULES, Gates, LotRules
from actors.messages.session import PayByHand
from actors.messages.vehicle import EntryAnswer
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import SECOND_US, Micros, Ref
from tests.actors.kinds.world import World

LOT = Ref("lot", "mall")
T0 = 1_780_000_000_000_000
PLATE, OTHER = "粤B12345", "粤A9K777"
HOURLY = {
    "name": {"zh": "每小时 5 元", "en": "5 yuan an hour"},
    "zone": "Asia/Shanghai",
    "free": [{"minutes": 15}],
    "periods": [{"name": "always", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 60, "price_fen": 500}]}],
}


class Mall(World):
    """A lot with one lane in and two out; every car gets the next number."""

    def __init__(self, capacity: int = 0, **gates: object) -> None:
        super().__init__()
        self.now, self.n, self.m = T0, 0, 0
        rules = LotRules(
            mode="gate", operator="op", street=False, capacity=capacity, gates=msgspec.convert(gates, Gates)
        )
        self.refer(RULES + "mall", msgspec.to_builtins(rules))
        self.refer(TARIFF + "hourly", HOURLY)
        self.refer(ASSIGNED + "mall", {"tariff": "hourly"})
        for n, (lane, way) in enumerate((("in", "in"), ("out", "out"), ("out2", "out")), 1):
            self.say(LOT, InstallLane(lane, Lane(way, f"cam-{lane}", f"bar-{lane}", f"scr-{lane}"), order=n))

    def car(self, plate: str, lane: str, standing: EntryAnswer | None, seen_us: Micros = 0) -> tuple[object, ...]:
        self.n += 1
        seen_us = seen_us or self.now
        return (lane, self.n, plate, "blue", 95, seen_us, seen_us + SECOND_US, standing)

    def enter(self, plate: str = PLATE, lane: str = "in", **how: object) -> Reply | None:
        standing = stands(plate, **how)
        return self.say(LOT, CarAtEntry(*self.car(plate, lane, standing)))

    def leave(self, plate: str = PLATE, lane: str = "out", **how: object) -> LaneAnswer | TurnedAway:
        """What the lane's car gets to know in the end."""
        said = self.say(LOT, CarAtExit(*self.car(plate, lane, stands(plate, **how))))
        if isinstance(said, TurnedAway):
            return said
        assert isinstance(said, Leaving)
        return self.stands(lane)

    def stands(self, lane: str = "out", n: int = 0) -> LaneAnswer:
        answer = self.say(LOT, LaneQuery(lane, n or self.n))
        assert isinstance(answer, LaneAnswer)
        return answer

    def alone(self, plate: str, lane: str, n: int, entering: bool, seen_us: Micros = 0) -> Reply | None:
        self.m += 1
        return self.say(LOT, PassedAlone(lane, self.m, n, entering, plate, "blue", 95, seen_us or self.now))

    def inside(self) -> list[str]:
        answer = self.say(LOT, InsideQuery())
        assert isinstance(answer, InsideAnswer)
        return sorted(each.plate for each in answer.inside.values())

    def pay(self, session: str, fen: int) -> None:
        paid = PayByHand(f"p-{self.now}", "cash", fen, "c-1", "s-1", self.now)
        assert not isinstance(self.say(Ref("session", session), paid), Refused)

    def session(self, key: str) -> Session:
        actor = self.actors[Ref("session", key)]
        assert isinstance(actor, Session)
        return actor

    def opened(self) -> list[str]:
        """Which barriers were told to open, not by their lane."""
        return [ask.device for _, ask in self.asked if isinstance(ask, MoveBarrier) and ask.order == "open"]


def stands(plate: str, list: str = "", owes_fen: int = 0, locked: bool = False) -> EntryAnswer:
    return EntryAnswer(plate, "small", list, "", (), "", owes_fen, 1 if owes_fen else 0, (), locked)
