"""Lists: filters, pages by key that nothing shifts, and what they are joined with."""

from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.http.paging import cursor
from storage.desk import Desk
from storage.frames import OUTCOMES, FrameRow, Frames
from tests.gateway.http.callers import Caller
from tests.storage.cities import a_bay


async def walked(caller: Caller, path: str, limit: int) -> list[list[str]]:
    """The ids of every page of a list."""
    pages, after = [], ""
    while True:
        sign = "&" if "?" in path else "?"
        said = (await caller.get(f"{path}{sign}limit={limit}&after={after}")).json
        pages.append([one["id"] for one in said["items"]])
        if said["next"] is None:
            return pages
        after = said["next"]


async def test_pages_are_the_whole_list_once(viewer: Caller) -> None:
    whole = [one["id"] for one in (await viewer.get("/api/v1/bays?limit=500")).json["items"]]
    for limit in (1, 2, len(whole) - 1, len(whole)):
        pages = await walked(viewer, "/api/v1/bays", limit)
        assert [id for page in pages for id in page] == whole
        assert all(len(page) == limit for page in pages[:-1])
        assert pages[-1]


async def test_a_row_that_comes_between_shifts_nothing(viewer: Caller, engine: AsyncEngine) -> None:
    first = (await viewer.get("/api/v1/bays?lot=L1&limit=2")).json
    await Desk(engine).create("test", a_bay("L1-0a", "L1"))
    rest = (await viewer.get(f"/api/v1/bays?lot=L1&limit=2&after={first['next']}")).json
    assert [one["id"] for one in first["items"] + rest["items"]] == ["L1-0", "L1-1", "L1-2"]


async def test_filters_narrow(viewer: Caller) -> None:
    async def ids(path: str) -> list[str]:
        return [one["id"] for one in (await viewer.get(f"/api/v1/{path}")).json["items"]]

    assert await ids("regions") == ["cbd"]
    assert await ids("roads?region=cbd") == ["r1"]
    assert await ids("roads?region=elsewhere") == []
    assert await ids("lots?road=r1&street=true") == ["L0", "L1"]
    assert await ids("lots?street=false") == []
    assert await ids("bays?lot=L0&state=unknown") == ["L0-0", "L0-1", "L0-2"]
    assert await ids("bays?lot=L0&state=occupied") == []
    assert await ids("bays?q=nl0-1") == ["L0-1"]
    assert await ids("bays?q=%25") == []
    assert await ids("devices?lot=L0&state=unheard&kind=yun-json") == ["d-L0-0", "d-L0-1", "d-L0-2"]
    assert await ids("devices?bay=L1-1") == ["d-L1-1"]


async def test_one_of_each_reads_as_in_its_list(viewer: Caller) -> None:
    for kind in ("regions", "roads", "lots", "bays", "devices"):
        listed = (await viewer.get(f"/api/v1/{kind}?limit=1")).json["items"][0]
        assert (await viewer.get(f"/api/v1/{kind}/{listed['id']}")).json == listed


async def test_no_secret_of_a_device_is_shown(viewer: Caller) -> None:
    assert "secret" not in (await viewer.get("/api/v1/devices/d-L0-0")).json


async def test_a_cursor_is_ours_or_refused(operator: Caller) -> None:
    for path, after in (
        ("bays", "not-base64!"),
        ("bays", "_w"),
        ("bays", cursor("\0")),
        ("frames", cursor("x")),
        ("frames", cursor("9" * 19)),
        ("passages", cursor("1-2-3")),
        ("passages", cursor("1-2-3-99999999999")),
    ):
        said = await operator.get(f"/api/v1/{path}?after={after}")
        assert (said.status, said.json["details"]) == (400, {"path": "$.after"})


async def test_frames_are_kept_counted_and_newest_first(operator: Caller, engine: AsyncEngine) -> None:
    await Frames(engine).store(
        [
            FrameRow(n, "yunparking/v1/d-L0-0/up", device, "yun-json", bytes([n]), outcome, "")
            for n, device, outcome in (
                (1, "d-L0-0", "accepted"),
                (2, None, "undecodable"),
                (3, "d-L0-0", "repeat"),
                (4, "ghost", "unknown_device"),
            )
        ]
    )
    counted = (await operator.get("/api/v1/ingest")).json
    assert list(counted["outcomes"]) == list(OUTCOMES)
    assert sum(counted["outcomes"].values()) == 4
    assert [one["received_us"] for one in counted["last"]] == [4, 3, 2, 1]
    pages = await walked(operator, "/api/v1/devices/d-L0-0/frames", 1)
    assert [len(page) for page in pages] == [1, 1]
    lost = (await operator.get("/api/v1/frames?outcome=undecodable")).json["items"]
    assert [(one["payload"], one["device"]) for one in lost] == [("Ag==", None)]
