"""The city, its map and its figures."""

import gzip

from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import DAY_US
from storage.history import BUCKET_US
from storage.schema.derived import occupancy
from tests.gateway.http.callers import Caller, Clock


async def test_the_city_says_where_it_is_and_how_big(viewer: Caller) -> None:
    said = (await viewer.get("/api/v1/city")).json
    assert said["name_zh"] == "墨尔本"
    assert said["center"] == [144.5, -37.5]
    assert said["counts"] == {"regions": 1, "roads": 1, "lots": 2, "bays": 6, "devices": 6}
    assert said["demand"] == "replay"


async def test_the_map_is_geojson(viewer: Caller) -> None:
    said = await viewer.get("/api/v1/map/bays")
    assert said.headers["Content-Type"] == "application/geo+json"
    assert said.json["type"] == "FeatureCollection"
    assert said.json["features"][0] == {
        "type": "Feature",
        "id": "L0-0",
        "geometry": {"type": "Point", "coordinates": [144.9, -37.8]},
        "properties": {
            "id": "L0-0",
            "number": "NL0-0",
            "lot": "L0",
            "road": "r1",
            "region": "cbd",
            "type": "standard",
            "bearing": 90.0,
        },
    }
    roads = (await viewer.get("/api/v1/map/roads")).json["features"]
    assert roads[0]["geometry"] == {"type": "LineString", "coordinates": [[144.9, -37.8], [144.91, -37.8]]}
    assert roads[0]["properties"] == {"id": "r1", "name_zh": "路", "name_en": "Road", "region": "cbd"}


async def test_a_map_that_is_known_is_not_sent_again(viewer: Caller) -> None:
    first = await viewer.get("/api/v1/map/roads")
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = await viewer.get("/api/v1/map/roads", If_None_Match=known)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["ETag"] == etag
    assert (await viewer.get("/api/v1/map/roads", If_None_Match='"other"')).status == 200


async def test_the_map_is_packed_for_those_who_can_unpack(viewer: Caller) -> None:
    async with viewer.session.get(
        "/api/v1/map/bays",
        headers={"Authorization": f"Bearer {viewer.token}", "Accept-Encoding": "br, gzip"},
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        packed = await response.read()
    plain = await viewer.get("/api/v1/map/bays", Accept_Encoding="identity")
    assert "Content-Encoding" not in plain.headers
    assert gzip.decompress(packed) == plain.body


async def test_occupancy_is_levels_in_buckets(viewer: Caller, engine: AsyncEngine, clock: Clock) -> None:
    start = (clock() // BUCKET_US - 4) * BUCKET_US
    async with engine.begin() as connection:
        changes = [(start, 1, 2, 6), (start + 2 * BUCKET_US, -1, 1, 0)]
        names = ("bucket_us", "occupied", "known", "total")
        rows = [dict(zip(names, change, strict=True), place="lot/L0") for change in changes]
        await connection.execute(insert(occupancy), rows)
    said = (await viewer.get(f"/api/v1/occupancy?place=lot/L0&to_us={start + 3 * BUCKET_US}")).json
    assert (said["place"], said["bucket_us"]) == ("lot/L0", BUCKET_US)
    assert said["points"] == [
        [start, 1, 2, 6],
        [start + BUCKET_US, 1, 2, 6],
        [start + 2 * BUCKET_US, 0, 3, 6],
    ]
    future = (await viewer.get(f"/api/v1/occupancy?place=lot/L0&to_us={clock() + DAY_US}")).json
    assert future["points"][-1][0] <= clock()


async def test_occupancy_has_bounds(viewer: Caller) -> None:
    for query in ("from_us=0", "place=planet", "place=lot/", "from_us=-1", f"to_us={1 << 60}"):
        assert (await viewer.get(f"/api/v1/occupancy?{query}")).code == "invalid_query"
