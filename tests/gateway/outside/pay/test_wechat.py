"""Our side of WeChat Pay against a sandbox that really serves: orders, notifications of every kind, refunds, bills."""

import asyncio

import msgspec
import pytest

from actors.values import HOUR_US, MINUTE_US
from gateway.outside.provider import OrderSaid, ProviderAway, ProviderRefused, RefundSaid, Sent, Untrusted
from gateway.outside.sandbox.keys import new_key, pem_of, public_pem, read_key
from gateway.outside.wechat.account import AccountForm, WrongAccount, account_of
from gateway.outside.wechat.moments import china
from gateway.outside.wechat.signing import is_signed
from tests.gateway.outside.pay.counter import Counter


async def test_an_order_is_made_paid_told_and_found(counter: Counter) -> None:
    order = counter.order()
    created = await counter.wechat.create(order)
    assert created.code_url.startswith("weixin://wxpay/bizpayurl?pr=")
    assert (await counter.wechat.query(order.trade, "native")).state == "unpaid"

    await counter.ask("pay", out_trade_no=order.trade)
    told = await counter.next()
    assert isinstance(told, OrderSaid)
    assert (told.trade, told.state, told.fen, told.currency) == (order.trade, "paid", 1250, "CNY")
    assert told.merchant == counter.keys.mchid
    assert await counter.wechat.query(order.trade, "native") == told


async def test_the_same_order_twice_is_one_and_another_sum_under_its_number_is_refused(counter: Counter) -> None:
    order = counter.order()
    assert await counter.wechat.create(order) == await counter.wechat.create(order)
    with pytest.raises(ProviderRefused, match="OUT_TRADE_NO_USED"):
        await counter.wechat.create(order._replace(fen=1251))


async def test_a_page_inside_wechat_gets_what_the_cashier_is_called_with(counter: Counter) -> None:
    created = await counter.wechat.create(counter.order(method="jsapi", openid="oPayer"))
    call = dict(created.prepay)
    text = "\n".join((call["appId"], call["timeStamp"], call["nonceStr"], call["package"], ""))
    merchant = read_key(counter.keys.merchant_key).public_key()
    assert is_signed(merchant, text.encode(), call["paySign"])
    with pytest.raises(ProviderRefused, match="PARAM_ERROR"):
        await counter.wechat.create(counter.order(method="jsapi"))


async def test_an_order_nobody_made_is_absent(counter: Counter) -> None:
    assert (await counter.wechat.query("0" * 32, "native")).state == "absent"
    assert (await counter.wechat.close("0" * 32, "native")).state == "absent"


async def test_closing_ends_an_order_unless_somebody_paid_first(counter: Counter) -> None:
    order = counter.order()
    await counter.wechat.create(order)
    assert (await counter.wechat.close(order.trade, "native")).state == "closed"
    assert (await counter.wechat.close(order.trade, "native")).state == "closed"

    paid = await counter.paid()
    assert (await counter.wechat.close(paid.trade, "native")).state == "paid"


async def test_an_order_closes_by_itself_when_its_time_is_over(counter: Counter) -> None:
    order = counter.order(until_us=counter.clock() + MINUTE_US)
    await counter.wechat.create(order)
    counter.ahead_us += 2 * MINUTE_US
    assert (await counter.wechat.query(order.trade, "native")).state == "closed"


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("forged", "forged"),
        ("stale", "stale"),
        ("unknown_key", "unknown_key"),
        ("unreadable", "unreadable"),
        ("other_merchant", "wrong_merchant"),
    ],
)
async def test_a_notification_that_cannot_be_believed_is_not(counter: Counter, wrong: str, reason: str) -> None:
    order = counter.order()
    await counter.wechat.create(order)
    await counter.ask("misbehave", notify=wrong)
    await counter.ask("pay", out_trade_no=order.trade)
    heard = await counter.next()
    assert isinstance(heard, Untrusted)
    assert heard.reason == reason


async def test_every_part_of_a_notification_is_under_the_signature(counter: Counter) -> None:
    await counter.paid()
    good = counter.raw[-1]
    assert isinstance(await counter.wechat.read_notification(good), OrderSaid)
    headers = dict(good.headers)
    altered = [
        Sent(headers, good.body[:-1] + b" }"),
        Sent({**headers, "wechatpay-nonce": "another"}, good.body),
        Sent({**headers, "wechatpay-timestamp": str(int(headers["wechatpay-timestamp"]) + 1)}, good.body),
        Sent({**headers, "wechatpay-signature": "WECHATPAY/SIGNTEST/" + headers["wechatpay-signature"]}, good.body),
        Sent({**headers, "wechatpay-signature": ""}, good.body),
        Sent({**headers, "wechatpay-timestamp": "soon"}, good.body),
    ]
    for sent in altered:
        with pytest.raises(Untrusted):
            await counter.wechat.read_notification(sent)


async def test_a_notification_that_was_recorded_is_worth_nothing_later(counter: Counter) -> None:
    await counter.paid()
    good = counter.raw[-1]
    counter.ahead_us += 4 * MINUTE_US
    assert await counter.wechat.read_notification(good)
    counter.ahead_us += 2 * MINUTE_US
    with pytest.raises(Untrusted, match="stale"):
        await counter.wechat.read_notification(good)


async def test_what_was_hidden_with_another_key_is_not_opened(counter: Counter) -> None:
    await counter.paid()
    stranger = counter.merchant(api_key="f" * 32)
    try:
        with pytest.raises(Untrusted):
            await stranger.read_notification(counter.raw[-1])
    finally:
        await stranger.close_connections()


async def test_notifications_lost_late_doubled_and_out_of_order(counter: Counter) -> None:
    async def pay() -> str:
        order = counter.order()
        await counter.wechat.create(order)
        await counter.ask("pay", out_trade_no=order.trade)
        return order.trade

    await counter.ask("misbehave", notify="lost")
    lost = await pay()
    assert (await counter.wechat.query(lost, "native")).state == "paid"

    await counter.ask("misbehave", notify="doubled")
    twice = await pay()
    assert [(await counter.next()).trade for _ in range(2)] == [twice, twice]  # type: ignore[union-attr]

    await counter.ask("misbehave", notify="out_of_order")
    first, second = await pay(), await pay()
    assert [(await counter.next()).trade for _ in range(2)] == [second, first]  # type: ignore[union-attr]

    await counter.ask("misbehave", notify="late", seconds=0.3)
    late, punctual = await pay(), await pay()
    assert [(await counter.next()).trade for _ in range(2)] == [punctual, late]  # type: ignore[union-attr]
    assert counter.heard.empty()


async def test_a_new_certificate_is_fetched_when_it_is_first_needed(counter: Counter) -> None:
    await counter.paid()
    await counter.ask("rotate")
    counter.ahead_us += 2 * MINUTE_US
    await counter.paid()


async def test_a_serial_that_nobody_has_does_not_make_us_ask_again_and_again(counter: Counter) -> None:
    await counter.paid()
    good, asked = counter.raw[-1], []
    fetch = counter.wechat.client.platform._fetch

    async def counting() -> tuple[dict[str, str], bytes]:
        asked.append(1)
        return await fetch()

    counter.wechat.client.platform._fetch = counting
    counter.ahead_us += 2 * MINUTE_US
    for n in range(5):
        sent = Sent({**good.headers, "wechatpay-serial": f"{n:040X}"}, good.body)
        with pytest.raises(Untrusted, match="unknown_key"):
            await counter.wechat.read_notification(sent)
    assert len(asked) == 1


async def test_an_answer_that_is_not_signed_by_wechat_is_not_believed(counter: Counter) -> None:
    order = counter.order()
    await counter.wechat.create(order)
    await counter.ask("misbehave", answer="forged")
    with pytest.raises(Untrusted, match="forged"):
        await counter.wechat.query(order.trade, "native")


@pytest.mark.parametrize("answer", ["broken", "silent"])
async def test_a_provider_out_of_order_is_asked_again_later(counter: Counter, answer: str) -> None:
    await counter.ask("misbehave", answer=answer, seconds=0, times=2 if answer == "silent" else 1)
    with pytest.raises(ProviderAway):
        await counter.wechat.query("0" * 32, "native")
    assert (await counter.wechat.query("0" * 32, "native")).state == "absent"


async def test_the_sandbox_knows_its_merchant_by_its_signature_alone(counter: Counter) -> None:
    changes = ({"private_key": pem_of(new_key())}, {"mchid": "1900000002"}, {"serial": "AB"})
    for changed in changes:
        other = counter.merchant(**changed)
        try:
            with pytest.raises(ProviderAway, match="SIGN_ERROR"):
                await other.client.tell("/v3/pay/transactions/out-trade-no/x/close", {})
        finally:
            await other.close_connections()
    slow = counter.merchant()
    slow.client._clock = lambda: counter.clock() - HOUR_US
    try:
        with pytest.raises(ProviderAway, match="SIGN_ERROR"):
            await slow.client.tell("/v3/pay/transactions/out-trade-no/x/close", {})
    finally:
        await slow.close_connections()


async def test_refunds_in_parts_never_above_what_was_paid_and_each_once(counter: Counter) -> None:
    order = await counter.paid(1000)

    async def refund(number: str, fen: int) -> RefundSaid:
        return await counter.wechat.refund(order.trade, number, fen, 1000, "test")

    first = await refund("a-1", 400)
    assert (first.state, first.fen, first.currency) == ("done", 400, "CNY")
    assert (await refund("a-1", 400)).ref == first.ref
    assert (await refund("a-1", 300)).state == "failed"
    both = await asyncio.gather(refund("a-2", 600), refund("a-3", 600))
    assert sorted(one.state for one in both) == ["done", "failed"]
    assert (await refund("a-4", 1)).state == "failed"
    assert (await counter.wechat.query_refund(order.trade, "a-9")).state == "absent"
    told = [await counter.next(), await counter.next()]
    assert sorted(one.fen for one in told if isinstance(one, RefundSaid)) == [400, 600]


async def test_a_slow_refund_is_told_of_when_it_arrives(counter: Counter) -> None:
    order = await counter.paid(1000)
    await counter.ask("misbehave", refunds="slow")
    assert (await counter.wechat.refund(order.trade, "r-1", 1000, 1000, "test")).state == "processing"
    assert counter.heard.empty()
    await counter.ask("refunds/finish", out_refund_no="r-1")
    told = await counter.next()
    assert isinstance(told, RefundSaid)
    assert (told.state, told.fen, told.refund) == ("done", 1000, "r-1")
    assert await counter.wechat.query_refund(order.trade, "r-1") == told


async def test_the_bill_of_a_day_has_what_was_paid_and_given_back_with_fees(counter: Counter) -> None:
    order = await counter.paid(1250)
    await counter.wechat.refund(order.trade, "b-1", 250, 1250, "test")
    lines = await counter.wechat.bill(china(counter.clock()).date().isoformat())
    assert [(line.trade, line.refund, line.fen, line.fee_fen) for line in lines] == [
        (order.trade, "", 1250, 8),
        (order.trade, "b-1", 250, -2),
    ]
    assert await counter.wechat.bill("2020-01-01") == []


async def test_bills_with_missing_extra_and_differing_lines(counter: Counter) -> None:
    today = china(counter.clock()).date().isoformat()
    missing, extra, differing, right = [await counter.paid(100 * n) for n in (1, 2, 3, 4)]
    for order, fault in ((missing, "missing"), (extra, "extra"), (differing, "differing")):
        await counter.ask("misbehave", bill=fault, out_trade_no=order.trade)
    found = {line.trade: line.fen for line in await counter.wechat.bill(today)}
    assert found == {extra.trade: 200, extra.trade[::-1]: 200, differing.trade: 301, right.trade: 400}


async def test_a_bill_that_was_changed_on_its_way_is_not_believed(counter: Counter) -> None:
    await counter.paid()
    download = counter.wechat.client.download

    async def changing(url: str) -> bytes:
        return (await download(url)).replace(b"12.50", b"12.40")

    counter.wechat.client.download = changing  # type: ignore[method-assign]
    with pytest.raises(Untrusted, match="forged"):
        await counter.wechat.bill(china(counter.clock()).date().isoformat())


async def test_what_a_plate_owes_comes_by_itself(counter: Counter) -> None:
    order = counter.order(method="plate")
    await counter.wechat.create(order)
    await counter.wechat.create(order)
    told = await counter.next()
    assert isinstance(told, OrderSaid)
    assert (told.trade, told.state, told.fen) == (order.trade, "paid", 1250)
    assert await counter.wechat.query(order.trade, "plate") == told
    assert counter.heard.empty()


async def test_a_plate_that_may_not_or_cannot_pay_by_itself(counter: Counter) -> None:
    await counter.ask("plates", plate="粤B12345", state="BLOCKED", reason="PLATE_NUMBER_ARREARS")
    with pytest.raises(ProviderRefused, match="PLATE_NUMBER_ARREARS"):
        await counter.wechat.create(counter.order(method="plate"))

    await counter.ask("plates", plate="粤B12345", reason="NO_MONEY")
    order = counter.order(method="plate")
    await counter.wechat.create(order)
    told = await counter.next()
    assert isinstance(told, OrderSaid)
    assert told.state == "failed"


async def test_wechat_may_sign_with_a_public_key_instead_of_certificates(counter: Counter) -> None:
    newest = counter.keys.newest
    merchant = counter.merchant(wechat_key_id=newest.serial, wechat_key=public_pem(newest.private_key))
    try:
        assert (await merchant.query("0" * 32, "native")).state == "absent"
    finally:
        await merchant.close_connections()


def test_an_account_that_cannot_be_is_refused_without_saying_its_secrets() -> None:
    good = AccountForm(mchid="1", appid="a", serial="S", private_key=pem_of(new_key()), api_key="k" * 32)
    account_of(good)
    for changed in (
        {"private_key": "secret-words"},
        {"api_key": "secret-words"},
        {"wechat_key_id": "x"},
        {"mchid": ""},
    ):
        with pytest.raises(WrongAccount) as wrong:
            account_of(msgspec.structs.replace(good, **changed))
        assert "secret-words" not in str(wrong.value)
