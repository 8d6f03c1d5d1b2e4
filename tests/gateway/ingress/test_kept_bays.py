"""Locks of bays at a real broker and the door of HTTP: paid by the code at the bay, reserved, shared."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec
import pytest
from aiohttp import ClientSession

from actors.devices import DOWN
from actors.values import DAY_US, MINUTE_US, SECOND_US
from gateway.http import house as behind
from gateway.http.serve import listen
from gateway.outside.devices import DownFrame
from gateway.outside.merchants import Merchants
from gateway.outside.payments import Payments
from gateway.outside.sandbox.keys import Keys
from gateway.outside.sandbox.merchants import sandbox_accounts
from gateway.outside.sandbox.server import Sandbox
from storage.desk import Desk
from storage.local import write_private
from storage.published import Publication
from storage.session import now_us
from tests.city.waiting import eventually
from tests.gateway.http.callers import Caller
from tests.gateway.http.houses import furnished
from tests.gateway.ingress.test_full_path import radio
from tests.gateway.ingress.test_helped_bays import Helped, house

__all__ = ["house", "radio"]

PLATE, OTHER = "京A12345", "京B99999"
PAID_WITHIN_S = 10
HOLDS = {"bay_types": ["general"], "hold_minutes": 30}


class Door:
    """The door of HTTP before the same actors; whoever comes has a token. `lock` speaks over the air as lock-d."""

    def __init__(self, house: Helped, door: behind.House, session: ClientSession, radio: aiomqtt.Client) -> None:
        self.house, self.door, self._session, self.radio = house, door, session, radio
        self._n = 0
        self._last = 0

    def caller(self, name: str, role: str = "owner") -> Caller:
        """Somebody of this name and role."""
        return Caller(self._session, self.door.identity.issue(name, name, role, "s")[0])

    async def post(self, who: str, path: str, body: Any, role: str = "owner") -> Any:
        """One command, under a key of its own; what is answered."""
        self._n += 1
        said = await self.caller(who, role)("POST", f"/api/v1{path}", body, Idempotency_Key=f"k{self._n}")
        return said.json

    async def bound(self, who: str, plate: str) -> None:
        """The plate is theirs."""
        await self.post(who, "/own/plates", {"plate": plate})

        async def bound() -> bool:
            said = (await self.caller(who).get("/api/v1/own/account")).json
            return [each["state"] for each in said["plates"]] == ["bound"]

        await eventually(bound, f"{plate} is of {who}")

    async def ruled(self, **rules: object) -> None:
        """The lot's rules are these from now on."""
        body = msgspec.msgpack.encode({"mode": "lock", "operator": "o", **rules})
        await Desk(self.house.engine).publish("test", [Publication("rules/lock", now_us(), body)])
        await self.house.cell.call("look", b"")

    async def lock(self, occupied: bool, arm: str, **more: Any) -> None:
        """A frame of the lock, seen now."""
        await self.house.say(self.radio, "lock", 0, occupied=occupied, arm=arm, **more)

    async def obeys(self, order: str, occupied: bool = False) -> None:
        """The lock is told this next, and does it."""
        async for message in self.radio.messages:
            assert isinstance(message.payload, bytes)
            said = msgspec.json.decode(message.payload, type=DownFrame)
            if int(said.id) > self._last:
                break
        self._last = int(said.id)
        assert said.order == order
        await self.lock(occupied, "up" if order == "raise" else "down", ack=said.id)

    async def arm(self) -> tuple[str, tuple[str, ...]]:
        """How the lock's arm stands, and what it has still to do."""
        face = await self.house.device_of("lock", "lock-d")
        return face.arm, face.waiting

    async def reservation(self, who: str, state: str) -> None:
        """Somebody's newest one comes to this."""

        async def so() -> bool:
            return (await self.caller(who).get("/api/v1/own/reservations")).json["items"][0]["state"] == state

        await eventually(so, f"the reservation of {who} is {state}")


@pytest.fixture
async def door(
    house: Helped, radio: aiomqtt.Client, broker_url: str, world: str, tmp_path: Path
) -> AsyncIterator[Door]:
    made = furnished(house.engine, now_us, tmp_path / "dist")
    made.post = house.post
    runner = await listen(made, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    await radio.subscribe(f"{DOWN}/lock-d", qos=1)
    async with house.obeyed(broker_url, world), ClientSession(address) as session:
        door = Door(house, made, session, radio)
        await house.say(radio, "lock", 60, occupied=False, arm="down")
        yield door
    await made.cashier.merchants.close()
    await runner.cleanup()


@pytest.fixture
async def sandbox(door: Door, tmp_path: Path, keys: Keys) -> AsyncIterator[Callable[[str], Awaitable[None]]]:
    """A provider that takes orders, and tells our door when the payer has paid: call it with a payment's number."""
    provider = Sandbox(keys, now_us)
    url = f"http://127.0.0.1:{await provider.start()}"
    file = tmp_path / "merchants.json"
    write_private(file, msgspec.json.encode(sandbox_accounts(keys, url)))
    address = str(door.caller("any").session._base_url).rstrip("/")
    cashier = door.door.cashier
    cashier.merchants = Merchants((file,), lambda: address, now_us)
    cashier.port = Payments(cashier.merchants)

    async def paid(payment: str) -> None:
        order = {"channel": "wechat", "out_trade_no": payment}
        async with ClientSession() as http, http.post(f"{url}/sandbox/pay", json=order) as answer:
            assert answer.status == 200, await answer.text()

    yield paid
    await provider.stop()


@pytest.mark.feature("DEV-09")
async def test_the_code_at_the_bay_quotes_and_a_payment_by_it_lowers_the_lock(
    door: Door, sandbox: Callable[[str], Awaitable[None]]
) -> None:
    await door.ruled()
    nobody = Caller(door.caller("any").session)
    assert (await nobody.get("/api/v1/bay-codes/lock-1/bill")).status == 404
    await door.house.say(door.radio, "lock", 40, occupied=True, arm="down")
    await door.obeys("raise", occupied=True)
    bill = (await nobody.get("/api/v1/bay-codes/lock-1/bill")).json
    assert (bill["due_fen"], bill["running"], bill["plate"]) == (500, True, "")
    body = {"bill": bill["bill"], "way": "wechat"}
    wrong = await nobody("POST", "/api/v1/bay-codes/lock-1/payments", {**body, "bill": "x"}, Idempotency_Key="w")
    assert wrong.status == 404
    made = await nobody("POST", "/api/v1/bay-codes/lock-1/payments", body, Idempotency_Key="p")
    assert (made.status, made.json["fen"], made.json["code_url"][:9]) == (201, 500, "weixin://")
    assert await door.arm() == ("up", ()), "nothing is paid yet"
    began_us = now_us()
    await sandbox(made.json["payment"])
    await door.obeys("lower", occupied=True)
    assert now_us() - began_us < PAID_WITHIN_S * SECOND_US
    assert await door.arm() == ("down", ())
    stay = await door.house.stay("lock-1")
    assert (stay.face.received_fen, stay.due_fen, stay.face.covers_until_us > now_us()) == (500, 0, True)


@pytest.mark.feature("DEV-10")
async def test_a_reserved_bays_lock_is_up_for_others_and_goes_down_for_its_holder(door: Door) -> None:
    await door.ruled(holds=HOLDS)
    await door.bound("ann", PLATE)
    await door.bound("bob", OTHER)
    await door.post("ann", "/own/reservations", {"number": "lock-1", "plate": PLATE})
    await door.obeys("raise")
    await door.reservation("ann", "held")
    assert (await door.house.shown("lock-1"), await door.arm()) == ("reserved", ("up", ()))
    said = await door.post("bob", "/own/bays/lock-1/lock", {"plate": OTHER})
    assert said["code"] == "bay_reserved"
    assert await door.arm() == ("up", ())
    assert (await door.post("ann", "/own/bays/lock-1/lock", {"plate": PLATE}))["as_what"] == "holder"
    await door.obeys("lower")
    await door.lock(True, "down")
    await door.obeys("raise", occupied=True)
    await door.reservation("ann", "used")
    assert (await door.house.stay("lock-1")).face.plate == PLATE


async def test_of_two_who_reserve_one_bay_at_once_exactly_one_has_it(door: Door) -> None:
    await door.ruled(holds=HOLDS)
    plates = {"ann": PLATE, "bob": OTHER}
    for who, plate in plates.items():
        await door.bound(who, plate)
    wishes = [
        door.post(who, "/own/reservations", {"number": "lock-1", "plate": plate}) for who, plate in plates.items()
    ]
    await asyncio.gather(*wishes)

    async def decided() -> bool:
        said = [(await door.caller(who).get("/api/v1/own/reservations")).json["items"][0] for who in plates]
        return sorted((each["state"], each["why"]) for each in said) == [("held", ""), ("refused", "bay_reserved")]

    await eventually(decided, "one of them has the bay")


@pytest.mark.feature("DEV-10")
async def test_a_reservation_that_ran_out_frees_the_bay_and_its_lock(door: Door) -> None:
    await door.ruled(holds={**HOLDS, "hold_minutes": 0})
    await door.bound("ann", PLATE)
    await door.post("ann", "/own/reservations", {"number": "lock-1", "plate": PLATE})
    await door.reservation("ann", "expired")
    async for message in door.radio.messages:  # raised for the moment that it held, then lowered
        assert isinstance(message.payload, bytes)
        if msgspec.json.decode(message.payload, type=DownFrame).order == "lower":
            break
    assert await door.house.shown("lock-1") == "free"


async def shared(door: Door, owner: str, *weekdays: int) -> None:
    """The owner shares the bay on these days of the week, and staff agree."""
    hours = [{"weekday": day, "from_minute": 0, "until_minute": 1440} for day in weekdays]
    times = {"from_us": now_us() - MINUTE_US, "until_us": now_us() + 366 * DAY_US}
    await door.post(owner, "/own/shares", {"number": "lock-1", "hours": hours, **times})
    said = await door.post("boss", "/shares/lock/lock-1/decision", {"agreed": True}, "administrator")
    assert said["state"] == "active"
    await door.obeys("raise")


@pytest.mark.feature("DEV-11")
async def test_outside_its_window_a_shared_bays_lock_stays_up(door: Door) -> None:
    await door.ruled()
    await door.bound("ann", PLATE)
    today = datetime.fromtimestamp(now_us() / SECOND_US, UTC).weekday()
    await shared(door, "owen", (today + 3) % 7)
    said = await door.post("ann", "/own/bays/lock-1/lock", {"plate": PLATE})
    assert said["code"] == "outside_window"
    assert await door.arm() == ("up", ())
    await door.post("owen", "/own/shares/lock/lock-1/requests", {"what": "cancel"})
    await door.post("boss", "/shares/lock/lock-1/decision", {"agreed": True}, "administrator")
    await door.obeys("lower")


@pytest.mark.feature("DEV-11")
async def test_a_shared_bays_lock_lets_a_guest_in_and_rises_when_the_bay_is_empty(door: Door) -> None:
    await door.ruled()
    await door.bound("ann", PLATE)
    await shared(door, "owen", *range(7))
    assert (await door.post("ann", "/own/bays/lock-1/lock", {"plate": PLATE}))["as_what"] == "guest"
    await door.obeys("lower")
    await door.lock(True, "down")
    await door.obeys("raise", occupied=True)
    assert (await door.house.stay("lock-1")).face.plate == PLATE
    await door.lock(False, "down")
    await door.obeys("raise")
    assert await door.arm() == ("up", ())
