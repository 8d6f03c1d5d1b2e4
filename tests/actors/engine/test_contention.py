"""Who opens slots that others write to: a busy old owner is beaten, and two who open the same ones part."""

import asyncio
from itertools import islice

import pytest

from actors.engine.commit import CONTENDING_MOST_S, Fenced, commit, contention, open_slots
from actors.engine.eras import month_of
from actors.engine.host import Host
from actors.engine.journal import Duplicate, Page
from actors.values import Micros
from tests.actors.engine.bench import NOW, SLOTS
from tests.actors.engine.world.memory import MemoryJournal, Tables
from tests.actors.engine.world.toys import TOYS
from tests.actors.engine.world.virtual import run_virtually

EMPTY = TOYS.encode([])
STATEMENT_S = 0.004
MONTH = month_of(NOW)


class SlowJournal(MemoryJournal):
    """An opening reads the heads, and writes above them a while later, as a statement of a database does."""

    tries = 0

    async def open(
        self, slots: list[int], lease: int, flight: int, at: Micros, body: bytes, era: int
    ) -> dict[int, int]:
        self.tries += 1
        heads = {slot: self.tables.tops.get(slot, 0) + 1 for slot in slots}
        eras = {slot: self.tables.era_after(slot, era) for slot in slots}
        await asyncio.sleep(STATEMENT_S)
        pages = [Page(n, seq, lease, flight, at, body, eras[n], max(eras[n], era)) for n, seq in heads.items()]
        self.tables.append(pages)
        return heads


def test_the_first_try_is_made_at_once_and_all_are_short() -> None:
    pauses = list(islice(contention(7), 50))
    assert pauses[0] == 0.0
    assert len(set(pauses)) == 50
    assert all(pause < CONTENDING_MOST_S for pause in pauses)
    assert max(pauses[1:3]) < max(pauses[3:])
    assert list(islice(contention(8), 50)) != pauses


@pytest.mark.parametrize("lease", range(2, 12))
def test_an_opening_beats_an_owner_who_never_rests(lease: int) -> None:
    """The old owner's commits take longer than an opening, and the next begins when the last has ended."""

    async def both() -> int:
        tables = Tables()
        old, new = Host(TOYS, "cell-0", 1), Host(TOYS, "cell-0", lease)
        await open_slots(old, MemoryJournal(tables), SLOTS, NOW, asyncio.sleep)
        owner = asyncio.ensure_future(never_resting(tables))
        journal = SlowJournal(tables)
        async with asyncio.timeout(30):
            opened = await open_slots(new, journal, SLOTS, NOW, asyncio.sleep)
        assert sorted(opened) == SLOTS
        with pytest.raises(Fenced):
            await owner
        return journal.tries

    assert run_virtually(both()) < 50


async def never_resting(tables: Tables) -> None:
    """Commits on and on, until it is fenced; each takes 5 ms."""
    seq = 1
    while True:
        seq += 1
        pages = [Page(slot, seq, 1, seq, NOW, EMPTY, MONTH, MONTH) for slot in SLOTS]
        await asyncio.sleep(STATEMENT_S * 1.25)
        await commit(MemoryJournal(tables), pages, asyncio.sleep)


@pytest.mark.parametrize("rivals", [2, 5])
def test_rivals_for_the_same_slots_all_come_to_an_end(rivals: int) -> None:
    async def all_of_them() -> int:
        journal = SlowJournal(Tables())
        hosts = [Host(TOYS, "cell-0", lease) for lease in range(1, rivals + 1)]
        opening = [open_slots(host, journal, SLOTS, NOW, asyncio.sleep) for host in hosts]
        async with asyncio.timeout(60):
            opened = await asyncio.gather(*opening)
        assert len({tuple(sorted(heads.items())) for heads in opened}) == rivals
        return journal.tries

    assert run_virtually(all_of_them()) < 10 * rivals


def test_a_duplicate_is_never_an_end() -> None:
    class Unlucky(MemoryJournal):
        left = 20

        async def open(self, *args: object) -> dict[int, int]:
            self.left -= 1
            if self.left:
                raise Duplicate
            return await super().open(*args)  # type: ignore[arg-type]

    host = Host(TOYS, "cell-0", 1)
    assert sorted(run_virtually(open_slots(host, Unlucky(Tables()), SLOTS, NOW, asyncio.sleep))) == SLOTS
