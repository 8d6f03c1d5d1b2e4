"""The lock of a bay that is kept or shared goes down for whoever may use it."""

from actors.messages.bay import LockKnown, ReportPlate
from actors.messages.device import TellDevice
from actors.messages.forms import Message, Reply
from actors.messages.holding import LockLowered, LowerFor, Window
from actors.values import MINUTE_US, Ref
from tests.actors.kinds.field import Spoken
from tests.actors.kinds.kept import HOLDING, OTHER, code, reserve, share, shown, state, town
from tests.actors.kinds.one_bay import BAY, PLATE, STAY, asked, hand
from tests.actors.kinds.streets import T0


class Locked:
    """A bay with a lock that obeys."""

    def __init__(self) -> None:
        self.world = town("lock")
        self.lock = Spoken(self.world, "yun-lock", "b1")
        self.lock.say(0, occupied=False, arm="down")
        assert self.world.said(BAY, LockKnown)
        self._heard = 0

    def told(self) -> list[str]:
        """What it was told since the last time, and has done."""
        orders = [one for _, one in self.world.asked if isinstance(one, TellDevice)]
        new, self._heard = orders[self._heard :], len(orders)
        minute = (self.world.now - T0) / MINUTE_US + 0.001
        for one in new:
            occupied = bool(self.world.actors[BAY].occupied)  # type: ignore[attr-defined]
            arm = "up" if one.order == "raise" else "down"
            self.lock.say(minute, occupied=occupied, arm=arm, ack=one.id)
        return [one.order for one in new]

    def lower(self, who: str, minute: float, car: str = PLATE) -> str:
        at_us = T0 + int(minute * MINUTE_US)
        answer = self.world.say(HOLDING, LowerFor(who, car, at_us), at=at_us)
        return answer.as_what if isinstance(answer, LockLowered) else code(answer)

    def say(self, ref: Ref, message: Message, minute: float) -> Reply | None:
        return self.world.say(ref, message, at=T0 + int(minute * MINUTE_US))


def test_a_reserved_bays_lock_is_up_and_goes_down_for_its_holder_alone() -> None:
    bay = Locked()
    reserve(bay.world)
    assert bay.told() == ["raise"]
    assert (bay.lower("bob", 1, OTHER), bay.told()) == ("bay_reserved", [])
    assert (bay.lower("ann", 2), bay.told()) == ("holder", ["lower"])
    bay.lock.say(3, occupied=True, arm="down")
    assert state(bay.world)[0] == "used"
    assert bay.told() == ["raise"], "he has to pay"
    assert asked(bay.world).face.plate == PLATE
    assert bay.lower("ann", 4) == "not_kept"
    hand(bay.world, "p1", 500, 40)
    assert bay.told() == ["lower"]


def test_a_reservation_that_ran_out_lowers_the_lock() -> None:
    bay = Locked()
    reserve(bay.world)
    bay.told()
    bay.world.wait(T0 + 30 * MINUTE_US)
    assert (bay.told(), shown(bay.world)) == (["lower"], "free")


def test_an_unpaid_stay_keeps_its_lock_up_whatever_becomes_of_the_reservation() -> None:
    bay = Locked()
    reserve(bay.world)
    bay.told()
    bay.lock.say(2, occupied=True, arm="down")  # somebody drove over it
    assert bay.told() == ["raise"]
    bay.say(BAY, ReportPlate(OTHER, "blue", "owner", "", 100, T0, "bob"), 3)
    assert state(bay.world)[0] == "wrong_car"
    bay.world.wait(T0 + 30 * MINUTE_US)
    assert (state(bay.world), bay.told()) == (("expired", "wrong_car"), [])
    assert bay.world.actors[STAY].exit_us is None  # type: ignore[attr-defined]


def test_a_shared_bays_lock_lets_guests_in_within_its_window_and_rises_when_they_have_left() -> None:
    bay = Locked()
    share(bay.world, Window(0, 9 * 60, 10 * 60))
    assert bay.told() == ["raise"]
    assert (bay.lower("ann", 59), bay.told()) == ("outside_window", [])
    assert (bay.lower("owen", 59.5), bay.told()) == ("owner", ["lower"])
    bay.lock.say(59.6, occupied=True, arm="down")
    bay.told()
    bay.lock.say(75, occupied=False, arm="down")
    assert bay.told()[-1:] == ["raise"]
    assert (bay.lower("ann", 80, OTHER), bay.told()) == ("guest", ["lower"])
    bay.lock.say(81, occupied=True, arm="down")
    assert bay.told() == ["raise"]
    assert bay.lower("bob", 82) == "bay_taken"
    bay.lock.say(83, occupied=False, arm="up")
    assert bay.told() == ["raise"]
    assert bay.lower("bob", 120) == "outside_window"
