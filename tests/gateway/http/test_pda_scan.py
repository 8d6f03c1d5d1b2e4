"""Every way in which a collector is paid for a stay, over HTTP: cash, a card's slip, a code that the driver scans."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.schema.stays import session_payments
from tests.city.waiting import eventually
from tests.gateway.http.callers import Said
from tests.gateway.http.streets import Collector, Street

PAYMENTS = "/api/v1/payments"
DUE_FEN = 500


async def parked(street: Street, li: Collector, plate: str) -> str:
    """A stay that owes 5.00 yuan, on the collector's section."""
    await street.came("L0-0", 59)
    session = str((await li.plate("L0-0", plate)).json["session"])
    assert (await li.get("bays/L0-0/stay"))["due_fen"] == DUE_FEN
    return session


async def scanned(li: Collector, session: str, channel: str, key: str) -> Said:
    body = {"sessions": [session], "channel": channel}
    return await li.caller("POST", PAYMENTS, body, Idempotency_Key=key)


@pytest.mark.feature("PDA-07")
@pytest.mark.parametrize("channel", ["cash", "card", "wechat", "alipay", "aggregate"])
async def test_each_way_of_paying_completes_the_order_and_carries_its_method(
    street: Street, li: Collector, engine: AsyncEngine, driver_pays: Callable[[str, str], Awaitable[None]], channel: str
) -> None:
    session = await parked(street, li, f"川S{len(channel)}000{channel[0].upper()}")
    if channel in ("cash", "card"):
        assert (await li.pay(session, DUE_FEN, channel)).json["channel"] == channel
    else:
        begun = await scanned(li, session, channel, f"scan-{channel}")
        assert (begun.status, begun.json["state"], begun.json["fen"]) == (201, "created", DUE_FEN), begun.json
        assert begun.json["code_url"], "the code that the driver scans"
        assert (await li.get("bays/L0-0/stay"))["received_fen"] == 0, "a code alone pays nothing"
        await driver_pays(channel, begun.json["id"])
        said = await paid(li, f"scan-{channel}")
        assert (said["id"], said["channel"], said["paid_fen"]) == (begun.json["id"], channel, DUE_FEN)

    async def settled() -> bool:
        return bool((await li.get("bays/L0-0/stay"))["received_fen"] == DUE_FEN)

    await eventually(settled, "the money has come to the stay")
    left = (await li.leave("L0-0")).json
    assert (left["state"], left["received_fen"], left["due_fen"]) == ("paid", DUE_FEN, 0)
    await street.told()
    async with engine.connect() as connection:
        query = select(session_payments).where(session_payments.c.session == session)
        rows = [(row.channel, row.fen, row.excess_fen) for row in await connection.execute(query)]
    assert rows == [(channel, DUE_FEN, 0)]


async def paid(li: Collector, key: str) -> dict[str, Any]:
    """The payment that the collector began with this key, when the provider's word of it has come."""
    found: dict[str, Any] = {}

    async def so() -> bool:
        nonlocal found
        found = (await li.caller.get(f"{PAYMENTS}/by-key/{key}")).json
        return found.get("state") == "paid"

    await eventually(so, f"it is paid: {found}")
    return found


async def test_a_collector_sees_the_payments_that_he_began_and_no_others(
    street: Street, li: Collector, driver_pays: object
) -> None:
    session = await parked(street, li, "川S70000")
    begun = await scanned(li, session, "wechat", "mine")
    assert (await li.caller.get(f"{PAYMENTS}/by-key/mine")).json["id"] == begun.json["id"]
    assert (await li.caller.get(f"{PAYMENTS}/{begun.json['id']}")).code == "forbidden"
    await street.hired("wu-scan")
    wu = Collector(street, li.caller, "wu-scan", "p9")
    await wu.sign_in()
    assert (await wu.caller.get(f"{PAYMENTS}/by-key/mine")).code == "not_found"
