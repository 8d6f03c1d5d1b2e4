"""Real sessions in the smallest world, and what each of their turns recorded: stays as an actor makes them."""

import msgspec
from hypothesis import strategies as st

from actors.engine.turn import Turn
from actors.kinds.session import Session
from actors.messages.forms import Message
from actors.messages.money import Settle
from actors.messages.session import (
    AddEvidence,
    ClearFlag,
    Covered,
    EndSession,
    FlagSession,
    NotePlate,
    OpenBill,
    OpenSession,
    PayByHand,
    RefundPart,
    ResumeSession,
    ShareStay,
    Standing,
    VoidSession,
    Waive,
    WriteOff,
)
from actors.tariffs.document import Free, Period, Stage, Tariff
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import DAY_US, MINUTE_US, Ref
from tests.actors.kinds.world import World
from tests.storage.books import Recorded

START = 1_790_000_000_000_000
FIVE_AN_HOUR = Tariff(
    name={"en": "five an hour"},
    free=[Free(minutes=15)],
    periods=[Period(name="always", stages=[Stage(unit_minutes=30, price_fen=250)])],
)
LOTS = ("L0", "L1")


class Stays(World):
    """Sessions, and the collectors who take their money: what they say to other kinds is noted, and nobody hears it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.turns: list[Recorded] = []

        self.refer(f"{TARIFF}t", msgspec.to_builtins(FIVE_AN_HOUR))
        for lot in LOTS:
            self.refer(ASSIGNED + lot, {"tariff": "t"})

    def opened(self, lot: str = "L0", n: int = 1, plate: str = "粤B12345", colour: str = "blue") -> Ref:
        """A stay that begins now; without a plate if that is empty."""
        ref = Ref("session", f"{lot}/{lot}-0-{n}")
        come = OpenSession(f"{lot}-0", self.now, "sensor", "d", "city", "sensor_pda", plate, colour)
        self.say(ref, come)
        return ref

    def left(self, ref: Ref, minutes: int) -> None:
        """The vehicle leaves after so long."""
        self.wait(self.session(ref).entry_us + minutes * MINUTE_US)
        self.say(ref, EndSession(self.now, "sensor", "d"))

    def paid(self, ref: Ref, fen: int, payment: str = "p1", channel: str = "cash", offline: bool = False) -> None:
        """Money comes now, by a collector's hand or from a provider."""
        if channel in ("cash", "card"):
            self.say(ref, PayByHand(payment, channel, fen, "li", "s1", self.now, offline))
        else:
            self.say(ref, Settle(payment, channel, fen, self.now, "anna", "r"))

    def _turn(self, ref: Ref, message: Message) -> Turn:
        if ref.kind not in ("session", "collector"):
            return Turn(ref, self.now, Session(), self, self)
        turn = super()._turn(ref, message)
        if turn.facts:
            self.turns.append((ref, self.now, list(turn.facts)))
        return turn

    def session(self, ref: Ref) -> Session:
        """The actor itself."""
        found = self.actors[ref]
        assert isinstance(found, Session)
        return found


ACTS = (
    *("plate", "leave", "cash", "card", "wechat", "wallet", "offline", "refund", "waive", "free", "write_off"),
    *("void", "resume", "flag", "clear", "evidence", "white", "pass", "bill", "wait", "share", "coupon"),
)
Act = tuple[int, str, int]
"""Which stay, what happens to it, and a number: of minutes, or of fen."""


def acts(stays: int, most: int) -> st.SearchStrategy[list[Act]]:
    """Things that happen to a few stays, in any order, sensible or not."""
    return st.lists(
        st.tuples(st.integers(0, stays - 1), st.sampled_from(ACTS), st.integers(1, 600)), min_size=1, max_size=most
    )


def play(stays: Stays, script: list[Act]) -> None:
    """Lets it happen; what the actor refuses does not."""
    for n, (which, act, number) in enumerate(script):
        lot, key = LOTS[which % len(LOTS)], 1 + which // len(LOTS)
        ref = Ref("session", f"{lot}/{lot}-0-{key}")
        if ref not in stays.actors:
            stays.opened(lot, key, plate="" if number % 5 == 0 else f"粤B0000{which}")
        stays.say(ref, _said(act, number, n, stays), stays.now + number * MINUTE_US)


def _said(act: str, number: int, n: int, stays: Stays) -> Message:
    now, fen, payment = stays.now + number * MINUTE_US, number * 10, f"p{n}"
    first = f"p{number % max(1, n)}"
    said: dict[str, Message] = {
        "plate": NotePlate(f"粤B1234{number % 4}", "blue", "pda", "x", 100, now, "li", no_plate=number % 7 == 0),
        "leave": EndSession(now, "sensor", "d", lost=number % 2),
        "cash": PayByHand(payment, "cash", fen, "li", "s1", now),
        "card": PayByHand(payment, "card", fen, "li", "s1", now),
        "offline": PayByHand(payment, "cash", fen, "li", "s1", now, offline=True),
        "wechat": Settle(payment, "wechat", fen, now),
        "wallet": Settle(payment, "wallet", fen, now, "anna"),
        "refund": RefundPart(first, fen, "sorry", "boss", f"k{n}"),
        "waive": Waive(fen, "goodwill", "boss"),
        "free": Waive(-1, "ambulance", "boss"),
        "write_off": WriteOff("gone", "boss"),
        "share": ShareStay("owen", 33),
        "void": VoidSession("no car", "boss"),
        "resume": ResumeSession("wrong reading", "boss"),
        "flag": FlagSession("look", str(number)),
        "clear": ClearFlag("look", "boss", "seen"),
        "evidence": AddEvidence(f"e{number}", "entry", "pda", "x", now),
        "pass": Covered("m1", now - number * MINUTE_US, now + DAY_US),
        "bill": OpenBill(payment, "wechat"),
        "coupon": OpenBill(payment, "wallet", "anna", _coupon(n)),
        "wait": FlagSession("waited", str(n)),
    }
    plate = stays.session(next(iter(stays.actors))).plate
    said["white"] = Standing(plate, "white", "company", (), "anna", False, 0, 0)
    return said[act]


def _coupon(n: int) -> bytes:
    """A merchant's coupon that leaves nothing to be paid."""
    return msgspec.msgpack.encode([{"id": f"c{n}", "kind": "full", "merchant": "cafe"}])
