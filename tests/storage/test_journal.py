"""The journal against a real server: what is refused, what waits, what is cut, and what then stands there."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from actors.engine.commit import contention
from actors.engine.journal import Absent, Duplicate, Head, Page, ParkedMessage, Placed, Snapshot, Stretch, Unknown
from actors.values import Ref
from storage.journal import PostgresJournal
from storage.migrations import migrate
from storage.postgres import Postgres
from storage.session import connect
from tests.storage.conftest import Home


def page(slot: int, seq: int, lease: int = 1, flight: int = 1, body: bytes = b"\x90") -> Page:
    return Page(slot, seq, lease, flight, 1_000, body)


async def known(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Ask again until the outcome is known, as a cell does."""
    while True:
        try:
            return await ask()
        except Unknown:
            await asyncio.sleep(0.01)


async def until_somebody_waits(bare: asyncpg.Connection) -> None:
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name LIKE $1"
    while not await bare.fetchval(waits, "yunparking cell%"):  # noqa: ASYNC110 - no event tells it
        await asyncio.sleep(0.01)


async def test_a_commit_is_read_back(journal: PostgresJournal) -> None:
    pages = [page(3, 1, body=b"a"), page(3, 2, body=b"b"), page(9, 1, body=b"c")]
    await journal.append(pages)
    assert await journal.read([Stretch(9, 0, 10), Stretch(3, 0, 10)]) == {3: pages[:2], 9: pages[2:]}
    assert await journal.read([Stretch(3, 1, 2), Stretch(9, 1, 2)]) == {3: pages[1:2]}
    assert await journal.heads([3, 9, 11]) == {3: Head(2, 1, 1), 9: Head(1, 1, 1)}
    assert await journal.writers([*pages, page(9, 2)]) == {(3, 1): (1, 1), (3, 2): (1, 1), (9, 1): (1, 1)}


async def test_a_duplicate_stores_nothing_of_the_commit(journal: PostgresJournal) -> None:
    await journal.append([page(5, 1)])
    with pytest.raises(Duplicate):
        await journal.append([page(4, 1), page(5, 1, lease=2), page(6, 1)])
    assert await journal.heads([4, 5, 6]) == {5: Head(1, 1, 1)}


@pytest.mark.parametrize("committed", [True, False])
async def test_the_same_key_waits_for_the_one_in_progress(
    committed: bool, home: Home, journal: PostgresJournal, bare: asyncpg.Connection
) -> None:
    first = await connect(*home, "first")
    transaction = first.transaction()
    await transaction.start()
    await first.copy_records_to_table("journal", schema_name=home.world, records=[page(7, 1, lease=1)])
    second = asyncio.create_task(journal.append([page(7, 1, lease=2)]))
    await until_somebody_waits(bare)
    assert not second.done()
    if committed:
        await transaction.commit()
        with pytest.raises(Duplicate):
            await second
    else:
        await transaction.rollback()
        await second
    assert (await journal.heads([7]))[7].lease == (1 if committed else 2)
    await first.close()


async def test_flights_are_counted_as_far_as_pages(journal: PostgresJournal) -> None:
    await journal.append([page(5, 1, flight=1 << 40)])
    assert await journal.open([5], lease=2, flight=(1 << 40) + 1, at=1, body=b"\x90", era=0) == {5: 2}
    assert await journal.heads([5]) == {5: Head(2, 2, (1 << 40) + 1)}


async def test_a_frozen_writer_is_released_by_the_limit(home: Home, other: PostgresJournal) -> None:
    frozen = PostgresJournal(*home, name="cell-0", limit_ms=300)

    async def freeze(connection: asyncpg.Connection) -> None:
        await connection.execute("BEGIN")
        await connection.copy_records_to_table("journal", schema_name=home.world, records=[page(7, 1)])

    await frozen._commits.say(freeze)
    assert await other.open([7], lease=2, flight=1, at=1, body=b"\x90", era=0) == {7: 1}
    with pytest.raises(Duplicate):
        await known(lambda: frozen.append([page(7, 1)]))
    assert await frozen.heads([7]) == {7: Head(1, 2, 1)}
    await frozen.close()


async def test_a_writer_frozen_inside_its_copy_is_disconnected_by_the_opening(home: Home) -> None:
    """It sent half of its pages and stopped: the server's own limit does not see it."""
    opener = PostgresJournal(*home, name="cell-1", limit_ms=2_000)
    frozen = await connect(*home, "frozen")
    sent, never = asyncio.Event(), asyncio.Event()

    async def half() -> AsyncIterator[bytes]:
        yield b"7\t1\t1\t1\t1\t\\\\x90\t0\t0\n" * 1
        yield b"".join(b"%d\t1\t1\t1\t1\t\\\\x90\t0\t0\n" % slot for slot in range(1_000, 60_000))
        sent.set()
        await never.wait()

    copying = asyncio.create_task(frozen.copy_to_table("journal", schema_name=home.world, source=half(), format="text"))
    await sent.wait()
    assert await opener.open([7], lease=2, flight=1, at=1, body=b"\x90", era=0) == {7: 1}
    copying.cancel()
    await asyncio.gather(copying, return_exceptions=True)
    frozen.terminate()
    await opener.close()


async def test_cut_connections_leave_exactly_the_rows_that_were_meant(
    home: Home, journal: PostgresJournal, bare: asyncpg.Connection
) -> None:
    """120 commits, each cut at a random moment or robbed of its answer, told again until the outcome is known."""
    chance, ends = random.Random(7), Counter[str]()
    for seq in range(1, 121):
        pages = [page(slot, seq, flight=seq, body=b"%d" % seq) for slot in range(50)]
        if seq % 4 == 0:
            await known(lambda: journal.heads([0]))  # over a line that is not cut already
            commit = asyncio.create_task(unheard(journal, pages))
        else:
            commit = asyncio.create_task(journal.append(pages))
            await asyncio.sleep(chance.random() * 0.004)
            if journal._commits.pid is not None:
                await bare.execute("SELECT pg_terminate_backend($1)", journal._commits.pid)
        ends[await resent(journal, commit, pages)] += 1
    assert await bare.fetchval("SELECT count(*) FROM journal") == 6_000
    assert await bare.fetchval("SELECT count(*) FROM journal WHERE flight = seq AND body::text <> ''") == 6_000
    assert min(ends["stored"], ends["undone"]) > 0, ends


async def unheard(journal: PostgresJournal, pages: list[Page]) -> None:
    """The server stores the pages, and the line breaks before its answer comes."""

    async def copy(connection: asyncpg.Connection) -> None:
        await connection.copy_records_to_table("journal", columns=list(Page._fields), records=pages)
        connection.terminate()
        raise ConnectionResetError

    await journal._commits.say(copy)


async def resent(journal: PostgresJournal, commit: asyncio.Task[None], pages: list[Page]) -> str:
    """How the first attempt ended: it was answered; or its outcome was unknown, and it was undone or stored."""
    try:
        await commit
        return "answered"
    except Unknown:
        pass
    try:
        await known(partial(journal.append, pages))
        return "undone"
    except Duplicate:
        assert len(await known(lambda: journal.writers(pages))) == len(pages)
        return "stored"


async def test_opening_half_of_all_slots_against_a_writer_without_pause(
    journal: PostgresJournal, other: PostgresJournal
) -> None:
    """Pages and openings go in order of slot: neither ever ends in a deadlock, and each opening fences."""
    chance = random.Random(11)
    fenced = 0
    for turn in range(1, 31):
        slots = sorted(chance.sample(range(1024), 600))
        heads = await journal.heads(slots)
        stop = asyncio.Event()
        writer = asyncio.create_task(write_on(journal, {s: heads[s].seq if s in heads else 0 for s in slots}, stop))
        opened = await persistent_open(other, list(range(512)), lease=1_000 + turn)
        stop.set()
        fenced += await writer
        assert sorted(opened) == list(range(512))
    assert fenced > 0


async def write_on(journal: PostgresJournal, heads: dict[int, int], stop: asyncio.Event) -> bool:
    """Commit without pause until fenced (True) or told to stop."""
    while not stop.is_set():
        heads = {slot: seq + 1 for slot, seq in heads.items()}
        try:
            await journal.append([page(slot, seq) for slot, seq in sorted(heads.items())])
        except Duplicate:
            return True
    return False


async def persistent_open(journal: PostgresJournal, slots: list[int], lease: int) -> dict[int, int]:
    """One slot alone first, then all others, as a starting cell does and with its pauses, until they are written."""
    opened: dict[int, int] = {}
    pauses = contention(lease)
    for part in (slots[:1], slots[1:]):
        while not opened.keys() >= set(part):
            try:
                opened |= await journal.open(part, lease, 1, 1, b"\x90", 0)
            except Duplicate:
                await asyncio.sleep(next(pauses))
    return opened


async def test_a_cancelled_caller_does_not_cancel_the_commit(
    home: Home, journal: PostgresJournal, bare: asyncpg.Connection
) -> None:
    blocker = await connect(*home, "blocker")
    transaction = blocker.transaction()
    await transaction.start()
    await blocker.copy_records_to_table("journal", schema_name=home.world, records=[page(1, 1)])
    commit = asyncio.create_task(journal.append([page(1, 1, lease=2)]))
    await until_somebody_waits(bare)
    commit.cancel()
    await asyncio.gather(commit, return_exceptions=True)
    await transaction.rollback()
    assert await journal.heads([1]) == {1: Head(1, 2, 1)}
    await blocker.close()


async def test_a_server_that_is_not_there_is_an_unknown_outcome() -> None:
    nobody = PostgresJournal("postgresql://nobody@127.0.0.1:1/none", "live", name="cell-0")
    with pytest.raises(Unknown):
        await nobody.append([page(1, 1)])
    await nobody.close()


async def test_a_server_that_restarts_under_load(open_folder: Path) -> None:
    """Stopped and killed while cells commit: what was acknowledged stands, what was in doubt is told again."""
    server = Postgres(open_folder / "restarting")
    home = Home(server.start(), "live")
    await migrate(*home)
    journals = [PostgresJournal(*home, name=f"cell-{n}") for n in range(2)]
    enough, acknowledgements = asyncio.Event(), asyncio.Semaphore(0)
    writers = [asyncio.create_task(commit_on(each, n, enough, acknowledgements)) for n, each in enumerate(journals)]
    for kill in (False, True, False, True):
        await several(acknowledgements)
        if kill and server.process:
            server.process.kill()
        server.stop()
        server.start()
    await several(acknowledgements)
    enough.set()
    for n, acknowledged in enumerate(await asyncio.gather(*writers)):
        assert acknowledged > 1
        slots = range(100 * n, 100 * n + 20)
        heads = await known(partial(journals[n].heads, list(slots)))
        assert {slot: head.seq for slot, head in heads.items()} == dict.fromkeys(slots, acknowledged)
        pages = await journals[n].read([Stretch(slots[3], 0, 1 << 40)])
        assert [each.seq for each in pages[slots[3]]] == [*range(1, acknowledged + 1)]
    for journal in journals:
        await journal.close()
    server.stop()


async def several(acknowledgements: asyncio.Semaphore) -> None:
    """Wait for so many commits that the next one is under way, as likely as not."""
    for _ in range(37):
        await acknowledgements.acquire()


async def commit_on(
    journal: PostgresJournal, cell: int, enough: asyncio.Event, acknowledgements: asyncio.Semaphore
) -> int:
    """Commit 20 slots again and again; the last seq that was acknowledged."""
    for seq in count(1):
        pages = [page(slot, seq, lease=cell + 1, flight=seq) for slot in range(100 * cell, 100 * cell + 20)]
        try:
            await known(partial(journal.append, pages))
        except Duplicate:
            writers = await known(partial(journal.writers, pages))
            assert writers == {(each.slot, each.seq): (each.lease, each.flight) for each in pages}
        acknowledgements.release()
        if enough.is_set():
            return seq
    raise AssertionError


async def test_snapshots_only_grow(journal: PostgresJournal) -> None:
    await journal.save_snapshots([Snapshot(2, 5, "f", b"five"), Snapshot(1, 1, "f", b"one")])
    await journal.save_snapshots([Snapshot(2, 4, "f", b"four"), Snapshot(1, 2, "g", b"two")])
    assert await journal.snapshots([1, 2, 3]) == {
        1: Snapshot(1, 2, "g", b"two"),
        2: Snapshot(2, 5, "f", b"five"),
    }


async def test_who_left_is_kept_as_he_was_when_he_left_last(journal: PostgresJournal) -> None:
    """A cell that died long ago may still be writing."""
    anna, bela = Absent(3, "session", "b/1", 7, b"seven"), Absent(3, "session", "b/2", 9, b"nine")
    await journal.leave([bela, anna])
    await journal.leave([anna._replace(seq=6, held=b"six"), bela._replace(seq=11, held=b"eleven")])
    asked = [Ref("session", "b/1"), Ref("session", "b/2"), Ref("session", "b/3"), Ref("payment", "b/1")]
    assert sorted(await journal.absent(3, asked)) == [anna, bela._replace(seq=11, held=b"eleven")]
    assert await journal.absent(4, asked) == []


async def test_a_message_is_parked_once(journal: PostgresJournal, bare: asyncpg.Connection) -> None:
    parked = ParkedMessage(1, b"k", 1, "bay:1/2", "ValueError", b"m")
    await journal.park([parked, parked._replace(slot=2)])
    await journal.park([parked._replace(error="again")])
    assert await bare.fetch("SELECT slot, error FROM parked ORDER BY slot") == [
        (1, "ValueError"),
        (2, "ValueError"),
    ]


async def test_placement_is_compare_and_set(journal: PostgresJournal) -> None:
    assert await journal.place(1, None, "cell-0")
    assert await journal.place(1, None, "cell-0"), "a repeat"
    assert not await journal.place(1, None, "cell-1")
    assert not await journal.place(1, "cell-9", "cell-1")
    assert await journal.place(1, "cell-0", "cell-1")
    assert await journal.place(1024, None, "cell-2", Ref("lot", "a:b/c"))
    assert await journal.placed() == [Placed(1, "cell-1"), Placed(1024, "cell-2", Ref("lot", "a:b/c"))]


async def test_many_are_placed_at_once_and_none_that_has_a_cell(journal: PostgresJournal) -> None:
    assert await journal.place(2, None, "cell-1")
    await journal.place_new({1: "cell-0", 2: "cell-0"})
    assert await journal.placed() == [Placed(1, "cell-0"), Placed(2, "cell-1")]


async def test_references_above_what_is_known(journal: PostgresJournal, bare: asyncpg.Connection) -> None:
    await bare.executemany(
        "INSERT INTO reference (name, version, effective_from, body) VALUES ($1, $2, 5, 'x')",
        [("a", 1), ("a", 2), ("b", 1)],
    )
    assert await journal.references({}) == [("a", 1, 5, b"x"), ("a", 2, 5, b"x"), ("b", 1, 5, b"x")]
    assert await journal.references({"a": 1, "b": 1}) == [("a", 2, 5, b"x")]
