"""A bay that is kept for somebody, or shared by its owner: who may use it when."""

from datetime import datetime
from zoneinfo import ZoneInfo

from actors.kinds.windows import given_away
from actors.messages.holder import (
    HolderAnswer,
    HolderQuery,
    MoveReservation,
    Reserve,
)
from actors.messages.holding import ApplyShare, AskShare, DecideShare, Share, Window
from actors.values import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Ref
from tests.actors.kinds.kept import (
    ALWAYS,
    ANN,
    BOB,
    HOLDING,
    OTHER,
    code,
    reservation,
    reserve,
    share,
    shown,
    state,
    town,
)
from tests.actors.kinds.one_bay import plate, see
from tests.actors.kinds.streets import T0


def test_a_bay_is_kept_until_its_time_is_over_and_then_anybodys() -> None:
    world = town()
    reserve(world)
    assert (state(world), shown(world)) == (("held", ""), "reserved")
    assert code(reserve(world, name="r2")) == "reservation_active"
    reserve(world, BOB, car=OTHER)
    assert state(world, BOB) == ("refused", "bay_reserved")
    world.wait(T0 + 30 * MINUTE_US - 1)
    assert shown(world) == "reserved"
    world.wait(T0 + 30 * MINUTE_US)
    assert (state(world), shown(world)) == (("expired", ""), "free")
    reserve(world, BOB, "r2", OTHER, minute=31)
    assert state(world, BOB)[0] == "held"


def test_the_same_request_again_is_the_same_reservation() -> None:
    world = town()
    assert reserve(world) is not None
    reserve(world)
    answer = world.say(ANN, HolderQuery())
    assert isinstance(answer, HolderAnswer)
    assert len(answer.face.reservations) == 1


def test_the_holder_comes() -> None:
    world = town()
    reserve(world)
    see(world, True, 5)
    assert (state(world)[0], shown(world)) == ("held", "occupied")
    plate(world, 6)
    assert state(world)[0] == "used"
    see(world, False, 20)
    assert shown(world) == "free"


def test_a_reservation_for_later_keeps_the_bay_from_then_on() -> None:
    world = town()
    reserve(world, minute=60)
    assert (state(world)[0], shown(world)) == ("held", "free")
    see(world, True, 10)
    plate(world, 11, OTHER)
    see(world, False, 50)
    assert state(world)[0] == "held"
    world.wait(T0 + 60 * MINUTE_US)
    assert shown(world) == "reserved"
    assert code(reserve(world, BOB, minute=60 + 601)) == "too_early"


def test_whoever_stood_there_before_is_the_wrong_car() -> None:
    world = town()
    reserve(world, minute=60)
    see(world, True, 59)
    world.wait(T0 + 60 * MINUTE_US)
    assert state(world)[0] == "wrong_car"
    see(world, False, 62)
    assert (state(world)[0], shown(world)) == ("held", "reserved")


def test_a_wrong_car_on_the_bay_and_another_bay_instead() -> None:
    world = town()
    reserve(world)
    see(world, True, 5)
    plate(world, 6, OTHER)
    assert state(world)[0] == "wrong_car"
    world.say(ANN, MoveReservation("ann/r1", "7", "b2", "common"))
    moved = reservation(world)
    assert (moved.state, moved.bay, moved.wanted) == ("held", "b2", "")
    assert moved.until_us == T0 + 36 * MINUTE_US
    assert shown(world, Ref("bay", "7/b2")) == "reserved"
    see(world, False, 10)
    assert shown(world) == "free"
    world.wait(T0 + 31 * MINUTE_US)
    assert state(world)[0] == "held"
    world.wait(T0 + 36 * MINUTE_US)
    assert (state(world)[0], shown(world, Ref("bay", "7/b2"))) == ("expired", "unknown")


def test_a_bay_that_cannot_be_had_instead_changes_nothing() -> None:
    world = town()
    world.say(BOB, Reserve("bob/r", "7", "b2", "common", OTHER, T0))
    reserve(world)
    assert code(world.say(ANN, MoveReservation("ann/r1", "7", "b2", "common"))) == "not_movable"
    see(world, True, 5)
    plate(world, 6, "京C11111")
    world.say(ANN, MoveReservation("ann/r1", "7", "b2", "common"))
    said = reservation(world)
    assert (said.state, said.bay, said.why, said.wanted) == ("wrong_car", "b1", "bay_reserved", "")


def test_a_plate_that_is_corrected_to_the_holders_own_uses_the_reservation() -> None:
    world = town()
    reserve(world)
    see(world, True, 5)
    plate(world, 6, OTHER)
    plate(world, 7)
    assert state(world)[0] == "used"


def test_where_nobody_reads_plates_whoever_came_in_time_is_the_holder() -> None:
    world = town()
    reserve(world)
    see(world, True, 5)
    world.wait(T0 + 30 * MINUTE_US)
    assert state(world)[0] == "used"


def test_a_private_bay_is_reserved_only_when_its_owner_shares_it() -> None:
    world = town()
    reserve(world, kind="private")
    assert state(world) == ("refused", "not_reservable")
    share(world, Window(0, 9 * 60, 11 * 60))  # T0 is Monday, 08:00
    for n, (minute, leave, why) in enumerate([(0, 0, "outside_window"), (100, 190, "outside_window"), (60, 180, "")]):
        reserve(world, name=f"s{n}", kind="private", minute=minute, leave=leave)
        assert state(world)[1] == why
    assert state(world)[0] == "held"


def test_windows_on_end_hold_a_night_and_clocks_that_are_set_anew() -> None:
    zone = ZoneInfo("Europe/Berlin")

    def us(*wall: int) -> int:
        return int(datetime(*wall, tzinfo=zone).timestamp()) * SECOND_US  # type: ignore[arg-type]

    night = (Window(5, 22 * 60, 24 * 60), Window(6, 0, 6 * 60))
    said = Share("s", "o", "Europe/Berlin", night, 0, 1 << 60, "active")
    assert given_away(said, us(2026, 10, 24, 22), us(2026, 10, 25, 6))  # the night with an hour more
    assert not given_away(said, us(2026, 10, 24, 22), us(2026, 10, 25, 6) + 1)
    assert not given_away(said, us(2026, 10, 24, 21, 59), us(2026, 10, 24, 23))
    assert not given_away(said, us(2026, 10, 23, 23), us(2026, 10, 23, 23, 30))


def test_what_an_owner_asks_for_waits_for_staff_and_a_freeze_ends_by_itself() -> None:
    world = town()
    share(world)
    freeze = AskShare("owen", "freeze", T0 + DAY_US, T0 + 2 * DAY_US)
    assert code(world.say(HOLDING, AskShare("ann", "cancel", 0, 0))) == "no_share"
    said = Share("s", "owen", "Asia/Shanghai", ALWAYS, 0, 1 << 60, "active")
    world.say(HOLDING, freeze)
    holding = world.actors[HOLDING]
    assert given_away(holding.share, T0 + DAY_US, T0 + DAY_US + 1)  # type: ignore[attr-defined]
    world.say(HOLDING, DecideShare(True, "staff", ""))
    frozen = holding.share  # type: ignore[attr-defined]
    days = [given_away(frozen, T0 + n * DAY_US, T0 + n * DAY_US + HOUR_US) for n in range(4)]
    assert days == [True, False, True, True]
    assert not given_away(frozen, T0 + 2 * DAY_US - 1, T0 + 2 * DAY_US + 1)
    assert code(world.say(HOLDING, DecideShare(True, "staff", ""))) == "nothing_asked"
    assert code(world.say(HOLDING, ApplyShare(said))) == "share_there"
    world.say(HOLDING, AskShare("owen", "cancel", 0, 0))
    world.say(HOLDING, DecideShare(False, "staff", "not now"))
    assert holding.share.state == "active"  # type: ignore[attr-defined]
    world.say(HOLDING, AskShare("owen", "cancel", 0, 0))
    world.say(HOLDING, DecideShare(True, "staff", ""))
    assert holding.share.state == "cancelled"  # type: ignore[attr-defined]
