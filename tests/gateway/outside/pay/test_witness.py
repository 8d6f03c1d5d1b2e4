"""An independent witness: wechatpayv3 takes our sandbox for WeChat, and our sandbox takes it for a merchant."""

import asyncio
import gzip
import hashlib
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
import pytest
from wechatpayv3 import WeChatPay, WeChatPayType
from wechatpayv3.core import Core

from actors.values import MINUTE_US
from gateway.outside.wechat.bill import read_bill
from gateway.outside.wechat.moments import china, text_of
from tests.gateway.outside.pay.counter import Counter

T = TypeVar("T")


class Witness:
    """The package's client, pointed at the sandbox; it asks from threads, for it knows no other way."""

    def __init__(self, pay: WeChatPay) -> None:
        self.pay = pay

    async def ask(self, call: Callable[..., tuple[int, Any]], *given: Any, **named: Any) -> dict[str, Any]:
        status, body = await asyncio.to_thread(call, *given, **named)
        assert status in (200, 204), body
        return msgspec.json.decode(body) if body else {}


@pytest.fixture
async def witness(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> Witness:
    known = Core._init_certificates

    def pointed(core: Core) -> None:
        core._gate_way = counter.url
        known(core)

    monkeypatch.setattr(Core, "_init_certificates", pointed)
    keys = counter.keys
    pay = await asyncio.to_thread(
        WeChatPay,
        wechatpay_type=WeChatPayType.NATIVE,
        mchid=keys.mchid,
        private_key=keys.merchant_key,
        cert_serial_no=keys.merchant_serial,
        apiv3_key=keys.api_key,
        appid=keys.appid,
        notify_url=counter.notify_url,
    )
    return Witness(pay)


async def test_it_makes_asks_and_closes_orders_and_believes_the_answers(counter: Counter, witness: Witness) -> None:
    order = counter.order()
    made = await witness.ask(
        witness.pay.pay,
        description=order.about,
        out_trade_no=order.trade,
        amount={"total": order.fen},
        time_expire=text_of(order.until_us),
    )
    assert made["code_url"] == (await counter.wechat.create(order)).code_url
    assert (await witness.ask(witness.pay.query, out_trade_no=order.trade))["trade_state"] == "NOTPAY"
    await witness.ask(witness.pay.close, out_trade_no=order.trade)
    assert (await counter.wechat.query(order.trade, "native")).state == "closed"


async def test_it_believes_good_notifications_and_no_bad_ones(counter: Counter, witness: Witness) -> None:
    order = await counter.paid(990)
    good = counter.raw[-1]
    told = await asyncio.to_thread(witness.pay.callback, dict(good.headers), good.body)
    assert told["event_type"] == "TRANSACTION.SUCCESS"
    assert (told["resource"]["out_trade_no"], told["resource"]["amount"]["total"]) == (order.trade, 990)
    assert await asyncio.to_thread(witness.pay.callback, dict(good.headers), good.body + b" ") is None

    await counter.ask("misbehave", notify="forged")
    bad = counter.order()
    await counter.wechat.create(bad)
    await counter.ask("pay", out_trade_no=bad.trade)
    await counter.next()
    assert await asyncio.to_thread(witness.pay.callback, dict(counter.raw[-1].headers), counter.raw[-1].body) is None


async def test_it_gives_back_and_hears_of_it(counter: Counter, witness: Witness) -> None:
    order = await counter.paid(990)
    amount = {"refund": 90, "total": 990, "currency": "CNY"}
    named = {"out_refund_no": "w-1", "out_trade_no": order.trade, "amount": amount, "notify_url": counter.notify_url}
    assert (await witness.ask(witness.pay.refund, **named))["status"] == "SUCCESS"
    assert (await witness.ask(witness.pay.query_refund, out_refund_no="w-1"))["amount"]["refund"] == 90
    await counter.next()
    told = await asyncio.to_thread(witness.pay.callback, dict(counter.raw[-1].headers), counter.raw[-1].body)
    assert told["event_type"] == "REFUND.SUCCESS"
    assert told["resource"]["out_refund_no"] == "w-1"


async def test_it_reads_the_bill(counter: Counter, witness: Witness) -> None:
    order = await counter.paid(990)
    place = await witness.ask(witness.pay.trade_bill, china(counter.clock()).date().isoformat())
    _, packed = await asyncio.to_thread(witness.pay.download_bill, place["download_url"])
    content = gzip.decompress(packed)
    assert hashlib.sha1(content).hexdigest() == place["hash_value"]
    assert [(line.trade, line.fen) for line in read_bill(content.decode())] == [(order.trade, 990)]


async def test_it_has_a_plate_pay_by_itself(counter: Counter, witness: Witness) -> None:
    since, until = text_of(counter.clock() - 60 * MINUTE_US), text_of(counter.clock())
    car = ("粤B12345", "BLUE")
    asked_of = quote(car[0])  # the package signs an address as it is given, and it is sent encoded
    found = await witness.ask(witness.pay.parking_service_find, asked_of, car[1], "oPayer")
    assert found["service_state"] == "NORMAL"
    entered = await witness.ask(witness.pay.parking_enter, "p-1", *car, since, "测试车场", 1)
    asked = ("停车费", "t" * 32, 500, entered["id"], *car, since, until, "测试车场", 3600, "lane-1")
    await witness.ask(witness.pay.parking_order, *asked)
    await counter.next()
    assert (await witness.ask(witness.pay.parking_order_query, "t" * 32))["trade_state"] == "SUCCESS"
