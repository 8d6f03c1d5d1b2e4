"""Tariffs that are kept: versions, when they take effect, who has which, and what a stay keeps."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.engine.references import References
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import DAY_US, HOUR_US, MINUTE_US
from storage.journal import PostgresJournal
from storage.schema.records import audit
from tests.gateway.http.callers import Caller, Clock, Said
from tests.storage.conftest import Home

TARIFFS = "/api/v1/tariffs"


def hourly(fen: int, **more: Any) -> dict[str, Any]:
    """A document: so much for each started hour, over midnight too, whatever the hour at which a test runs."""
    return {
        "name": {"zh": "每小时", "en": "by the hour"},
        "at_period_end": "run_on",
        "periods": [{"name": "day", "stages": [{"unit_minutes": 60, "price_fen": fen}]}],
        **more,
    }


@pytest.fixture
def id() -> str:
    """A tariff that no other test has."""
    return f"t-{uuid4().hex[:8]}"


async def made(operator: Caller, id: str, document: dict[str, Any], **more: Any) -> dict[str, Any]:
    said = await operator("POST", TARIFFS, {"id": id, "document": document, **more})
    assert said.status == 201, said.json
    return dict(said.json)


async def next_version(operator: Caller, id: str, newest: int, document: dict[str, Any], **more: Any) -> Said:
    return await operator("POST", f"{TARIFFS}/{id}/versions", {"newest": newest, "document": document, **more})


async def fee(viewer: Caller, lot: str, entry: int, end: int, **more: Any) -> tuple[int, int]:
    """What a stay in a lot costs, and by which version."""
    said = await viewer(
        "POST", "/api/v1/pricing/quote", {"which": {"lot": lot}, "entry_us": entry, "exit_us": end, **more}
    )
    assert said.status == 200, said.json
    return said.json["quote"]["charge_fen"], said.json["version"]


@pytest.mark.feature("TAR-01", "TAR-12")
async def test_a_stay_keeps_the_version_under_which_it_entered(
    operator: Caller, viewer: Caller, clock: Clock, id: str
) -> None:
    await made(operator, id, hourly(300), note="as decided in council")
    said = await operator("POST", "/api/v1/assignments", {"tariff": id, "lots": ["L0"]})
    assert [one["standing"] for one in said.json["items"]] == ["in_force"]
    entry, change = clock(), clock() + HOUR_US
    assert (await next_version(operator, id, 1, hourly(500), effective_us=change)).status == 201
    assert await fee(viewer, "L0", entry, entry + 30 * MINUTE_US) == (300, 1)
    clock.ahead_us += 2 * HOUR_US
    viewer = await viewer.signed_in("viewer", "correct horse")
    assert await fee(viewer, "L0", entry, entry + 4 * HOUR_US) == (1200, 1), "it entered before"
    assert await fee(viewer, "L0", change, change + HOUR_US) == (500, 2), "at the very moment the new one holds"
    assert await fee(viewer, "L0", change - 1, change + HOUR_US) == (600, 1)
    for at, version in ((entry, 1), (change - 1, 1), (change, 2)):
        assert (await viewer.get(f"/api/v1/lots/L0/tariff?at_us={at}")).json["version"] == version
    versions = (await viewer.get(f"{TARIFFS}/{id}/versions")).json["items"]
    assert [(one["version"], one["standing"], one["until_us"]) for one in versions] == [
        (2, "in_force", None),
        (1, "past", change),
    ]
    assert (versions[1]["who"], versions[1]["note"]) == ("operator", "as decided in council")


async def test_a_tariff_may_say_that_running_stays_follow_its_change(
    operator: Caller, viewer: Caller, clock: Clock, id: str
) -> None:
    await made(operator, id, hourly(300, on_change="unit"))
    entry = clock()
    await next_version(operator, id, 1, hourly(500, on_change="unit"), effective_us=entry + HOUR_US)
    await operator("POST", "/api/v1/assignments", {"tariff": id, "lots": ["L1"]})
    entry = clock()
    assert await fee(viewer, "L1", entry, entry + 2 * HOUR_US) == (800, 1)


async def test_cells_find_the_same_version_for_an_entry(
    operator: Caller, viewer: Caller, clock: Clock, home: Home, id: str
) -> None:
    await made(operator, id, hourly(300))
    now = clock()
    await next_version(operator, id, 1, hourly(500), effective_us=now + HOUR_US)
    await next_version(operator, id, 2, hourly(700), effective_us=now + 2 * HOUR_US)
    await operator("POST", f"{TARIFFS}/{id}/versions/3/withdraw", {"note": "too dear"})
    await operator("POST", "/api/v1/assignments", {"tariff": id, "lots": ["L0"], "effective_us": now + MINUTE_US})
    references = References()
    journal = PostgresJournal(*home, "cell-0")
    for row in await journal.references({}):
        references.add(*row)
    await journal.close()
    for at in (now + MINUTE_US, now + HOUR_US - 1, now + HOUR_US, now + 2 * HOUR_US, now + DAY_US):
        held = references.at(TARIFF + references.at(ASSIGNED + "L0", at).value["tariff"], at)
        said = (await viewer.get(f"/api/v1/lots/L0/tariff?at_us={at}")).json
        assert (said["tariff"], said["version"]) == (id, held.version)
        assert said["document"]["periods"] == held.value["periods"]


async def test_a_version_that_is_to_come_can_be_taken_back(operator: Caller, clock: Clock, id: str) -> None:
    await made(operator, id, hourly(300))
    soon = clock() + HOUR_US
    await next_version(operator, id, 1, hourly(500), effective_us=soon)
    said = await operator("POST", f"{TARIFFS}/{id}/versions/2/withdraw", {"note": "too dear"})
    assert (said.json["version"], said.json["effective_us"], said.json["note"]) == (3, soon, "too dear")
    whole = (await operator.get(f"{TARIFFS}/{id}/versions/3")).json
    assert whole["document"]["periods"][0]["stages"][0]["price_fen"] == 300
    listed = (await operator.get(f"{TARIFFS}/{id}/versions")).json["items"]
    assert [(one["version"], one["standing"]) for one in listed] == [(3, "coming"), (2, "replaced"), (1, "in_force")]
    for number in (1, 2):
        said = await operator("POST", f"{TARIFFS}/{id}/versions/{number}/withdraw", {})
        assert said.code == "not_withdrawable"


async def test_who_did_not_see_the_newest_version_cannot_publish(operator: Caller, id: str) -> None:
    await made(operator, id, hourly(300))
    assert (await next_version(operator, id, 1, hourly(400))).status == 201
    said = await next_version(operator, id, 1, hourly(500))
    assert (said.status, said.code, said.json["details"]) == (409, "version_conflict", {"version": "2"})
    quick = await asyncio.gather(*(next_version(operator, id, 2, hourly(fen)) for fen in (1, 2, 3)))
    assert sorted(said.status for said in quick) == [201, 409, 409]


async def test_creating_twice_makes_one(operator: Caller, id: str) -> None:
    first = await made(operator, id, hourly(300), note="x")
    assert await made(operator, id, hourly(300), note="x") == first
    said = await operator("POST", TARIFFS, {"id": id, "document": hourly(400)})
    assert (said.status, said.code) == (409, "id_taken")


async def test_what_makes_no_sense_is_refused_with_all_reasons(operator: Caller, id: str) -> None:
    document = hourly(300, caps=[{"window": "visit", "amount_fen": 1}] * 2, stages_restart="cycle")
    said = await operator("POST", TARIFFS, {"id": id, "document": document})
    assert (said.status, said.code) == (400, "tariff_invalid")
    assert set(said.json["details"]) == {"caps[1]", "stages_restart"}
    assert (await operator.get(f"{TARIFFS}/{id}")).status == 404


async def test_lists_are_paged_and_count_lots(operator: Caller, viewer: Caller, id: str) -> None:
    names = sorted(f"{id}-{n}" for n in range(3))
    for name in names:
        await made(operator, name, hourly(300))
    await operator("POST", "/api/v1/assignments", {"tariff": names[1], "lots": ["L0", "L1"]})
    seen, after = [], ""
    while after is not None:
        page = (await viewer.get(f"{TARIFFS}?limit=2&after={after}")).json
        seen += page["items"]
        after = page["next"]
    assert [one["id"] for one in seen] == sorted(one["id"] for one in seen)
    assert {one["id"]: one["lots"] for one in seen if one["id"] in names} == {names[0]: 0, names[1]: 2, names[2]: 0}
    lots = (await viewer.get(f"/api/v1/assignments?tariff={names[1]}")).json["items"]
    assert [one["lot"] for one in lots] == ["L0", "L1"]
    page = (await viewer.get("/api/v1/assignments?limit=1")).json
    assert [one["lot"] for one in page["items"]] == ["L0"]
    assert [one["lot"] for one in (await viewer.get(f"/api/v1/assignments?after={page['next']}")).json["items"]] == [
        "L1"
    ]


async def test_a_lot_remembers_its_tariffs_and_may_have_none(operator: Caller, viewer: Caller, id: str) -> None:
    await made(operator, id, hourly(300))
    await operator("POST", "/api/v1/assignments", {"tariff": id, "lots": ["L1"]})
    await operator("POST", "/api/v1/assignments", {"tariff": "", "lots": ["L1"]})
    had = (await viewer.get("/api/v1/assignments?lot=L1&limit=2")).json["items"]
    assert [(one["tariff"], one["standing"]) for one in had] == [("", "in_force"), (id, "past")]
    assert (await viewer.get("/api/v1/lots/L1/tariff")).code == "no_tariff"
    said = await operator("POST", "/api/v1/assignments", {"tariff": id, "lots": ["L0", "nowhere"]})
    assert (said.code, said.json["details"]) == ("unknown_parent", {"lot": "nowhere"})


async def test_what_was_published_is_in_the_audit(operator: Caller, engine: AsyncEngine, id: str) -> None:
    await made(operator, id, hourly(300), note="new year")
    async with engine.connect() as connection:
        row = (await connection.execute(select(audit).where(audit.c.what == f"reference/tariff/{id}"))).one()
    assert (row.who, row.verb, row.after["version"], row.after["note"]) == ("operator", "published", 1, "new year")
