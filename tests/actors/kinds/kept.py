"""What tests of kept and shared bays have in common: two bays, two holders, and what becomes of their wishes."""

from actors.kinds.bay import Bay
from actors.messages.bay import InstallBay
from actors.messages.forms import Refused, Reply
from actors.messages.holder import (
    HolderAnswer,
    HolderQuery,
    Reservation,
    Reserve,
)
from actors.messages.holding import ApplyShare, DecideShare, Share, Window
from actors.values import DAY_US, MINUTE_US, Ref
from tests.actors.kinds.one_bay import BAY, PLATE, see, street
from tests.actors.kinds.streets import T0
from tests.actors.kinds.world import World

ANN, BOB = Ref("holder", "ann"), Ref("holder", "bob")
HOLDING = Ref("holding", "7/b1")
OTHER = "京B99999"
HOLDS = {"bay_types": ["common", "vip"], "hold_minutes": 30, "deposits_fen": {"vip": 2_000}, "ahead_minutes": 600}
ALWAYS = tuple(Window(day, 0, 24 * 60) for day in range(7))


def town(mode: str = "sensor_pda") -> World:
    world = street(mode, holds=HOLDS)
    for bay in ("b1", "b2"):
        world.say(Ref("bay", f"7/{bay}"), InstallBay(bay, "common"))
    see(world, False, -1)
    world.wait(T0)
    return world


def reserve(
    world: World,
    who: Ref = ANN,
    name: str = "r1",
    car: str = PLATE,
    kind: str = "common",
    minute: float = 0,
    leave: float = 0,
) -> Reply | None:
    times = (T0 + int(minute * MINUTE_US), T0 + int(leave * MINUTE_US) if leave else 0)
    return world.say(who, Reserve(f"{who.key}/{name}", "7", "b1", kind, car, *times))


def reservation(world: World, who: Ref = ANN) -> Reservation:
    answer = world.say(who, HolderQuery())
    assert isinstance(answer, HolderAnswer)
    return answer.face.reservations[-1]


def state(world: World, who: Ref = ANN) -> tuple[str, str]:
    said = reservation(world, who)
    return said.state, said.why


def shown(world: World, bay: Ref = BAY) -> str:
    actor = world.actors[bay]
    assert isinstance(actor, Bay)
    return actor.shown


def code(answer: Reply | None) -> str:
    assert isinstance(answer, Refused), answer
    return answer.code


def share(world: World, *windows: Window) -> None:
    world.say(
        HOLDING, ApplyShare(Share("s1", "owen", "Asia/Shanghai", windows or ALWAYS, T0 - DAY_US, T0 + 99 * DAY_US))
    )
    world.say(HOLDING, DecideShare(True, "staff", ""))
