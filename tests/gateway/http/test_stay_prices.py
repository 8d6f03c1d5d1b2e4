"""What stays cost over HTTP: their lines kept, prepaid and overstayed, charged at a pile, by occupancy, for nothing."""

from typing import Any

import pytest

from actors.values import MINUTE_US
from gateway.steering import STEER
from storage.jobs import Run
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.streets import TARIFF, Collector, Street

API = "/api/v1"
STEERING = {
    "zone": "Australia/Melbourne",
    "high": 60,
    "low": 30,
    "step": "0.25",
    "floor": "1",
    "ceiling": "1.5",
    "at": ["09:00", "10:00", "11:00", "12:00"],
    "notice_minutes": 30,
}


class Desk:
    """Staff and an owner of a street, with tokens of this moment."""

    def __init__(self, street: Street, li: Collector, caller: Caller) -> None:
        self.street, self.li, self.door = street, li, caller
        self.keys = 0

    async def staff(self, method: str, path: str, body: Any = None) -> Said:
        await self.street.told()
        return await self.street.staff(self.door, "administrator")(method, f"{API}/{path}", body)

    async def owner(self, method: str, path: str, body: Any = None) -> Said:
        await self.street.told()
        user = (await self.street.house.users.named("owner")).id  # type: ignore[union-attr]
        token = self.street.house.identity.issue(user, "owner", "owner", "s")[0]
        self.keys += 1
        key = {"Idempotency_Key": f"{self.street.clock()}-{self.keys}"} if method == "POST" else {}
        return await Caller(self.door.session, token)(method, f"{API}/own/{path}", body, **key)

    async def published(self, document: dict[str, Any]) -> None:
        """The tariff's next version, in force from now on."""
        newest = (await self.staff("GET", "tariffs/a")).json["newest"]
        said = await self.staff("POST", "tariffs/a/versions", {"newest": newest, "document": document})
        assert said.status == 201, said.json
        await self.street.cell.call("look", b"")

    async def stands(self, bay: str, plate: str, minutes: float = 0) -> str:
        """A car comes, and so many minutes go by; its stay."""
        await self.street.came(bay)
        session = str((await self.li.plate(bay, plate)).json["session"])
        self.street.clock.ahead_us += int(minutes * MINUTE_US)
        return session

    async def leaves(self, bay: str) -> None:
        await self.li.leave(bay)
        await self.street.see(bay, False)

    async def stay(self, session: str) -> dict[str, Any]:
        said = await self.staff("GET", f"sessions/{session}")
        assert said.status == 200, said.json
        return dict(said.json)


@pytest.fixture
async def desk(street: Street, li: Collector, caller: Caller) -> Desk:
    return Desk(street, li, caller)


def tariff(price_fen: int, **more: Any) -> dict[str, Any]:
    stage = {"unit_minutes": 30, "price_fen": price_fen}
    return {**TARIFF, "periods": [{"name": "all", "hours": ["00:00-24:00"], "stages": [stage]}], **more}


@pytest.mark.feature("EXT-03")
async def test_an_owner_sees_lines_that_sum_to_the_fee_and_keeps_them_when_the_tariff_changes(desk: Desk) -> None:
    assert (await desk.owner("POST", "plates", {"plate": "川E30001"})).status == 200
    old = await desk.stands("L0-0", "川E30001", 70)
    running = (await desk.owner("GET", f"stays/{old}")).json
    assert sum(line["amount_fen"] for line in running["quote"]["lines"]) == running["stay"]["charge_fen"] == 750
    await desk.leaves("L0-0")
    kept = (await desk.owner("GET", f"stays/{old}")).json
    assert sum(line["amount_fen"] for line in kept["quote"]["lines"]) == kept["stay"]["charge_fen"] == 750
    open_ = await desk.stands("L0-1", "川E30001", 10)
    await desk.published(tariff(900))
    desk.street.clock.ahead_us += 30 * MINUTE_US
    await desk.leaves("L0-1")
    new = await desk.stands("L0-2", "川E30001", 40)
    await desk.leaves("L0-2")
    again = (await desk.owner("GET", f"stays/{old}")).json
    assert (again["quote"], again["stay"]["charge_fen"]) == (kept["quote"], 750)
    told = [(await desk.owner("GET", f"stays/{each}")).json for each in (open_, new)]
    assert [each["stay"]["charge_fen"] for each in told] == [500, 1_800]
    assert [[line["price_fen"] for line in each["quote"]["lines"]] for each in told] == [[250], [900]]
    assert told[1]["stay"]["tariff_version"] == told[0]["stay"]["tariff_version"] + 1
    await desk.published(TARIFF)


@pytest.mark.feature("EXT-04")
@pytest.mark.parametrize(("prepaid_at", "left_at"), [(40, 100), (20, 36), (50, 75.5)])
async def test_prepaid_and_overstayed_costs_what_one_stay_costs(desk: Desk, prepaid_at: float, left_at: float) -> None:
    whole = await desk.stands("L0-0", "川E40001", left_at)
    await desk.leaves("L0-0")
    parts = await desk.stands("L0-1", "川E40002", prepaid_at)
    assert (await desk.li.pay(parts, -(-int(prepaid_at) // 30) * 250)).status == 200
    desk.street.clock.ahead_us += int((left_at - prepaid_at) * MINUTE_US)
    await desk.leaves("L0-1")
    one, two = (await desk.stay(whole))["stay"], (await desk.stay(parts))["stay"]
    assert two["charge_fen"] == one["charge_fen"] > two["received_fen"] > 0
    assert two["due_fen"] == one["charge_fen"] - two["received_fen"]
    assert (await desk.li.pay(parts, two["due_fen"])).status == 200
    assert (await desk.stay(parts))["stay"]["received_fen"] == one["charge_fen"]


@pytest.mark.feature("EXT-15")
async def test_a_bay_with_a_pile_charges_by_rule_while_charging_and_idle_afterwards(desk: Desk) -> None:
    version = (await desk.staff("GET", "bays/L0-0")).json["version"]
    assert (await desk.staff("PATCH", "bays/L0-0", {"version": version, "charging": True})).status == 200
    await desk.street.installed()
    price = {"ev_charging": 100, "ev_idle": 600, "*": 250}
    await desk.published(
        {
            **TARIFF,
            "free": [],
            "periods": [
                {"name": "all", "hours": ["00:00-24:00"], "stages": [{"unit_minutes": 30, "price_fen": price}]}
            ],
            "charging": {"charging": "ev_charging", "idle": "ev_idle", "grace_minutes": 15, "plug_in_minutes": 5},
        }
    )
    charged = await desk.stands("L0-0", "川AD12345", 119)
    entry_us = (await desk.stay(charged))["stay"]["entry_us"]
    for on, minute in ((True, 2), (True, 30), (False, 45)):
        word = {"on": on, "at_us": entry_us + minute * MINUTE_US}
        assert (await desk.staff("POST", f"sessions/{charged}/charging", word)).status == 200
    await desk.leaves("L0-0")
    told = await desk.stay(charged)
    amounts = [(line["price_fen"], line["amount_fen"]) for line in told["quote"]["lines"] if line["amount_fen"]]
    assert sum(fen for _, fen in amounts) == told["stay"]["charge_fen"]
    # To minute 45 and 15 of grace as charging, the hour that is left as idle.
    assert amounts == [(100, 200), (600, 1_200)]
    idle = await desk.stands("L0-0", "川AD12346", 20)
    await desk.leaves("L0-0")
    elsewhere = await desk.stands("L0-1", "川AD12347", 20)
    refused = await desk.staff("POST", f"sessions/{elsewhere}/charging", {"on": True})
    assert (refused.status, refused.code) == (409, "no_charger")
    await desk.leaves("L0-1")
    assert [(await desk.stay(each))["stay"]["charge_fen"] for each in (idle, elsewhere)] == [100 + 600, 250]
    await desk.published(TARIFF)


@pytest.mark.feature("EXT-16")
async def test_prices_step_by_occupancy_at_set_times_with_notice_and_running_stays_keep_theirs(desk: Desk) -> None:
    street = desk.street

    async def steered(at: str) -> tuple[str, list[str]]:
        """The job runs at this time of the morning; the factor then, and the steps announced so far, newest first."""
        hour, minute = map(int, at.split(":"))
        street.clock.ahead_us += eight + (hour - 8) * 60 * MINUTE_US + minute * MINUTE_US - street.clock()
        await street.told()
        await STEER.work(street.engine, Run("steer_prices", street.clock()))
        await street.cell.call("look", b"")
        shown = (await desk.staff("GET", "lots/L0/price-by-occupancy")).json
        return shown["factor"], [step["factor"] for step in shown["steps"]]

    eight = street.clock()
    early = await desk.stands("L0-0", "川E16001")
    await desk.stands("L0-1", "川E16002")
    put = {"version": 0, "steering": {**STEERING, "low": 60}}
    assert (await desk.staff("PUT", "lots/L0/price-by-occupancy", put)).code == "steering_invalid"
    set_ = await desk.staff("PUT", "lots/L0/price-by-occupancy", {**put, "steering": STEERING})
    assert (set_.status, set_.json["percent"], set_.json["factor"]) == (200, 66, "1")
    assert await steered("08:10") == ("1", [])
    assert await steered("08:27") == ("1", ["1.25"])
    step = (await desk.staff("GET", "lots/L0/price-by-occupancy")).json["steps"][0]
    assert round((step["effective_us"] - eight) / MINUTE_US) == 60
    assert await steered("08:59") == ("1", ["1.25"])
    assert await steered("09:01") == ("1.25", ["1.25"])
    middle = await desk.stands("L0-2", "川E16003")
    assert await steered("09:28") == ("1.25", ["1.5", "1.25"])
    assert await steered("10:29") == ("1.5", ["1.5", "1.25"])
    assert (await desk.staff("GET", "lots/L0/tariff")).json["factor"] == "1.5"
    await desk.leaves("L0-0")
    await desk.leaves("L0-1")
    await desk.leaves("L0-2")
    stays = [(await desk.stay(each))["stay"] for each in (early, middle)]
    for stay, factor in zip(stays, (100, 125), strict=True):
        units = -(-(stay["exit_us"] - stay["entry_us"]) // (30 * MINUTE_US))
        assert stay["charge_fen"] == (units * 250 * factor + 50) // 100
    assert (await steered("10:31"))[1] == ["1.5", "1.25"]
    assert (await steered("11:26"))[1] == ["1.25", "1.5", "1.25"]
    off = await desk.staff("PUT", "lots/L0/price-by-occupancy", {"version": 1, "steering": None})
    assert (off.status, off.json["steering"], off.json["factor"]) == (200, None, "1")
    assert (await steered("12:30"))[0] == "1"


@pytest.mark.feature("TAR-07")
async def test_a_price_of_nothing_completes_the_order_without_a_payment(desk: Desk) -> None:
    await desk.published({"name": TARIFF["name"], "visit": {"price_fen": 0}})
    session = await desk.stands("L0-0", "川T07001", 600)
    await desk.leaves("L0-0")
    stay = (await desk.stay(session))["stay"]
    assert (stay["charge_fen"], stay["due_fen"], stay["state"]) == (0, 0, "free")
    listed = (await desk.staff("GET", "sessions?standing=finished&plate=川T07001")).json
    assert [row["session"] for row in listed["items"]] == [session]
    assert (await desk.li.pay(session, 250)).json["details"]["refused"] == "nothing_due"
    await desk.published(TARIFF)
