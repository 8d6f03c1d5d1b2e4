"""Rules of lots over HTTP: published to actors, versioned, audited; a section's mode says which events open a stay."""

from collections.abc import Callable
from typing import Any

import pytest

from actors.values import HOUR_US
from gateway.http.house import House
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.streets import Collector, Street

Known = Callable[[str, str], Caller]


def address(lot: str) -> str:
    return f"/api/v1/lots/{lot}/rules"


async def ruled(operator: Caller, street: Street, lot: str, **rules: Any) -> dict[str, Any]:
    """The lot has these rules from now on, and its actors know it."""
    known = (await operator.get(address(lot))).json["newest"]
    said = await operator("PUT", address(lot), {"version": known, "rules": rules})
    assert said.status == 200, said.json
    await street.cell.call("look", b"")
    return dict(said.json)


async def test_rules_are_versions_that_hold_from_a_time_on(
    known: Known, clock: Clock, house: House, engine: object
) -> None:
    operator, entry = known("olga", "operator"), clock()
    none = (await operator.get(address("L1"))).json
    assert (none["version"], none["rules"]["mode"], none["rules"]["operator"]) == (0, "watched", "city")
    first = await operator("PUT", address("L1"), {"version": 0, "rules": {"mode": "loop", "arrears_minutes": 30}})
    assert (first.json["version"], first.json["standing"], first.json["who"]) == (1, "in_force", "olga")
    assert first.json["rules"]["areas"] == ["r1", "cbd"], "where the register says that it lies"
    coming = {"version": 1, "rules": {"mode": "pile"}, "effective_us": clock() + HOUR_US, "note": "piles are built"}
    assert (await operator("PUT", address("L1"), coming)).json["standing"] == "coming"
    assert (await operator("PUT", address("L1"), coming)).code == "version_conflict"
    now = (await operator.get(address("L1"))).json
    assert (now["version"], now["newest"], now["rules"]["mode"], now["rules"]["arrears_minutes"]) == (1, 2, "loop", 30)
    later = (await operator.get(f"{address('L1')}?at_us={entry + 2 * HOUR_US}")).json
    assert (later["version"], later["rules"]["mode"], later["note"]) == (2, "pile", "piles are built")
    (audit, _) = await house.history.audit(what="reference/rules/L1")
    assert (audit.who, audit.verb, (audit.after or {})["version"]) == ("olga", "published", 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"mode": "by hand"},
        {"confidence_pct": 101},
        {"arrears_minutes": 0},
        {"gates": {"unknown_fen": -1}},
        {"reminder_days": [0]},
        {"surprise": 1},
    ],
)
async def test_rules_that_make_no_sense_are_refused_by_the_path_to_them(known: Known, wrong: dict[str, Any]) -> None:
    said = await known("olga", "operator")("PUT", address("L0"), {"version": 0, "rules": wrong})
    assert said.code == "invalid_body"
    assert said.json["details"]["path"].startswith("$.rules")


async def test_nothing_takes_effect_in_the_past(known: Known, clock: Clock) -> None:
    body = {"version": 0, "rules": {}, "effective_us": clock() - HOUR_US}
    assert (await known("olga", "operator")("PUT", address("L0"), body)).code == "effective_in_past"


@pytest.mark.feature("DEV-18")
async def test_a_sections_mode_says_which_events_open_a_stay_and_modes_mix(
    street: Street, li: Collector, caller: Caller
) -> None:
    await ruled(street.staff(caller, "operator"), street, "L0", mode="sensor_pda")
    await ruled(street.staff(caller, "operator"), street, "L1", mode="camera")
    for bay in ("L0-0", "L1-0"):
        await street.came(bay, 10)
    assert (await li.bay("L0-0"))["minutes"] == 20, "its sensor opened a stay"
    assert (await li.bay("L1-0"))["session"] == "", "a camera's section opens none by its sensor"
    assert (await li.plate("L1-0")).json["opened"], "there a collector may open one"
    lines = (await street.staff(caller, "operator").get("/api/v1/lot-rules")).json["items"]
    assert [(each["lot"], each["rules"]["mode"]) for each in lines] == [("L0", "sensor_pda"), ("L1", "camera")]
    assert [
        each["lot"]
        for each in (await street.staff(caller, "operator").get("/api/v1/lot-rules?mode=camera")).json["items"]
    ] == ["L1"]

    await ruled(street.staff(caller, "operator"), street, "L0", mode="camera")
    await ruled(street.staff(caller, "operator"), street, "L1", mode="sensor_patrol")
    for bay in ("L0-1", "L1-1"):
        await street.came(bay, 10)
    assert (await li.bay("L0-1"))["session"] == "", "the sensor opens none there now"
    assert (await li.bay("L1-1"))["minutes"] == 10
    assert (await li.plate("L1-2")).json["details"]["refused"] == "no_session", "a collector opens none there now"
    assert (await li.bay("L0-0"))["session"], "what was open goes on"
    await street.see("L0-0", False)
    assert (await li.bay("L0-0"))["session"] == "", "and ends as before"
