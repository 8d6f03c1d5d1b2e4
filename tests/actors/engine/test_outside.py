"""What actors ask of the outside: durable before it is asked, asked until it is answered, and answered once."""

from collections.abc import AsyncIterator

import pytest

from actors.engine.entries import BUSY, FromOutside, Turned
from actors.engine.journal import Errand
from tests.actors.engine.bench import IMAGES, NOW, Bench, letter
from tests.actors.engine.test_cell import asking, turns_of_loop
from tests.actors.engine.town import Town
from tests.actors.engine.world.toys import HANDLER_BREAKS, TOYS, Bump, Weigh, Weighed, account

A = account("a")
ASKS = Bump(7)
"""A bump that makes the account ask the scale."""


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town without cells."""
    town = Town()
    yield town
    await town.close()


def errand(bench: Bench, n: int = 1) -> Errand:
    """The row that belongs to the n-th request."""
    return Errand(bench.slot(A).number, n, NOW, A, "scale", TOYS.encode(Weigh(7)))


def test_a_request_stands_in_the_page_and_waits_for_its_answer() -> None:
    bench = Bench()
    bench.tell(A, ASKS, "one")
    bench.commit()
    (turned,) = bench.entries(A)
    assert isinstance(turned, Turned)
    assert [(ask.n, ask.port, TOYS.decode_request(ask.request)) for ask in turned.asks] == [(1, "scale", Weigh(7))]
    assert bench.slot(A).asks == {1: errand(bench)}


def test_its_answer_is_taken_once_for_ever() -> None:
    bench = Bench()
    bench.tell(A, ASKS, "one")
    assert bench.tell(A, Weighed(2), FromOutside(1)).note == ""
    bench.commit()
    assert bench.actor(A).total == 9
    for life in (bench, bench.again()):
        assert life.tell(A, Weighed(2), FromOutside(1)).note == "repeat"
        assert life.slot(A).asks == {}
        life.tell(A, ASKS, f"{life.host.lease}")
        assert list(life.slot(A).asks) == [2]  # its number is never used again


def test_an_old_owner_that_never_asked_does_not_say_that_it_has_the_answer() -> None:
    assert Bench().tell(A, Weighed(2), FromOutside(1)) == BUSY


def test_a_parked_answer_is_not_awaited_any_more() -> None:
    bench = Bench()
    bench.tell(A, ASKS, "one")
    bench.tell(A, Weighed(HANDLER_BREAKS), FromOutside(1))
    bench.commit()
    assert bench.slot(A).asks == bench.again().slot(A).asks == {}
    assert len(bench.tables.parked) == 1


def test_a_snapshot_carries_what_is_awaited() -> None:
    bench = Bench()
    bench.tell(A, ASKS, "one")
    bench.commit()
    again = IMAGES.decode(IMAGES.encode(bench.slot(A)))
    assert (again.asks, again.last_ask) == ({1: errand(bench)}, 1)


def test_opening_asks_again_what_has_no_answer() -> None:
    bench = Bench()
    bench.tell(A, ASKS, "one")
    bench.tell(A, Bump(1), "two")
    bench.commit()
    bench.tell(A, Weighed(2), FromOutside(1))
    bench.commit()
    bench.tables.errands.clear()
    second = bench.again()
    assert list(second.tables.errands) == [(bench.slot(A).number, 2)]


async def test_a_row_for_the_envoys_is_written_after_the_commit_and_not_before(town: Town) -> None:
    await town.start()
    town.gate.hold("append")
    asked = asking(town, letter(A, ASKS, "one"))
    await town.gate.reached.wait()
    await turns_of_loop()
    assert town.tables.errands == {}
    town.gate.release()
    await asked
    await turns_of_loop()
    assert [row.ref for row in town.tables.errands.values()] == [A]
