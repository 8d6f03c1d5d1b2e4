"""A collector's device that is given another server's address: two gateways of one city, each on a port of its own."""

import aiohttp
import pytest

from tests.gateway.http.callers import Caller
from tests.gateway.http.streets import Collector, Street


@pytest.mark.feature("PDA-08")
async def test_a_device_goes_on_at_the_second_address_with_its_token_its_shift_and_its_sums(
    street: Street, li: Collector, second: aiohttp.ClientSession
) -> None:
    await street.came("L0-0", 29)
    entry = (await li.plate("L0-0", "川T70001")).json
    paid = await li.pay(entry["session"], 250, Idempotency_Key="cash-1")
    assert paid.status == 200
    first, li.caller = li.caller, Caller(second, li.caller.token)
    assert first.session is not second
    assert (await li("POST", "presence", {"device": "p1"})).status == 200, "the lease of the device is the same"
    refused = await li.begin("L1")
    assert (refused.status, refused.code) == (409, "shift_open"), "so is the open shift"
    again = await li.pay(entry["session"], 250, Idempotency_Key="cash-1")
    assert again.json == paid.json, "what was said to the first address and is said again is taken once"
    assert (await li.leave("L0-0")).json["due_fen"] == 0
    await street.came("L0-1", 44)
    other = (await li.plate("L0-1", "川T70002")).json
    assert (await li.pay(other["session"], 500)).status == 200
    await li.stay_signed_in()
    assert {row["bay"]: row["plate"] for row in (await li.get("sections/L0/bays"))["items"]}["L0-1"] == "川T70002"
    ended = await li.end()
    assert (ended.json["id"], ended.json["n"], ended.json["fen"]) == (li.shift, 2, 750)
    assert (await li.begin("L0")).status == 201
    li.caller = Caller(first.session, li.caller.token)
    assert (await li.get("money"))["fen"] == 750, "and back"
    held = await Collector(street, li.caller, "li", "p2").sign_in()
    assert (held.status, held.code) == (409, "online_elsewhere"), "the first address knows who is online"
