"""Kinds that are still to be written: what the others say to them is heard, and nothing more."""

from actors.engine.actor import Actor
from actors.engine.turn import Turn
from actors.messages.account import AutoPay, CouponGiven, CouponSpent, PlateBound
from actors.messages.collector import TakingsAdded
from actors.messages.forms import Face
from actors.messages.money import ReturnExcess
from actors.messages.passes import LeaveSeat, TakeSeat
from actors.messages.session import AutoPayDeclined
from actors.values import Ref


class NoFace(Face, frozen=True, gc=False):
    """Nothing to see yet."""


class Account(Actor, kind="account"):
    """An owner's account: it pays nothing by itself yet."""

    def on_auto_pay(self, ask: AutoPay, turn: Turn) -> None:
        turn.send(Ref("session", ask.session), AutoPayDeclined(ask.payment, "off"))

    def on_coupon_spent(self, said: CouponSpent, turn: Turn) -> None: ...

    def on_coupon_given(self, said: CouponGiven, turn: Turn) -> None: ...

    def on_plate_bound(self, said: PlateBound, turn: Turn) -> None: ...

    def on_return_excess(self, said: ReturnExcess, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class ParkingPass(Actor, kind="pass"):
    """A pass."""

    def on_take_seat(self, said: TakeSeat, turn: Turn) -> None: ...

    def on_leave_seat(self, said: LeaveSeat, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class Collector(Actor, kind="collector"):
    """A collector."""

    def on_takings_added(self, said: TakingsAdded, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()


class Payment(Actor, kind="payment"):
    """A payment."""

    def on_return_excess(self, said: ReturnExcess, turn: Turn) -> None: ...

    def face(self) -> NoFace:
        return NoFace()
