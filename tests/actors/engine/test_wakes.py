"""Durable alarms: named, replaced, cancelled, in order of time, and armed again by whoever opens the slot."""

from actors.engine.entries import CancelWake, FromWake, SetWake, Turned
from actors.values import SECOND_US
from tests.actors.engine.bench import NOW, Bench
from tests.actors.engine.world.toys import TICK_US, Bump, account

A = account("a")
LATER = NOW + SECOND_US


def fired(bench: Bench) -> list[int]:
    """The numbers of the wakes that fired, in order."""
    turns = [entry for entry in bench.entries(A) if isinstance(entry, Turned)]
    return [turned.input.n for turned in turns if isinstance(turned.input, FromWake)]


def test_the_same_name_again_replaces_a_wake() -> None:
    bench = Bench()
    bench.tell(A, Bump(4), "sets chime0")
    bench.tell(A, Bump(8), "replaces it")
    (wake,) = bench.slot(A).wakes.values()
    assert (wake.name, wake.at) == ("chime0", NOW + 13 * TICK_US)
    bench.commit()
    (last,) = [entry.wakes for entry in bench.entries(A)][-1:]
    assert [type(change) for change in last] == [CancelWake, SetWake]
    assert bench.host.tick(LATER) is None
    bench.commit()
    assert fired(bench) == [2]


def test_a_cancelled_wake_never_fires() -> None:
    bench = Bench()
    bench.tell(A, Bump(4), "sets chime0")
    bench.tell(A, Bump(7), "cancels it")
    assert not bench.slot(A).wakes
    assert not bench.slot(A).armed(A)
    bench.host.tick(LATER)
    bench.commit()
    assert fired(bench) == []


def test_set_and_cancelled_in_one_turn_is_not_set() -> None:
    bench = Bench()
    bench.tell(A, Bump(28), "sets and cancels chime0")
    assert not bench.slot(A).wakes


def test_cancelling_what_is_not_set_changes_nothing() -> None:
    bench = Bench()
    bench.tell(A, Bump(7), "cancels nothing")
    bench.commit()
    (turned,) = bench.entries(A)
    assert isinstance(turned, Turned)
    assert turned.wakes == []


def test_wakes_fire_in_order_of_time_after_the_next_life_has_armed_them() -> None:
    bench = Bench()
    bench.tell(A, Bump(8), "late: chime0")
    bench.tell(A, Bump(26), "early: chime2")
    bench.commit()
    life = bench.again()
    early = NOW + 9 * TICK_US
    assert life.host.next_wake() == early
    assert life.host.tick(early - 1) == early
    assert len(life.slot(A).wakes) == 2
    life.host.tick(LATER)
    life.commit()
    assert fired(life) == [2, 1]


def test_a_wake_that_fired_unseen_fires_again_in_the_next_life() -> None:
    bench = Bench()
    bench.tell(A, Bump(4), "sets chime0")
    bench.commit()
    bench.host.tick(LATER)  # in memory only: the process dies before its commit
    life = bench.again()
    life.host.tick(LATER)
    life.commit()
    assert fired(life) == [1]
    assert life.host.tick(LATER) is None
