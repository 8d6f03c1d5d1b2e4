"""Placing in a living city on Ray: other numbers of cells under load, and actors that get processes of their own."""

from pathlib import Path

import msgspec
import pytest

from actors.engine.cluster import Cluster
from actors.values import SECOND_US, Ref
from storage.records import Register
from tests.city.small import Sensors, small_city
from tests.city.test_cells import BAYS, LOTS, a_day, all_told, exactly_once
from tests.city.town import NOON, town
from tests.city.waiting import eventually
from tests.city.whole import whole_city

pytestmark = [pytest.mark.ray, pytest.mark.usefixtures("ray_cluster")]


async def test_the_number_of_cells_changes_under_load_calmly_and_by_force(database_url: str, world: str) -> None:
    """2 → 3 → 2 → 1 → 2 cells; before the second change one is killed. Every reading is taken once and in order."""
    async with town(database_url, world) as here:
        said = a_day(await here.install(LOTS, BAYS))

        async def grow() -> None:
            done = await here.resize(3)
            assert (done.forced, done.started, done.ended) == (0, ["cell-2"], [])
            assert done.given == 341

        async def kill_and_shrink() -> None:
            here.cluster.kill("cell-2")
            done = await here.resize(2)
            assert done.forced > 0
            assert (done.given + done.forced, done.started, done.ended) == (341, [], ["cell-2"])

        async def shrink_and_grow() -> None:
            done = await here.resize(1)
            assert (done.given, done.forced, done.ended) == (512, 0, ["cell-1"])
            again = await here.resize(2)  # the process of that name may not have ended yet
            assert (again.given, again.started) == (512, ["cell-1"])

        await all_told(here, said, {3: grow, 9: kill_and_shrink, 15: shrink_and_grow})
        assert here.cluster.names() == ["cell-0", "cell-1"]
        await here.settled()
        await exactly_once(here, said)


def a_lot() -> Register:
    """The smallest of the small city's lots that can be parked in, with what it lies in."""
    city, lot = small_city(), "loops"
    few = {name: [row for row in getattr(city, name) if row.lot_id == lot][:1] for name in ("bays", "devices")}
    return msgspec.structs.replace(city, lots=[one for one in city.lots if one.id == lot], **few)


async def test_actors_that_are_registered_while_the_city_runs_get_processes_of_their_own(
    database_url: str, ray_cluster: Cluster, tmp_path: Path
) -> None:
    """The courier's first order for a bay or a device makes its slot, its lot's, and the cells that carry them."""
    register, kinds = a_lot(), ("bay", "device", "lot")
    (bay,) = register.bays
    (device,) = register.devices
    async with whole_city(database_url, ray_cluster, tmp_path, register, cells=1, dedicated=kinds) as here:
        placed = {row.ref: row.cell for row in await here.town.journal.placed() if row.ref}
        own = {Ref("lot", "loops"), Ref("bay", f"loops/{bay.id}"), Ref("device", f"loops/{device.id}")}
        assert set(placed) == own
        assert len({here.town.cluster.pid(name) for name in placed.values()}) == 3
        await here.say(Sensors().frame(bay.id, True, NOON + SECOND_US))

        async def counted() -> bool:
            return await here.count("SELECT coalesce(sum(n), 0) FROM lot_counts WHERE state = 'occupied'") == 1

        await eventually(counted, "the lot has counted the vehicle that the sensor saw")
        assert await here.count("SELECT count(*) FROM parked") == 0
