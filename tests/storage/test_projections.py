"""Projections: each fact once, in order, and the same again from nothing."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from actors.engine.catalogue import Catalogue
from actors.engine.entries import Acked, ByKey, Opened, Turned
from actors.engine.journal import Page
from actors.kinds import KINDS, PORTS
from actors.messages.account import WalletMoved
from actors.messages.bay import Freed, Shown, Taken
from actors.messages.device import CameBack, Heard, LateHeard, WentOffline
from actors.messages.forms import Fact
from actors.messages.lot import Counted
from actors.values import MINUTE_US, Ref
from storage.database import open_engine
from storage.desk import Desk
from storage.history import BUCKET_US, History, filled
from storage.journal import PostgresJournal
from storage.ledger.proof import prove
from storage.migrations import migrate
from storage.postgres import Postgres
from storage.projections import PROJECTIONS, Happened, Projector, reached
from storage.projections.bays import Passages
from storage.projections.checkpoints import TOGETHER, Overtaken
from storage.projections.projector import A_TIME, WRITTEN_EVERY
from storage.schema import derived
from tests.storage.cities import city

CATALOGUE = Catalogue(KINDS, PORTS)
Told = tuple[Ref, int, list[Fact]]
BAY, LOT, DEVICE = Ref("bay", "L0/b"), Ref("lot", "L0"), Ref("device", "L0/d")


def page(slot: int, seq: int, *told: Told) -> Page:
    turns = [Turned(ByKey(f"{slot}-{seq}-{n}", 0), ref, at, facts) for n, (ref, at, facts) in enumerate(told)]
    return Page(slot, seq, 1, 1, told[0][1] if told else 0, CATALOGUE.encode([Opened("cell-0"), *turns, Acked(3, 1)]))


async def write(bare: asyncpg.Connection, *pages: Page) -> None:
    await bare.copy_records_to_table("journal", records=pages)


async def table(engine: AsyncEngine, which: Table) -> list[tuple[Any, ...]]:
    async with engine.connect() as connection:
        return sorted((tuple(row) for row in await connection.execute(select(which))), key=repr)


async def everything(engine: AsyncEngine) -> dict[str, list[tuple[Any, ...]]]:
    return {each.name: await table(engine, each) for kind in PROJECTIONS for each in kind.tables}


@pytest.fixture
async def projector(engine: AsyncEngine) -> Projector:
    return Projector(engine, CATALOGUE.decode_told, PROJECTIONS, idle_s=0.02)


async def test_rows_that_are_copied_in_are_part_of_the_transaction_also_where_they_are_its_first(
    engine: AsyncEngine,
) -> None:
    taken = Happened(7, 1, 0, BAY, 100, Taken(90, "d", 91, 95))
    with contextlib.suppress(KeyError):
        async with engine.begin() as connection:
            await Passages().apply(connection, [taken])
            raise KeyError("given up")
    assert await table(engine, derived.passages) == []
    async with engine.begin() as connection:
        await Passages().apply(connection, [taken])
    assert len(await table(engine, derived.passages)) == 1


async def test_a_vehicle_comes_and_goes(engine: AsyncEngine, bare: asyncpg.Connection, projector: Projector) -> None:
    await Desk(engine).load("setup", city(lots=1, bays=1))
    await write(
        bare,
        page(7, 1, (BAY, 100, [Taken(90, "d", 91, 95), Shown("occupied", 100)]), (LOT, 100, [counted("", "occupied")])),
        page(7, 2, (BAY, 200, [Freed(190, "d", 191, 195, 100), Shown("free", 200)])),
        page(7, 3, (LOT, BUCKET_US + 1, [counted("occupied", "free")])),
    )
    await projector.catch_up()
    assert await table(engine, derived.bay_states) == [("b", "L0", "free", 190, 200, "d")]
    assert [row for row in await table(engine, derived.lot_counts) if row[3]] == [("L0", "standard", "free", 1)]
    assert await table(engine, derived.passages) == [
        (7, 1, 0, 100, "taken", "b", "L0", 90, "d", 91, 95, False),
        (7, 2, 0, 200, "freed", "b", "L0", 190, "d", 191, 195, False),
    ]
    for place in ("city", "region/cbd", "lot/L0"):
        levels = await History(engine).occupancy(place, 0, 3 * BUCKET_US)
        assert levels == [(0, 1, 1, 1), (BUCKET_US, 0, 1, 1), (2 * BUCKET_US, 0, 1, 1)]


def counted(was: str, now: str) -> Counted:
    return Counted("b", "standard", was, now, "standard" if was else "")


async def test_a_device_is_heard_lost_and_found(
    engine: AsyncEngine, bare: asyncpg.Connection, projector: Projector
) -> None:
    first = Heard(10, 12, -2, 3, battery_pct=80, rssi_dbm=-90)
    await write(bare, page(7, 1, (DEVICE, 12, [first, LateHeard(9, 13, found=True), WentOffline(12)])))
    await projector.catch_up()
    assert await table(engine, derived.device_states) == [("d", "L0", 12, 80, -90, 2, 1, -2, 12, 2, "", "")]
    await write(bare, page(7, 2, (DEVICE, 50, [Heard(50, 40, 10, 0, battery_pct=79), CameBack(28)])))
    await projector.catch_up()
    assert await table(engine, derived.device_states) == [("d", "L0", 40, 79, -90, 2, 1, 10, None, 3, "", "")]


facts = st.one_of(
    st.builds(lambda us: (BAY, [Taken(us, "d", us, us), Shown("occupied", us)]), st.integers(0, 99)),
    st.builds(lambda us: (BAY, [Freed(us, "d", us, us, 0), Shown("free", us)]), st.integers(0, 99)),
    st.builds(lambda lost: (DEVICE, [Heard(1, 2, 3, lost)]), st.integers(0, 3)),
    st.builds(lambda found: (DEVICE, [LateHeard(1, 2, found)]), st.booleans()),
    st.builds(lambda was, now: (LOT, [counted(was, now)]), st.sampled_from(["", "free", "occupied"]), st.just("stale")),
)
scripts = st.lists(st.tuples(st.integers(0, 2), st.lists(facts, max_size=3), st.booleans()), min_size=1, max_size=12)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scripts)
async def test_from_nothing_it_comes_out_the_same(
    engine: AsyncEngine, bare: asyncpg.Connection, script: list[tuple[int, list[Any], bool]]
) -> None:
    """Pages of three slots, taken in whatever rounds and parts: the same rows as all of them at once, or one table."""
    names = ", ".join(each.name for kind in PROJECTIONS for each in kind.tables)
    await bare.execute("SET session_replication_role = replica")  # the books let nobody empty them
    await bare.execute(f"TRUNCATE journal, projected, {names}")
    projector, heads = Projector(engine, CATALOGUE.decode_told, PROJECTIONS), [0, 0, 0]
    for n, (slot, told, look) in enumerate(script):
        heads[slot] += 1
        told_here = [(ref._replace(key=in_slot(ref.key, slot)), n * MINUTE_US, fact) for ref, fact in told]
        await write(bare, page(slot, heads[slot], *told_here))
        if look:
            with patch.dict(A_TIME, passages=2):
                await projector.round()
    await projector.catch_up()
    grown = await everything(engine)
    await bare.execute(f"TRUNCATE projected, {names}")
    await Projector(engine, CATALOGUE.decode_told, PROJECTIONS).catch_up()
    assert await everything(engine) == grown
    await projector.rebuild("lot_counts")
    await projector.catch_up()
    assert await everything(engine) == grown


def in_slot(key: str, slot: int) -> str:
    """The same name in another lot, for each bay and device lives in one."""
    return key.replace("L0", f"L{slot}").replace("/", f"/{slot}")


async def test_a_part_is_some_facts_of_one_who_writes_a_row_for_each(
    engine: AsyncEngine, bare: asyncpg.Connection, projector: Projector, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert set(A_TIME) == {Passages.name}
    told: list[int] = []
    whole = Passages.apply

    async def apply(self: Passages, connection: AsyncConnection, happened: list[Happened]) -> None:
        told.append(len(happened))
        await whole(self, connection, happened)

    monkeypatch.setitem(A_TIME, "passages", 2)
    monkeypatch.setattr(Passages, "apply", apply)
    facts = [Taken(n, "d", n, n) for n in range(5)]
    await write(bare, page(7, 1, *((BAY, fact.since_us, [fact]) for fact in facts)))
    await projector.catch_up()
    assert told == [2, 2, 1]
    assert [row[7] for row in await table(engine, derived.passages)] == [0, 1, 2, 3, 4]


async def test_a_round_that_fails_leaves_nothing_behind(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    class Stumbling:
        name = "stumbling"
        tables: tuple[Table, ...] = ()
        hears = (Counted,)
        falls = True

        async def apply(self, connection: AsyncConnection, happened: list[Happened]) -> None:
            if self.falls:
                raise ArithmeticError

    last = Stumbling()
    projector = Projector(engine, CATALOGUE.decode_told, (*PROJECTIONS, last))
    await write(bare, page(7, 1, (LOT, 100, [counted("", "occupied")])))
    with pytest.raises(ArithmeticError):
        await projector.round()
    assert (projector.gauges.pauses_total, projector.gauges.pages_total) == (1, 0)
    assert await table(engine, derived.lot_counts) == []
    last.falls = False
    await projector.catch_up()
    assert await table(engine, derived.lot_counts) == [("L0", "standard", "occupied", 1)]


async def test_who_hears_nothing_is_written_further_in_time(
    engine: AsyncEngine, bare: asyncpg.Connection, projector: Projector
) -> None:
    """A place moves with its rows; others follow when the journal is quiet, or after some rounds. A projector that
    begins before that finds each fact once.
    """
    for seq in range(1, WRITTEN_EVERY + 1):
        await write(bare, page(7, seq, (LOT, 100, [counted("", "occupied")])))
        await projector.round()
        if seq == 2:
            assert (await places(engine), projector.gauges.pages_total) == ({"lot_counts": 2, "occupancy": 2}, 2)
            projector = Projector(engine, CATALOGUE.decode_told, PROJECTIONS)
            await projector.round()
            assert await places(engine) == {"lot_counts": 2, "occupancy": 2}, "it has read them again for the others"
            await projector.round()
            assert await places(engine) == {each.name: 2 for each in PROJECTIONS}, "the journal is quiet"
    await write(bare, page(7, seq + 1, (LOT, 100, [counted("", "occupied")])))
    await projector.round()
    await write(bare, page(7, seq + 2, (LOT, 100, [counted("", "occupied")])))
    await projector.round()
    assert set((await places(engine)).values()) == {seq + 2}, "the journal was never quiet"
    assert await table(engine, derived.lot_counts) == [("L0", "standard", "occupied", seq + 2)]


async def test_tables_that_are_compared_are_level_after_each_round(
    engine: AsyncEngine, bare: asyncpg.Connection, projector: Projector
) -> None:
    """A proof is asked in the middle of the day, while the journal never rests."""
    moved = [(Ref("account", "anna"), 100, [WalletMoved(300, 0, "top_up", "p", "p", 100, 300, 0)])]
    counts = (LOT, 100, [counted("", "occupied")])
    for seq, told in enumerate((moved[0], counts, moved[0], counts), start=1):
        await write(bare, page(7, seq, told))
        await projector.round()
        assert len({(await places(engine)).get(name) for name in TOGETHER}) == 1
    assert (await places(engine))["takings"] == 3, "with those that have heard of the wallet, though it never has"
    await prove(engine)


async def places(engine: AsyncEngine) -> dict[str, int]:
    return {name: seq for name, slot, seq in await table(engine, derived.projected) if slot == 7 and seq}


async def test_two_projectors_count_nothing_twice(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    for seq in range(1, 31):
        await write(bare, *(page(slot, seq, (LOT, 100, [counted("", "occupied")])) for slot in range(10)))
    two = [Projector(engine, CATALOGUE.decode_told, PROJECTIONS) for _ in range(2)]
    await asyncio.gather(*(stubborn(projector.catch_up) for projector in two))
    assert await table(engine, derived.lot_counts) == [("L0", "standard", "occupied", 300)]


async def stubborn(catch_up: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await catch_up()
        except Overtaken:
            continue


async def test_more_pages_than_one_round_takes(
    engine: AsyncEngine, bare: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.projections.projector.PAGES_A_ROUND", 7)
    monkeypatch.setattr("storage.projections.projector.PAGES_A_SLOT", 3)
    for slot in range(6):
        told = (LOT, 100, [counted("", "occupied")])
        await write(bare, *(page(slot, seq, told) for seq in range(1, 11)))
    await Projector(engine, CATALOGUE.decode_told, PROJECTIONS).catch_up()
    assert await table(engine, derived.lot_counts) == [("L0", "standard", "occupied", 60)]


async def test_it_follows_the_journal_and_can_be_waited_for(
    engine: AsyncEngine, bare: asyncpg.Connection, projector: Projector
) -> None:
    assert not await reached(engine, "lot_counts", 7, 1, timeout_s=0.01)
    running = asyncio.create_task(projector.run())
    waiting = asyncio.create_task(reached(engine, "lot_counts", 7, 1, timeout_s=20))
    await write(bare, page(7, 1, (LOT, 100, [counted("", "occupied")])))
    assert await waiting
    assert await table(engine, derived.lot_counts) == [("L0", "standard", "occupied", 1)]
    await bare.execute("INSERT INTO slots VALUES (1024, 'cell-1', 'lot:L9')")
    await write(bare, page(1024, 1, (Ref("lot", "L9"), 100, [counted("", "free")])))
    assert await reached(engine, "lot_counts", 1024, 1, timeout_s=20), "a dedicated slot is found while it runs"
    await projector.stop()
    await running


async def test_it_waits_for_a_server_that_restarts(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits = asyncio.Event()
    monkeypatch.setattr("storage.projections.projector.log.warning", lambda *_: waits.set())
    server = Postgres(open_folder / "projected")
    url = server.start()
    await migrate(url, "live")
    engine = open_engine(url, "live")
    running = asyncio.create_task(Projector(engine, CATALOGUE.decode_told, PROJECTIONS, idle_s=0.02).run())
    for seq in (1, 2):
        journal = PostgresJournal(url, "live", "cell-0")
        await journal.append([page(7, seq, (LOT, 100, [counted("", "occupied")]))])
        await journal.close()
        assert await reached(engine, "lot_counts", 7, seq, timeout_s=30)
        if seq == 1:
            server.stop()
            async with asyncio.timeout(30):
                await waits.wait()  # it looks every 20 ms, and says that it finds nobody
            assert not running.done()
            server.start()
    assert await table(engine, derived.lot_counts) == [("L0", "standard", "occupied", 2)]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await engine.dispose()
    server.stop()


async def test_a_page_that_nobody_can_read_stops_it(bare: asyncpg.Connection, projector: Projector) -> None:
    await write(bare, Page(7, 1, 1, 1, 0, CATALOGUE.encode([["never heard of"]])))
    with pytest.raises(Exception, match="Invalid value"):
        await projector.run()


def test_a_level_holds_until_the_next() -> None:
    levels = [(2 * BUCKET_US, 1, 2, 3), (4 * BUCKET_US, 2, 2, 3)]
    assert filled(levels, 0, 5 * BUCKET_US) == [levels[0], (3 * BUCKET_US, 1, 2, 3), levels[1]]
    assert filled(levels, 3 * BUCKET_US - 1, 3 * BUCKET_US + 1) == [(3 * BUCKET_US, 1, 2, 3)]
    assert filled([], 0, BUCKET_US) == []
