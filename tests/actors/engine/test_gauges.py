"""What the engine's parts count of themselves, above all what a well city never shows."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from actors.engine import commit, due
from actors.engine.cell import Cell
from actors.engine.directory import Directory
from actors.engine.entries import FromDevice, FromSlot, FromStream, Turned
from actors.engine.follow import Follower
from actors.engine.gauges import CellGauges
from actors.engine.journal import Unknown
from actors.engine.mail import Unreachable
from actors.engine.post import NotDone
from actors.engine.ring import News, Ring, ShownPage, Since
from actors.values import SECOND_US, shared_slot
from tests.actors.engine.bench import NOW, SLOTS
from tests.actors.engine.town import Town
from tests.actors.engine.world.toys import FOLD_BREAKS, HANDLER_BREAKS, TOYS, Add, Bump, account

A = account("a")
SLOT_A = shared_slot("a")


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    """A town without cells."""
    town = Town()
    yield town
    await town.close()


async def told(town: Town, cell: str = "cell-0") -> CellGauges:
    """What a cell says of itself."""
    return msgspec.msgpack.decode(await town.call(cell, "state", b""), type=CellGauges)


async def test_turns_refusals_and_parked_messages_are_counted(town: Town) -> None:
    await town.start()
    post = await town.post()
    await post.ask(A, Bump(2), "grows, and sets a wake")
    for by, code in ((3, "no_fives"), (HANDLER_BREAKS, "internal_error")):
        with pytest.raises(NotDone, match=code):
            await post.ask(A, Bump(by), f"by {by}")
    gauges = await told(town)
    assert (gauges.slots, gauges.actors, gauges.kept_keys, gauges.set_wakes) == (len(SLOTS), 1, 3, 1)
    assert (gauges.turns_total, gauges.refused_turns_total, gauges.parked_messages_total) == (3, 1, 1)
    assert gauges.answers_total == {"done": 3}
    assert (sum(gauges.commit_seconds.counts), gauges.commit_turns.sum) == (3, 3.0)
    assert gauges.commit_bytes.sum > 0
    assert sum(gauges.opening_seconds.counts) == 2, "one slot alone first, then all others"


async def test_slots_that_wait_for_their_snapshot_are_counted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "A_CUT", 1)
    cell = await town.start()
    for slot in SLOTS[:3]:
        cell.host.due.add(slot)
    assert (await told(town)).due_slots == 3
    await (await town.post()).ask(A, Bump(1), "a commit, which makes one of them")
    gauges = await told(town)
    assert (gauges.due_slots, gauges.snapshots_total) == (2, 1)


async def test_doubts_of_a_commit_are_counted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commit, "BACKOFF_FIRST_S", 0.0)
    await town.start()
    town.gate.fail("append", Unknown(), Unknown())
    await (await town.post()).ask(A, Bump(1), "one")
    assert (await told(town)).commit_doubts_total == 2


async def test_a_broken_slot_is_told_until_it_is_mended(town: Town) -> None:
    cell: Cell = await town.start()
    town.gate.hold("read")
    post = await town.post()
    breaking = post.send(A, FromDevice(A, 1, 1), Bump(FOLD_BREAKS))
    await town.gate.reached.wait()
    gauges = CellGauges(cell="cell-0", lease=1)
    gauges.look(cell.host)
    assert gauges.broken_slots == 1
    town.gate.release()
    await breaking
    assert ((await told(town)).broken_slots, (await told(town)).parked_messages_total) == (0, 1)


async def test_snapshots_are_counted(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(due, "SNAPSHOT_PAGES", 2)
    monkeypatch.setattr(due, "earliness", lambda slot: 1.0)
    await town.start()
    post = await town.post()
    for n in range(4):
        await post.ask(A, Bump(7), f"key {n}")
    assert (await told(town)).snapshots_total == 2


class Away:
    """A cell that cannot be reached the first time it is called, and is back from then on."""

    def __init__(self, town: Town, cell: Cell) -> None:
        self._town, self._cell = town, cell

    async def call(self, method: str, payload: bytes) -> bytes:
        self._town.cells[self._cell.name] = self._cell
        raise Unreachable(self._cell.name)


async def test_letters_to_another_cell_are_counted_and_those_sent_again(town: Town) -> None:
    await town.start("cell-0", [SLOT_A])
    other = await town.start("cell-1", [slot for slot in SLOTS if slot != SLOT_A])
    await town.cells["cell-0"].directory.refresh(town.journal)
    taken = town.written(lambda entry: isinstance(entry, Turned) and isinstance(entry.input, FromSlot))
    town.cells["cell-1"] = Away(town, other)  # type: ignore[assignment]
    await (await town.post()).send(A, FromStream("s", 1), Add(1, 1))
    town.ahead += SECOND_US  # it has rested
    await taken.wait()
    mail = (await told(town)).mail
    assert (mail.failed_calls_total, mail.resent_letters_total) == (1, 1)
    assert mail.calls_total == mail.call_letters.sum == 2


async def test_what_a_post_has_sent_is_counted(town: Town) -> None:
    await town.start()
    post = await town.post()
    await post.ask(A, Bump(1), "one")
    gauges = post.gauges()
    assert (gauges.mail.calls_total, gauges.mail.flying_calls, gauges.mail.failed_calls_total) == (1, 0, 0)
    assert gauges.mail.call_letters.sum == 1
    assert gauges.waiting_messages == {"cell-0": 0}


async def test_a_follower_says_how_far_it_is_behind(town: Town) -> None:
    await town.start()
    follower = Follower(TOYS, town.call, town.journal, Directory())
    await follower.start()
    assert follower.gauges(NOW).refilled_slots_total == len(SLOTS)
    page = ShownPage(SLOT_A, 9, NOW - 3 * SECOND_US, b"")
    follower.stands("cell-0", News(1, 5, [page], end=8))
    follower.stands("cell-1", News(1, 7, [page], end=7))
    gauges = follower.gauges(NOW)
    assert (gauges.behind_pages, gauges.behind_seconds, gauges.pages_total) == (3, 3.0, 2)
    follower.stands("cell-0", News(1, 8, [page], end=8))
    assert (follower.gauges(NOW).behind_pages, follower.gauges(NOW).behind_seconds) == (0, 0.0)
    await follower.close()


async def test_a_ring_says_where_its_end_is() -> None:
    ring = Ring(1)
    for seq in range(3):
        ring.opened(SLOT_A, seq, NOW)
    news = ring.news(Since(1, 1), dict)
    assert news is not None
    assert (news.cursor, news.end, len(news.pages)) == (3, 3, 2)
    lost = ring.news(Since(9, 9), dict)
    assert lost is not None
    assert lost.end == 3
