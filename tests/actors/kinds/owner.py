"""What tests of accounts share: an owner with a car, and a world in which only accounts live."""

from actors.engine.turn import Turn
from actors.messages.account import (
    AccountAnswer,
    AccountFace,
    AccountQuery,
    BindPlate,
    OpenTopUp,
    SetWays,
)
from actors.messages.forms import Message, Refused, Reply
from actors.messages.money import Settle
from actors.values import Ref
from tests.actors.kinds.test_session import PLATE, plate, see
from tests.actors.kinds.world import World

ME, OTHER = Ref("account", "ann"), Ref("account", "bob")
CAR = Ref("vehicle", PLATE)
OFFERS = {"offers": [{"id": "o1", "fen": 10_000, "gift_fen": 1_000}]}


class Alone(World):
    """Only accounts live here: what they say to others is noted and goes nowhere."""

    def _turn(self, ref: Ref, message: Message) -> Turn:
        if ref.kind != "account":
            return Turn(ref, self.now, self.actors[ME], self, self)
        return super()._turn(ref, message)


def top_up(world: World, fen: int, payment: str = "t1", offer: str = "") -> None:
    world.say(ME, OpenTopUp(payment, fen, offer))
    world.say(ME, Settle(payment, "wechat", fen, world.now, "ann", "w1"))


def said(world: World, message: Message, who: Ref = ME) -> Reply:
    answer = world.say(who, message)
    assert answer is not None
    return answer


def code(world: World, message: Message, who: Ref = ME) -> str:
    answer = said(world, message, who)
    assert isinstance(answer, Refused), answer
    return answer.code


def face(world: World, who: Ref = ME) -> AccountFace:
    answer = said(world, AccountQuery(), who)
    assert isinstance(answer, AccountAnswer)
    return answer.face


def balances(world: World) -> tuple[int, int, int]:
    shown = face(world)
    return shown.balance_fen, shown.gift_fen, shown.frozen_fen


def owner(world: World, *ways: str) -> World:
    """The account has the plate, and pays by itself in these ways."""
    world.say(ME, BindPlate(PLATE))
    world.say(ME, SetWays(PLATE, ways))
    return world


def parked(world: World, minutes: float) -> World:
    see(world, False, -1)
    see(world, True, 0)
    plate(world, 1)
    see(world, False, minutes)
    return world
