"""A cell that takes over answers before it has folded everything: who is asked for comes first, the others wait."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from actors.engine import cell as cells
from actors.engine import opening
from actors.engine.entries import Opened
from actors.engine.journal import Placed
from actors.values import shared_slot
from tests.actors.engine.bench import SLOTS, letter
from tests.actors.engine.test_cell import asking, turns_of_loop
from tests.actors.engine.town import Town
from tests.actors.engine.world.memory import Tables
from tests.actors.engine.world.toys import PLACES, TOYS, Bump, Look, Total, account, chained

ELEVEN = Total(11, chained(0, 11))


@pytest.fixture
async def town(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Town]:
    """A town with a day behind it, whose cells fold one slot at a time."""
    monkeypatch.setattr(cells, "A_TIME", 1)
    monkeypatch.setattr(opening, "A_TIME", 1)
    town = Town()
    await town.start()
    while len(town.cells["cell-0"].host.slots) < len(SLOTS):
        await turns_of_loop()
    for place in PLACES:
        assert (await asking(town, letter(account(place), Bump(11), place)))[0].how == "done"
    yield town
    await town.close()


def opened_by(tables: Tables, lease: int) -> set[int]:
    """The slots whose head is this life's opening."""
    heads = tables.heads(SLOTS)
    return {slot for slot, head in heads.items() if head.lease == lease}


async def test_all_slots_are_fenced_before_the_first_answer_and_folded_after_it(town: Town) -> None:
    cell = await town.start()
    town.gate.hold("read")
    assert opened_by(town.tables, cell.host.lease) == set(SLOTS)
    assert len(cell.host.slots) == 1
    (known,) = cell.host.slots
    (first,) = [place for place in PLACES if shared_slot(place) == known]
    (answer,) = await asking(town, letter(account(first), Look()))
    assert TOYS.decode_reply(answer.reply or b"") == ELEVEN
    rest = [place for place in PLACES if place != first]
    waiting = [asking(town, letter(account(place), Look())) for place in rest]
    await town.gate.reached.wait()
    await turns_of_loop()
    assert not any(each.done() for each in waiting)
    town.gate.release()
    answers = [answer for (answer,) in await asyncio.gather(*waiting)]
    assert [TOYS.decode_reply(answer.reply or b"") for answer in answers] == [ELEVEN] * len(rest)


async def test_what_is_fenced_is_opened_once_though_everybody_asks_for_it(town: Town) -> None:
    before = dict(town.tables.tops)
    await town.start()
    await asyncio.gather(*[asking(town, letter(account(place), Look())) for place in PLACES for _ in range(3)])
    assert {slot: top - before[slot] for slot, top in town.tables.tops.items()} == dict.fromkeys(SLOTS, 1)
    pages = [town.tables.pages[slot, top] for slot, top in town.tables.tops.items()]
    assert all(TOYS.decode_page(page.body) == [Opened("cell-0")] for page in pages)


async def test_who_gives_up_waiting_leaves_no_slot_half_open(town: Town) -> None:
    (answer,) = await asking(town, letter(account(PLACES[0]), Bump(22), "asks a scale"))
    assert answer.how == "done"
    cell = await town.start("cell-1", slots=[])
    slot = shared_slot(PLACES[0])
    town.tables.rows[slot] = Placed(slot, "cell-1")
    await cell._look_once()
    town.gate.hold("ask")  # after its folding, before it counts as opened
    waiting = asking(town, letter(account(PLACES[0]), Look()), cell="cell-1")
    await town.gate.reached.wait()
    waiting.cancel()
    await turns_of_loop()
    town.gate.release()
    await turns_of_loop()
    assert slot in cell.host.slots
    assert not cell._opening.fenced(slot), "whoever opens the rest would try it for ever"
    assert town.gate.passed["ask"], "what it asks of the outside is asked"


async def test_a_slot_that_is_asked_for_while_all_are_being_fenced_is_opened_once(town: Town) -> None:
    cell = await town.start("cell-1", slots=[])
    slot = shared_slot(PLACES[0])
    town.tables.rows[slot], before = Placed(slot, "cell-1"), town.tables.tops[slot]
    await cell._look_once()
    town.gate.hold("open")
    fencing = asyncio.ensure_future(cell._opening.fence([slot]))
    await town.gate.reached.wait()
    asked = asyncio.ensure_future(cell._opening.open([slot]))  # as by a letter of one of its own slots
    await turns_of_loop()
    town.gate.release()
    await asyncio.gather(fencing, asked)
    assert slot in cell.host.slots
    assert not cell._opening.fenced(slot)
    assert town.tables.tops[slot] == before + 1
