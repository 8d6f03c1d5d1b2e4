"""A payment in a whole city: its gateway is killed while it has the order made, and money comes once all the same."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import aiohttp
import msgspec
import pytest

from actors.messages.payment import PaymentAnswer, PaymentQuery
from actors.messages.session import OpenSession, SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.tariffs.registry import ASSIGNED, TARIFF
from actors.values import MINUTE_US, Ref
from gateway.outside.merchants import SANDBOX_FILE
from gateway.outside.sandbox.program import sandbox_url, serve_sandbox
from storage.published import Publication, publish
from storage.session import now_us
from tests.anew import comes_out_the_same
from tests.city.waiting import eventually
from tests.city.whole import Whole
from tests.gateway.http.callers import Caller

LOT = "payers"
PRICE_FEN = 500


class Box:
    """The control door of the sandbox."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(self, what: str, **body: object) -> None:
        async with self._session.post(f"/sandbox/{what}", json=body) as answer:
            assert answer.status == 200, await answer.text()


@pytest.fixture
async def box(city: Whole) -> AsyncIterator[Box]:
    """A sandbox of the city's data folder, in this process: it outlives the gateway."""
    serving = asyncio.create_task(serve_sandbox(city.settings))
    file = city.settings.folder / SANDBOX_FILE

    async def there() -> bool:
        assert not serving.done()
        return file.exists()

    await eventually(there, "the sandbox serves")
    async with aiohttp.ClientSession(sandbox_url(city.settings)) as session:
        yield Box(session)
    serving.cancel()
    await asyncio.gather(serving, return_exceptions=True)


@pytest.fixture
async def stay(city: Whole) -> str:
    """A stay that owes 5.00 yuan."""
    tariff = {"name": {"en": "five"}, "visit": {"price_fen": PRICE_FEN}}
    known = (
        (f"{TARIFF}five", tariff),
        (f"{ASSIGNED}{LOT}", {"tariff": "five"}),
        (f"rules/{LOT}", {"mode": "sensor_pda"}),
    )
    many = [Publication(name, 0, msgspec.msgpack.encode(value), "") for name, value in known]
    async with city.engine.begin() as connection:
        await publish(connection, "test", now_us(), many)
    stays = (f"{LOT}/b-{n}" for n in count(1))
    last = ""

    async def owing() -> bool:
        nonlocal last
        last, entry_us = next(stays), now_us() - 60 * MINUTE_US
        await city.town.post.ask(Ref("session", last), OpenSession("b", entry_us, "sensor", "d", "north", "sensor_pda"))
        return await due(city, last) == PRICE_FEN

    await eventually(owing, "the cells know the tariff, and price a stay by it")
    return last


async def due(city: Whole, session: str) -> int:
    answer = await city.town.post.ask(Ref("session", session), SessionQuery())
    assert isinstance(answer, SessionAnswer)
    return answer.due_fen


async def state(city: Whole, payment: str) -> str:
    answer = await city.town.post.ask(Ref("payment", payment), PaymentQuery())
    assert isinstance(answer, PaymentAnswer)
    return answer.face.state


async def test_a_gateway_is_killed_between_the_payment_and_its_order(
    city: Whole, http: Caller, box: Box, stay: str
) -> None:
    body = {"sessions": [stay], "channel": "wechat"}

    async def pay() -> str:
        said = await http("POST", "/api/v1/payments", body, Idempotency_Key="killed")
        assert said.status == 201, said.json
        return str(said.json["id"])

    await box("misbehave", answer="slow", seconds=120, times=1000)
    asking = asyncio.create_task(pay())

    async def begun() -> bool:
        assert not asking.done()
        return await city.count("SELECT count(*) FROM payments WHERE state = 'started'") == 1

    await eventually(begun, "the payment is durable, and its order is being made")
    city.gateway.kill()
    with pytest.raises(aiohttp.ClientError):
        await asking
    await box("behave")
    city.gateway.start()
    await city.gateway.ready()

    payment = await pay()
    assert await state(city, payment) == "created"
    await box("misbehave", notify="lost")
    await box("pay", out_trade_no=payment)

    async def paid() -> bool:
        return await state(city, payment) == "paid" and await due(city, stay) == 0

    await eventually(paid, "the payment has asked the provider, and the stay is paid")
    for _ in range(2):
        await box("notify", out_trade_no=payment)
    await city.quiet()
    received = f"SELECT count(*) FROM ledger_lines WHERE fact = 'PaymentSucceeded' AND payment = '{payment}'"
    assert await city.count(received) == 2  # one entry of two lines
    assert await city.count(f"SELECT got_fen FROM sessions WHERE session = '{stay}'") == PRICE_FEN
    await comes_out_the_same(city.town.url, city.town.world, city.town.catalogue.decode_told)
