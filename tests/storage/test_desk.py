"""The desk: versions, audit and orders go together with every change, or nothing of it happens."""

import asyncio
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.messages.bay import InstallBay
from actors.messages.device import InstallDevice
from actors.messages.lane import InstallLane
from actors.messages.lane import Lane as Said
from storage.desk import Desk, Loaded
from storage.errors import Declined
from storage.outbox import Outbox
from storage.records import KEPT, Bay, City, Device, Kept, Lane
from tests.storage.cities import a_bay, a_device, city

NOW = 1_700_000_000_000_000


@pytest.fixture
async def desk(engine: AsyncEngine) -> Desk:
    return Desk(engine, now=lambda: NOW)


async def code_of(change: Any) -> str:
    with pytest.raises(Declined) as declined:
        await change
    return declined.value.code


async def told(engine: AsyncEngine) -> list[tuple[str, Any]]:
    """What waits for actors, decoded, and marked as delivered."""
    outbox = Outbox(engine)
    rows = await outbox.undelivered(10_000)
    await outbox.delivered([row.id for row in rows])
    decode = msgspec.msgpack.Decoder(InstallBay | InstallDevice | InstallLane).decode
    return [(str(row.ref), decode(row.message)) for row in rows]


@pytest.mark.parametrize("kind", KEPT, ids=lambda kind: kind.what)
def test_a_record_has_the_columns_of_its_table(kind: Kept) -> None:
    assert set(kind.record.__struct_fields__) == {column.name for column in kind.table.columns}


async def test_loading_a_city_and_loading_it_again(desk: Desk, engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    register = city(lots=2, bays=3)
    assert await desk.load("setup", register) == Loaded(created=17, changed=0, unchanged=0)
    first = await told(engine)
    assert len(first) == 12
    assert first[0] == ("bay:L0/L0-0", InstallBay("NL0-0", "standard", 5))
    assert first[6] == ("device:L0/d-L0-0", InstallDevice("yun-json", "L0-0", 600_000_000))
    audited = await bare.fetchval("SELECT count(*) FROM audit")
    assert await desk.load("setup", register) == Loaded(created=0, changed=0, unchanged=17)
    assert await told(engine) == []
    assert await bare.fetchval("SELECT count(*) FROM audit") == audited == 17


async def test_an_exported_city_is_the_one_that_was_loaded(desk: Desk) -> None:
    register = city()
    await desk.load("setup", register)
    exported = await desk.export()
    assert [msgspec.structs.replace(each, version=0) for each in exported.every] == register.every
    assert {each.version for each in exported.every} == {1}
    assert (await desk.load("setup", exported)).unchanged == register.size


async def test_only_what_differs_is_changed(desk: Desk, engine: AsyncEngine) -> None:
    await desk.load("setup", city())
    await told(engine)
    moved = [a_bay("L0-0", "L0", number="77"), a_bay("new", "L1")]
    loaded = await desk.load("setup", msgspec.structs.replace(city(), bays=moved))
    assert (loaded.created, loaded.changed) == (1, 1)
    assert await told(engine) == [
        ("bay:L0/L0-0", InstallBay("77", "standard", 5)),
        ("bay:L1/new", InstallBay("Nnew", "standard", 0)),
    ]
    assert (await desk.get(Bay, "L0-0")).version == 2


async def test_a_city_is_loaded_whole_or_not_at_all(desk: Desk) -> None:
    broken = msgspec.structs.replace(city(), devices=[a_device("d", bay="nowhere")])
    assert await code_of(desk.load("setup", broken)) == "unknown_parent"
    assert await code_of(desk.get(City, "city")) == "not_found"


async def test_a_change_names_the_version_it_was_decided_on(desk: Desk, bare: asyncpg.Connection) -> None:
    await desk.load("setup", city())
    changed = await desk.change("ann", Bay, "L0-0", 1, bay_type="disabled")
    assert (changed.version, changed.bay_type) == (2, "disabled")
    with pytest.raises(Declined) as conflict:
        await desk.change("bob", Bay, "L0-0", 1, bay_type="loading")
    assert (conflict.value.code, conflict.value.details) == ("version_conflict", {"version": "2"})
    row = await bare.fetchrow("SELECT * FROM audit WHERE what = 'bay/L0-0' AND verb = 'changed'")
    assert row is not None
    assert (row["who"], row["at"]) == ("ann", NOW)
    assert '"bay_type": "standard"' in row["before"]
    assert '"bay_type": "disabled"' in row["after"]


async def test_a_change_to_the_same_is_none(desk: Desk, engine: AsyncEngine) -> None:
    await desk.load("setup", city())
    await told(engine)
    assert (await desk.change("ann", Bay, "L0-0", 1, bay_type="standard")).version == 1
    assert await told(engine) == []


async def test_whoever_keeps_a_copy_sees_that_it_is_old(desk: Desk) -> None:
    seen = [await desk.latest()]
    await desk.load("setup", city())
    seen.append(await desk.latest())
    await desk.change("ann", Bay, "L0-0", 1, bay_type="disabled")
    seen.append(await desk.latest())
    await desk.create("ann", a_bay("x"))
    seen.append(await desk.latest())
    assert len(set(seen)) == 4
    await desk.load("setup", await desk.export())
    assert await desk.latest() == seen[-1]


async def test_what_is_declined(desk: Desk) -> None:
    await desk.load("setup", city())
    assert await code_of(desk.create("ann", a_bay("x", number="NL0-0"))) == "bay_number_taken"
    assert await code_of(desk.create("ann", a_bay("L0-0", number="free"))) == "id_taken"
    assert await code_of(desk.create("ann", a_bay("x", lot="nowhere"))) == "unknown_parent"
    assert await code_of(desk.change("ann", Bay, "L0-0", 1, number="NL0-1")) == "bay_number_taken"
    assert await code_of(desk.change("ann", Bay, "L0-0", 1, lot_id="L1")) == "fixed"
    assert await code_of(desk.change("ann", Bay, "nothing", 1, number="1")) == "not_found"
    assert await code_of(desk.create("ann", a_device("x", "L0", "L1-0"))) == "bay_elsewhere"


async def test_a_device_changes_what_its_bay_is_told(desk: Desk, engine: AsyncEngine) -> None:
    await desk.load("setup", city())
    await told(engine)
    await desk.create("ann", msgspec.structs.replace(a_device("second", "L0", "L0-0"), debounce_us=9))
    assert [what for _, what in await told(engine)] == [
        InstallBay("NL0-0", "standard", 9),
        InstallDevice("yun-json", "L0-0", 600_000_000),
    ]
    await desk.change("ann", Device, "second", 1, bay_id="L0-1")
    assert [(who, getattr(what, "debounce_us", None)) for who, what in await told(engine)] == [
        ("bay:L0/L0-0", 5),
        ("bay:L0/L0-1", 9),
        ("device:L0/second", None),
    ]


async def test_a_lots_lanes_are_told_to_it_with_what_stands_there(desk: Desk, engine: AsyncEngine) -> None:
    before = city(lots=1)
    lane = Lane(id="L0-in", lot_id="L0", name="North", direction="in", camera_id="cam", barrier_id="bar")
    devices = [*before.devices, a_device("cam"), a_device("bar")]
    await desk.load("test", msgspec.structs.replace(before, devices=devices, lanes=[lane]))
    said = [message for ref, message in await told(engine) if ref == "lot:L0"]
    assert [(each.lane, each.said) for each in said] == [("L0-in", Said("in", "cam", "bar", "", "North"))]
    assert (await desk.export()).lanes == [msgspec.structs.replace(lane, version=1)]
    await desk.change("test", Lane, "L0-in", 1, direction="both")
    assert [message.said.direction for ref, message in await told(engine)] == ["both"]


async def test_the_audit_never_shows_a_secret(desk: Desk, bare: asyncpg.Connection) -> None:
    await desk.load("setup", city())
    await desk.change("ann", Device, "d-L0-0", 1, secret="hush")
    rows = await bare.fetch("SELECT before::text || after::text AS said FROM audit WHERE what LIKE 'device/%'")
    assert not any("hush" in (row["said"] or "") or "secret" in (row["said"] or "") for row in rows)


async def test_references_get_growing_versions(desk: Desk, bare: asyncpg.Connection) -> None:
    assert [await desk.refer("ann", "holidays", 5, b"a"), await desk.refer("ann", "holidays", 3, b"b")] == [
        1,
        2,
    ]
    assert await desk.refer("ann", "other", 5, b"c") == 1
    assert await bare.fetchval("SELECT count(*) FROM audit WHERE what = 'reference/holidays'") == 2


async def test_of_many_at_once_exactly_one_wins(desk: Desk) -> None:
    await desk.load("setup", city())
    tries = [desk.change(f"w{i}", Bay, "L0-0", 1, bay_type=f"t{i}") for i in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    won = [each for each in results if isinstance(each, Bay)]
    assert len(won) == 1
    assert await desk.get(Bay, "L0-0") == won[0]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abc")), max_size=8))
async def test_versions_count_the_changes(
    engine: AsyncEngine, bare: asyncpg.Connection, tries: list[tuple[int, str]]
) -> None:
    """Whatever is tried: version = 1 + changes made, and as many audit rows and orders as versions."""
    await bare.execute("TRUNCATE city, regions, roads, lots, bays, devices, lanes, audit, outbox")
    desk = Desk(engine)
    await desk.load("setup", city(lots=1, bays=1))
    version, bay_type = 1, "standard"
    for guess, wish in tries:
        change = desk.change("ann", Bay, "L0-0", guess, bay_type=wish)
        if guess != version:
            assert await code_of(change) == "version_conflict"
            continue
        await change
        version, bay_type = version + (wish != bay_type), wish
    kept = await desk.get(Bay, "L0-0")
    assert (kept.version, kept.bay_type) == (version, bay_type)
    assert await bare.fetchval("SELECT count(*) FROM audit WHERE what = 'bay/L0-0'") == version
    assert await bare.fetchval("SELECT count(*) FROM outbox WHERE ref_kind = 'bay'") == version
