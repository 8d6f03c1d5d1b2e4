"""What bounds a call and a commit in bytes: a call carries what fits, a full group makes what comes wait unread."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from actors.engine.cell import GROUP_BYTES
from actors.engine.entries import ByKey, Letter
from actors.engine.lanes import BATCH_BYTES
from actors.messages.forms import Message
from actors.values import shared_slot
from tests.actors.engine.bench import letter
from tests.actors.engine.test_cell import asking, turns_of_loop
from tests.actors.engine.town import Town
from tests.actors.engine.world.toys import TOYS, Bump, Look, account

A = account("a")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town with one cell."""
    town = Town()
    await town.start()
    yield town
    await town.close()


def batch_of(size: int, letters: int, name: str = "") -> list[Letter[Message]]:
    """So many letters that are exactly `size` bytes when they are encoded together."""
    key = size // letters - 100
    found = [letter(A, Bump(11), f"{name}{n}".ljust(key, "-")) for n in range(letters)]
    short = size - len(TOYS.encode(found))
    last = letter(A, Bump(11), f"{name}{letters - 1}".ljust(key + short, "-"))
    found[-1] = last
    assert len(TOYS.encode(found)) == size
    return found


@pytest.mark.parametrize(("over", "calls"), [(0, [6]), (1, [5, 1])], ids=["as much as fits", "one byte more"])
async def test_a_call_carries_half_a_mebibyte_at_most(town: Town, over: int, calls: list[int]) -> None:
    post = await town.post()
    seen: list[int] = []
    deliver = town.cells["cell-0"].call

    async def noting(method: str, payload: bytes) -> bytes:
        assert len(payload) <= BATCH_BYTES
        seen.append(len(TOYS.decode_letters(payload)))
        return await deliver(method, payload)

    town.cells["cell-0"].call = noting  # type: ignore[method-assign]
    letters = batch_of(BATCH_BYTES + over, 6)
    answers = await asyncio.gather(*[post.send(one.ref, one.input, one.message) for one in letters])
    assert [answer.note for answer in answers] == [""] * 6
    assert seen == calls
    taken = list(town.cells["cell-0"].host.slots[shared_slot("a")].taken.keys)
    assert taken == [one.input.key for one in letters if isinstance(one.input, ByKey)]  # in order of sending


async def test_a_message_larger_than_a_call_goes_alone(town: Town) -> None:
    post = await town.post()
    small, large = letter(A, Bump(11), "small"), letter(A, Bump(1), "x" * 2 * BATCH_BYTES)
    answers = await asyncio.gather(*[post.send(one.ref, one.input, one.message) for one in (small, large)])
    assert [answer.how for answer in answers] == ["done", "done"]
    assert town.calls.count(("cell-0", "deliver")) == 2


async def test_a_group_of_four_mebibytes_makes_the_next_batch_wait_before_it_is_read(town: Town) -> None:
    cell = town.cells["cell-0"]
    town.gate.hold("append")
    first = asking(town, letter(A, Bump(11), "first"))
    await town.gate.reached.wait()
    batches = [asking(town, *batch_of(BATCH_BYTES, 2, f"{n} ")) for n in range(12)]
    await turns_of_loop()
    assert (cell.host.group.bytes, cell.host.group.turns) == (GROUP_BYTES, 16)
    town.gate.release()
    await asyncio.gather(first, *batches)
    assert (cell.host.group.bytes, cell.host.group.turns) == (0, 0)


async def test_what_leaves_nothing_behind_fills_no_group(town: Town) -> None:
    await asking(town, letter(A, Look()))
    assert town.cells["cell-0"].host.group.bytes == 0
