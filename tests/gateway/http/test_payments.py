"""Payments with providers over HTTP: real actors, envoy and sandbox; what is forged or said twice changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from gateway.http.house import House
from gateway.http.limits import Buckets
from gateway.outside.sandbox.keys import Keys, new_key, pem_of
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.till import DUE_FEN, Till

PAYMENTS = "/api/v1/payments"
CHANNELS = ("wechat", "alipay", "unionpay", "aggregate")
STAYS = count(1)


@pytest.fixture
async def till(engine: AsyncEngine, database_url: str, house: House, keys: Keys, address: str) -> AsyncIterator[Till]:
    async with engine.begin() as connection:
        world = (await connection.execute(text("SELECT current_schema()"))).scalar_one()
    till = Till(database_url, world, engine, house, keys)
    await till.open(address)
    yield till
    await till.close()


def stay() -> str:
    return f"lot/{next(STAYS)}-1"


async def begin(operator: Caller, channel: str, *sessions: str, key: str = "", **more: Any) -> Said:
    body = {"sessions": list(sessions), "channel": channel, **more}
    return await operator("POST", PAYMENTS, body, **({"Idempotency_Key": key} if key else {}))


async def begun(operator: Caller, channel: str, *sessions: str) -> str:
    said = await begin(operator, channel, *sessions)
    assert said.status == 201, said.json
    return str(said.json["id"])


async def shown(operator: Caller, payment: str) -> dict[str, Any]:
    return dict((await operator.get(f"{PAYMENTS}/{payment}")).json)


async def counted(till: Till, outcome: str, n: int = 1) -> None:
    async def enough() -> bool:
        return till.outcomes().get(outcome, 0) >= n

    await till.until(enough, f"{outcome} is counted {n} times: {till.outcomes()}")


async def in_state(till: Till, operator: Caller, payment: str, state: str) -> dict[str, Any]:
    async def so() -> bool:
        return (await shown(operator, payment))["state"] == state

    await till.until(so, f"{payment} is {state}: {await shown(operator, payment)}")
    return await shown(operator, payment)


@pytest.mark.feature("FIN-27")
@pytest.mark.parametrize("channel", CHANNELS)
async def test_a_callback_moves_money_once_and_a_forged_or_repeated_one_nothing(
    till: Till, operator: Caller, channel: str
) -> None:
    one, other = stay(), stay()
    payment = await begun(operator, channel, one, other)
    assert (await shown(operator, payment))["code_url"]

    for n, (wrong, reason) in enumerate((("forged", "forged"), ("stale", "stale"), ("other_amount", "amount"))):
        await till.ask("misbehave", notify=wrong)
        await (till.ask("notify", channel=channel, out_trade_no=payment) if n else _paid(till, channel, payment))
        await counted(till, reason)
        assert (await till.came(one)).times == 0
        assert (await shown(operator, payment))["state"] == "created"

    for n in range(1, 4):
        await till.ask("notify", channel=channel, out_trade_no=payment)
        await counted(till, "taken", n)
    assert await till.came(one) == await till.came(other)
    assert ((await till.came(one)).times, (await till.came(one)).fen) == (1, DUE_FEN)
    said = await shown(operator, payment)
    assert (said["state"], said["paid_fen"]) == ("paid", 2 * DUE_FEN)
    refused = (await operator.get(f"/api/v1/refused-notifications?channel={channel}")).json["items"]
    assert {row["reason"] for row in refused} == {"forged", "stale", "amount"}


async def _paid(till: Till, channel: str, payment: str) -> None:
    await till.ask("pay", channel=channel, out_trade_no=payment)


async def test_what_contradicts_is_on_the_list_of_alarms_until_staff_have_looked(
    till: Till, operator: Caller, house: House
) -> None:
    payment = await begun(operator, "wechat", stay())
    await till.ask("misbehave", notify="other_amount")
    await _paid(till, "wechat", payment)
    await counted(till, "amount")

    async def alarmed() -> bool:
        return payment in {one.id for one in (await house.history.aside(0)).payments}

    await till.until(alarmed, "it is an alarm")
    said = await operator("POST", f"{PAYMENTS}/{payment}/settle", {"note": "they had misread it"})
    assert (said.status, said.json["trouble"]) == (200, "")

    async def over() -> bool:
        return not await alarmed()

    await till.until(over, "it is none any more")
    await till.ask("misbehave", notify="other_amount")
    await till.ask("notify", channel="wechat", out_trade_no=payment)
    await counted(till, "amount", 2)


async def test_of_an_address_that_says_only_wrong_things_not_all_is_kept_but_all_is_counted(
    till: Till, caller: Caller, house: House, operator: Caller
) -> None:
    house.cashier.doubts = Buckets(per_s=0.001, burst=3)
    before = len((await operator.get("/api/v1/refused-notifications?limit=500")).json["items"])
    for _ in range(5):
        async with caller.session.post(f"{PAYMENTS}/notify/wechat", data=b"{}") as said:
            assert (said.status, (await said.json())["code"]) == (401, "FAIL")
    assert till.outcomes() == {"unsigned": 5}
    assert len((await operator.get("/api/v1/refused-notifications?limit=500")).json["items"]) == before + 3


@pytest.mark.parametrize("wrong", ["other_currency", "other_merchant", "unknown_key", "unreadable"])
@pytest.mark.parametrize("channel", CHANNELS)
async def test_every_other_bad_notification_is_counted_and_kept_too(
    till: Till, operator: Caller, channel: str, wrong: str
) -> None:
    here = stay()
    payment = await begun(operator, channel, here)
    await till.ask("misbehave", notify=wrong)
    await _paid(till, channel, payment)
    reasons = {"other_currency": ("currency",), "other_merchant": ("wrong_merchant",), "unreadable": ("unreadable",)}
    reason = reasons.get(wrong, ("unknown_key",) if channel == "wechat" else ("forged",))[0]
    await counted(till, reason)
    assert (await till.came(here)).times == 0

    async def kept() -> bool:
        rows = (await operator.get(f"/api/v1/refused-notifications?channel={channel}&reason={reason}")).json["items"]
        return bool(rows and rows[0]["body"])

    await till.until(kept, "what was counted is kept, a moment later")


async def test_what_nobody_began_is_not_taken(till: Till, operator: Caller, keys: Keys) -> None:
    payment = await begun(operator, "wechat", stay())
    order = till.sandbox.book.orders["wechat", payment]
    till.sandbox.book.put_order(order, trade="f" * 32)
    await _paid(till, "wechat", "f" * 32)
    await counted(till, "unknown_payment")
    assert (await operator.get(f"{PAYMENTS}/{'f' * 32}")).status == 404


async def test_without_a_notification_the_provider_is_asked_and_money_comes_once(till: Till, operator: Caller) -> None:
    here = stay()
    payment = await begun(operator, "wechat", here)
    await till.ask("misbehave", notify="lost")
    await _paid(till, "wechat", payment)
    await in_state(till, operator, payment, "paid")
    await till.ask("notify", out_trade_no=payment)
    await counted(till, "taken")
    assert (await till.came(here)).times == 1


async def test_whoever_asks_dies_before_the_order_is_made_and_asking_again_goes_on(
    till: Till, operator: Caller
) -> None:
    here = stay()
    await till.ask("misbehave", answer="silent", seconds=0, times=4)
    said = await begin(operator, "wechat", here, key="one")
    assert (said.status, said.code) == (503, "provider_away")
    payment = said.json["details"]["payment"]
    assert (await shown(operator, payment))["state"] == "started"
    await till.ask("behave")
    again = await begin(operator, "wechat", here, key="one")
    assert (again.status, again.json["id"], again.json["state"]) == (201, payment, "created")
    await _paid(till, "wechat", payment)
    await in_state(till, operator, payment, "paid")
    assert (await till.came(here)).times == 1


@pytest.mark.parametrize("channel", CHANNELS)
async def test_asking_again_for_what_was_paid_unheard_finds_it_paid(till: Till, operator: Caller, channel: str) -> None:
    here, key = stay(), f"unheard-{channel}"
    first = await begin(operator, channel, here, key=key)
    await till.ask("misbehave", notify="lost")
    await _paid(till, channel, first.json["id"])
    again = await begin(operator, channel, here, key=key)
    assert (again.json["id"], again.json["state"]) == (first.json["id"], "paid")
    assert (await till.came(here)).times == 1


async def test_the_same_key_is_the_same_payment_and_another_stay_under_it_is_refused(
    till: Till, operator: Caller
) -> None:
    here = stay()
    first, second = [await begin(operator, "wechat", here, key="two") for _ in range(2)]
    assert (first.json["id"], first.json["code_url"]) == (second.json["id"], second.json["code_url"])
    other = await begin(operator, "wechat", stay(), key="two")
    assert (other.status, other.json["details"]["refused"]) == (409, "payment_taken")


async def test_stays_are_billed_all_or_none(till: Till, operator: Caller) -> None:
    one = stay()
    said = await begin(operator, "wechat", one, "lot/free")
    assert (said.status, said.json["details"]["refused"]) == (409, "nothing_due")
    assert (await till.came(one)).closed == 1
    assert (await begin(operator, "wechat", one, one)).code == "invalid_body"


async def test_a_payment_that_is_called_off_is_closed_at_the_provider(till: Till, operator: Caller) -> None:
    here = stay()
    payment = await begun(operator, "wechat", here)
    assert (await operator("POST", f"{PAYMENTS}/{payment}/cancel", {})).status == 200
    await in_state(till, operator, payment, "cancelled")
    assert till.sandbox.book.orders["wechat", payment].state == "closed"
    assert (await till.came(here)).closed == 1


@pytest.mark.parametrize("channel", CHANNELS)
async def test_parts_go_back_and_two_at_once_that_fit_only_alone_give_one(
    till: Till, operator: Caller, channel: str
) -> None:
    here = stay()
    payment = await begun(operator, channel, here)
    await _paid(till, channel, payment)
    await in_state(till, operator, payment, "paid")
    await asyncio.gather(*(till.give_back(here, payment, n, 700) for n in (1, 2)))

    async def gone() -> bool:
        return bool((await shown(operator, payment))["refunded_fen"] == 700)

    await till.until(gone, "one of them went back")
    said = await shown(operator, payment)
    assert [(back["fen"], back["state"]) for back in said["backs"]] == [(700, "done")]
    assert (said["refunding_fen"], said["trouble"]) == (0, "refund_declined")
    assert [back.fen for back in till.sandbox.book.refunds_of(channel, payment)] == [700]


async def test_a_refund_that_failed_is_asked_for_again_by_staff(till: Till, operator: Caller) -> None:
    here = stay()
    payment = await begun(operator, "wechat", here)
    await _paid(till, "wechat", payment)
    await in_state(till, operator, payment, "paid")
    await till.ask("misbehave", refunds="fail")
    await till.give_back(here, payment, 1, 250)

    async def is_(trouble: str, refunded: int) -> bool:
        said = await shown(operator, payment)
        return (said["trouble"], said["refunded_fen"]) == (trouble, refunded)

    await till.until(lambda: is_("refund_failed", 0), "it failed")
    assert (await operator("POST", f"{PAYMENTS}/{payment}/refunds/1/retry", {})).status == 200
    await till.until(lambda: is_("", 250), "it went back")
    assert (await operator("POST", f"{PAYMENTS}/{payment}/refunds/2/retry", {})).status == 409


@pytest.mark.feature("WXM-05")
async def test_every_wechat_order_is_listed_those_that_failed_included(till: Till, operator: Caller) -> None:
    paid = await begun(operator, "wechat", stay())
    await _paid(till, "wechat", paid)
    off = await begun(operator, "wechat", stay())
    await operator("POST", f"{PAYMENTS}/{off}/cancel", {})
    jsapi = await begin(operator, "wechat", stay(), method="jsapi", openid="oPayer")
    assert jsapi.json["prepay"]["package"].startswith("prepay_id=")
    await begun(operator, "alipay", stay())

    async def all_there() -> bool:
        found = {row["id"]: row["state"] for row in await lines(operator)}
        return (found.get(paid), found.get(off), found.get(jsapi.json["id"])) == ("paid", "cancelled", "created")

    await till.until(all_there, "they are listed as they stand")
    found = {row["id"]: row for row in await lines(operator)}
    line = found[paid]
    columns = (line["fen"], line["paid_fen"], line["follows"], line["kind"], line["bank"], line["use"])
    assert columns == (DUE_FEN, DUE_FEN, None, "native", "OTHERS", "停车费")
    assert line["openid"]
    assert (found[off]["paid_fen"], found[off]["state"]) == (0, "cancelled")
    assert found[jsapi.json["id"]]["kind"] == "jsapi"
    assert {row["channel"] for row in found.values()} == {"wechat"}


async def lines(operator: Caller) -> list[dict[str, Any]]:
    """All lines of WeChat, page by page."""
    found: list[dict[str, Any]] = []
    after = ""
    while True:
        page = (await operator.get(f"{PAYMENTS}?channel=wechat&limit=2&after={after}")).json
        found += page["items"]
        after = page["next"]
        if not after:
            return found


async def test_an_account_is_saved_used_for_the_next_call_and_its_secrets_cannot_be_read_back(
    till: Till, operator: Caller, house: House, keys: Keys, engine: AsyncEngine
) -> None:
    file: Path = house.cashier.merchants._files[0]
    secrets = [keys.merchant_key, keys.api_key, keys.plain_secret]
    wrong = {"fields": {"private_key": pem_of(new_key())}}
    assert (await operator("PUT", "/api/v1/merchants/wechat", wrong)).status == 200
    said = await begin(operator, "wechat", stay())
    assert (said.status, said.code) == (503, "provider_away")  # the sandbox does not know this signature
    other = {"fields": {"private_key": keys.merchant_key, "appid": "wx-of-another"}}
    assert (await operator("PUT", "/api/v1/merchants/wechat", other)).status == 200
    said = await begin(operator, "wechat", stay())
    assert (said.status, said.code) == (409, "provider_refused")
    right = {"fields": {"private_key": keys.merchant_key, "appid": keys.appid}}
    answer = await operator("PUT", "/api/v1/merchants/wechat", right)
    assert answer.json["fields"]["mchid"] == keys.mchid
    await begun(operator, "wechat", stay())

    listed = await operator.get("/api/v1/merchants")
    for shown in (answer.body, listed.body):
        assert not [secret for secret in secrets if msgspec.json.encode(secret)[1:-1] in shown]
    assert {row["channel"] for row in listed.json["items"]} == set(CHANNELS)
    assert (await asyncio.to_thread(file.stat)).st_mode & 0o077 == 0
    bad = await operator("PUT", "/api/v1/merchants/wechat", {"fields": {"api_key": "short"}})
    assert (bad.status, bad.code) == (400, "invalid_body")


async def test_a_channel_without_an_account_is_refused(operator: Caller, house: House) -> None:
    said = await begin(operator, "wechat", stay())
    assert (said.status, said.code) == (409, "no_merchant")
    answer = await operator("POST", f"{PAYMENTS}/notify/wechat", b"{}")
    assert (answer.status, answer.code) == (404, "not_found")
