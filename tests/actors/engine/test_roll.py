"""The roll of a slot: whoever is idle is bytes, and the same when it is heard of again."""

import tracemalloc

from actors.engine.catalogue import Catalogue
from actors.engine.entries import ByKey, FromDevice, Letter
from actors.engine.host import Host
from actors.engine.roll import Roll
from actors.kinds import KINDS, PORTS
from actors.messages.bay import BayQuery, InstallBay
from actors.messages.device import InstallDevice, Uplinked
from actors.values import HOUR_US, MINUTE_US, Ref, shared_slot
from tests.actors.engine.bench import NOW
from tests.actors.engine.world.toys import TOYS, Account, Grown, account

BAYS = 1_000
IDLE_MOST = 1_024


def roll_of(members: int) -> Roll:
    """Accounts whose totals are their numbers, none lately heard of."""
    roll = Roll(TOYS.thaw)
    for n in range(members):
        held = roll.join(account("a", f"n{n}"))
        held.actor, held.wakes = Account(), (n,)
        held.actor.fold_grown(Grown(n))
    cool(roll)
    return roll


def cool(roll: Roll) -> None:
    """All who became objects become bytes."""
    assert roll.rest(roll.came()) == []


def objects(roll: Roll) -> int:
    """How many are objects."""
    return sum(not isinstance(held, bytes) for held in roll._held)


def test_the_roll_says_once_who_became_an_object_and_who_is_bytes_is_the_same_as_an_object() -> None:
    roll = roll_of(100)
    assert objects(roll) == 0
    for n in (*range(50), 7):
        held = roll.of(account("a", f"n{n}"))
        assert held is not None
        assert (held.actor.total, held.wakes) == (n, (n,))  # type: ignore[union-attr]
    assert (len(roll), objects(roll)) == (100, 50)
    came = roll.came()
    assert len(came) == 50
    assert not roll.came()
    assert roll.rest(came) == []
    assert objects(roll) == 0


def test_only_who_was_noted_something_of_after_he_came_does_not_rest_and_once() -> None:
    roll = roll_of(3)
    roll.join(account("a", "n1"))
    roll.of(account("a", "n2"))
    noted, asked = roll.came()
    roll.of(account("a", "n2"))
    roll.join(account("a", "n1"))
    assert roll.rest([noted, asked]) == [noted]
    assert objects(roll) == 1
    assert roll.rest([noted, asked]) == []
    roll.join(account("a", "n1"))
    assert roll.rest(roll.came()) == [], "all that was noted when he came is one coming"
    assert objects(roll) == 0


def test_who_would_be_many_bytes_goes_on_as_he_is() -> None:
    roll = roll_of(3)
    roll.actor(account("a", "n1")).fold_grown(Grown(1 << 40))  # type: ignore[union-attr]
    roll.of(account("a", "n2"))
    large, small = roll.came()
    most = len(bytes(roll.packed()["account"][account("a", "n2").key]))
    assert roll.rest([small, large], most) == [large]
    assert roll.rest([large]) == []


def test_what_is_changed_is_kept_when_it_is_bytes_again_and_looking_changes_nothing() -> None:
    roll = roll_of(3)
    roll.actor(account("a", "n1")).fold_grown(Grown(10))  # type: ignore[union-attr]
    cool(roll)
    assert [actor.total for _, actor in roll.actors()] == [0, 11, 2]  # type: ignore[attr-defined]
    assert roll.peek(account("a", "n1")).total == 11  # type: ignore[union-attr]
    assert roll.peek(account("a", "n9")) is None
    assert objects(roll) == 0


def test_who_was_asked_for_last_is_not_taken_for_the_object_that_he_was_before_he_rested() -> None:
    roll, ref = roll_of(3), account("a", "n1")
    for _ in range(3):
        assert roll.of(ref) is roll.of(ref) is roll.join(account("a", "n1"))
        roll.join(ref).actor.fold_grown(Grown(1))  # type: ignore[union-attr]
        roll.of(account("a", "n2"))
        roll.join(ref)
        cool(roll)
    assert roll.peek(ref).total == 4  # type: ignore[union-attr]


def test_a_packed_roll_is_the_same_whoever_was_heard_of() -> None:
    roll, heard = roll_of(5), roll_of(5)
    for n in (3, 1):
        heard.of(account("a", f"n{n}"))
    assert heard.packed() == roll.packed()
    again = Roll(TOYS.thaw)
    again.unpack(heard.packed())
    assert (again.packed(), objects(again)) == (roll.packed(), 0)
    assert list(roll.only({"account"}).actors())
    assert len(roll.only({"another"})) == 0


def test_an_idle_bay_with_its_device_costs_less_than_a_kilobyte() -> None:
    """As Python counts what is allocated, with windows, wakes, keys and the share of lot and slot."""
    host = Host(Catalogue(KINDS, PORTS), "cell-0", 1, hot=BAYS // 20)
    lots = [f"lot-{n}" for n in range(BAYS // 200)]
    for slot in {shared_slot(lot) for lot in lots}:
        host.open(slot, None, [])
    tracemalloc.start()
    try:
        for lot in lots:
            settle(host, lot)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert used / BAYS < IDLE_MOST


def settle(host: Host, lot: str) -> None:
    """Two hundred bays of a lot are installed, are reported of once, and then nobody is heard of for an hour."""
    slot, now = shared_slot(lot), NOW
    for n in range(200):
        bay, device = Ref("bay", f"{lot}/{lot}-{n}"), Ref("device", f"{lot}/{lot}d{n}")
        seen = Uplinked(now, now, n % 2 == 0, n + 1, 65_535, 1, 93, 3_590, -87, 21.5)
        host.deliver(
            [
                Letter(slot, ByKey(f"{bay}", n), bay, InstallBay(f"{n}", "common", 0)),
                Letter(slot, ByKey(f"{device}", n), device, InstallDevice("yun-json", bay.own_id, HOUR_US)),
                Letter(slot, FromDevice(device, 1, n + 1), device, seen),
            ],
            now,
        )
        commit(host)
    now += 16 * MINUTE_US
    host.deliver([Letter(slot, ByKey("later", 0), Ref("bay", f"{lot}/{lot}-0"), InstallBay("0", "common", 0))], now)
    commit(host)
    assert host.deliver([Letter(slot, None, Ref("bay", f"{lot}/{lot}-1"), BayQuery())], now)[0].how == "done"


def commit(host: Host) -> None:
    """As if it were durable at once."""
    while (flight := host.cut()) is not None:
        host.committed(flight)
