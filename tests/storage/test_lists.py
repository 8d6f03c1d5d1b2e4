"""Lists: filters, pages, and what projections add to records."""

import asyncpg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import Ref
from storage.desk import Desk
from storage.history import History
from storage.lists import Lists
from storage.outbox import Outbox
from storage.records import Bay, Device
from storage.rows import RegionRow, RoadRow, Totals
from tests.storage.cities import city


@pytest.fixture
async def lists(engine: AsyncEngine, bare: asyncpg.Connection) -> Lists:
    await Desk(engine).load("setup", city(lots=3, bays=4))
    await bare.execute("INSERT INTO bay_states VALUES ('L1-0', 'L1', 'occupied', 5, 6, 'd-L1-0')")
    await bare.execute(
        "INSERT INTO lot_counts VALUES ('L1','standard','occupied',1), ('L1','disabled','occupied',2),"
        " ('L1','standard','free',0)"
    )
    await bare.execute(
        "INSERT INTO device_states VALUES ('d-L1-0','L1',9,80,-90,1,2,3,NULL,4), ('d-L1-1','L1',9,80,-90,1,2,3,8,4)"
    )
    return Lists(engine)


async def test_the_city_and_its_totals(lists: Lists) -> None:
    found = await lists.city()
    assert found is not None
    assert (found.name_zh, found.bounds) == ("墨尔本", (144.0, -38.0, 145.0, -37.0))
    assert await lists.totals() == Totals(regions=1, roads=1, lots=3, bays=12, devices=12)


async def test_places(lists: Lists) -> None:
    assert await lists.regions() == [RegionRow("cbd", "中央区", "CBD", 1)] == [await lists.region("cbd")]
    assert (
        await lists.roads(region="cbd", q="roa") == [RoadRow("r1", "cbd", "路", "Road", 1)] == [await lists.road("r1")]
    )
    assert await lists.roads(region="elsewhere") == []
    assert [lot.id for lot in await lists.lots(road="r1", street=True)] == ["L0", "L1", "L2"]
    assert await lists.lots(street=False) == []
    lot = await lists.lot("L1")
    assert lot is not None
    assert lot.counts == {"occupied": 3}
    assert await lists.lot("nowhere") is None


async def test_pages_meet_without_gap_or_overlap(lists: Lists) -> None:
    seen: list[str] = []
    while rows := await lists.bays(seen[-1] if seen else None, 5):
        seen += [row.id for row in rows]
    assert seen == sorted(f"L{lot}-{n}" for lot in range(3) for n in range(4))


async def test_bays_by_what_they_show(lists: Lists) -> None:
    assert [bay.id for bay in await lists.bays(state="occupied")] == ["L1-0"]
    assert len(await lists.bays(state="unknown", region="cbd")) == 11
    assert len(await lists.bays(lot="L2", road="r1", type="standard")) == 4
    assert [bay.id for bay in await lists.bays(q="nl2-3")] == ["L2-3"]
    assert await lists.bays(q="%") == []
    bay = await lists.bay("L1-0")
    assert bay is not None
    assert (bay.lot, bay.type, bay.state, bay.since_us, bay.changed_us, bay.device) == (
        "L1", "standard", "occupied", 5, 6, "d-L1-0"
    )  # fmt: skip


async def test_devices_by_how_they_are(lists: Lists) -> None:
    assert [device.id for device in await lists.devices(state="online")] == ["d-L1-0"]
    assert [device.id for device in await lists.devices(state="offline")] == ["d-L1-1"]
    assert len(await lists.devices(state="unheard", kind="yun-json")) == 10
    device = await lists.device("d-L0-0")
    assert device is not None
    assert (device.bay, device.state, device.lost, device.last_seen_us) == ("L0-0", "unheard", 0, None)
    assert [each.id for each in await lists.devices(bay="L0-0")] == ["d-L0-0"]


async def test_a_device_is_known_when_its_actor_has_been_told_of_it(lists: Lists, engine: AsyncEngine) -> None:
    outbox = Outbox(engine)
    waiting = await outbox.undelivered(100)
    assert await lists.device_lots() == []
    first = next(row for row in waiting if row.ref == Ref("device", "L2/d-L2-3"))
    await outbox.delivered([first.id])
    assert await lists.device_lots() == [("d-L2-3", "L2")]
    assert {row.ref.place for row in await outbox.undelivered(100, ["L0", "L2"])} == {"L1"}
    # A later order for a device that is at work changes nothing of that.
    await outbox.delivered([row.id for row in waiting])
    await Desk(engine).change("ann", Device, "d-L2-3", 1, heartbeat_us=77)
    assert await outbox.undelivered(1) != []
    assert len(await lists.device_lots()) == 12


async def test_the_map(lists: Lists) -> None:
    marks = await lists.bay_marks()
    assert len(marks) == 12
    assert (marks[0].id, marks[0].road, marks[0].region, marks[0].bearing) == ("L0-0", "r1", "cbd", 90.0)
    assert (await lists.road_lines())[0].lines == [[(144.9, -37.8), (144.91, -37.8)]]


async def test_passages_page_by_their_place(engine: AsyncEngine, bare: asyncpg.Connection) -> None:
    rows = [
        (slot, seq, n, at, "taken", f"b{n}", "L0", 1, "d", 2, 3, False)
        for at, (slot, seq, n) in enumerate([(1, 1, 0), (1, 1, 1), (2, 1, 0), (1, 2, 0), (2, 2, 0)], start=7)
    ]
    same_time = [(9, 9, n, 11, "freed", "b0", "L1", 1, "d", 2, 3, False) for n in range(3)]
    await bare.copy_records_to_table("passages", records=rows + same_time)
    history, seen = History(engine), []
    while page := await history.passages(seen[-1].id if seen else None, 2):
        seen += page
    assert [each.id for each in seen] == [
        "11-9-9-2", "11-9-9-1", "11-9-9-0", "11-2-2-0", "10-1-2-0", "9-2-1-0", "8-1-1-1", "7-1-1-0"
    ]  # fmt: skip
    assert [each.at for each in await history.passages(lot="L0", bay="b0")] == [11, 10, 9, 7]
    newest = {each.bay: each.verb == "taken" for each in reversed(await history.passages(None, 500))}
    assert await history.last_states() == newest


async def test_the_audit_newest_first(engine: AsyncEngine) -> None:
    clock = iter(range(1_000_000, 99_000_000, 1_000_000))
    desk = Desk(engine, now=lambda: next(clock))
    await desk.load("setup", city(lots=1, bays=1))
    for version, wish in enumerate(("a", "b", "c"), start=1):
        await desk.change("ann", Bay, "L0-0", version, bay_type=wish)
    history = History(engine)
    changes = await history.audit(what="bay/L0-0")
    assert [(each.after or {})["bay_type"] for each in changes] == ["c", "b", "a", "standard"]
    assert await history.audit(after=changes[0].id, limit=1, what="bay/L0-0") == changes[1:2]
