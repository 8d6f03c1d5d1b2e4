"""Campaigns over HTTP: limits in a rush, the fixed code, gifts, and what coupons take off."""

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from actors.messages.account import (
    AccountAnswer,
    AccountQuery,
    BindPlate,
    OpenTopUp,
)
from actors.messages.account_facts import CouponUsed
from actors.messages.money import Settle
from actors.values import DAY_US, Ref
from tests.gateway.http.callers import Caller, Said
from tests.gateway.http.quarter import Quarter

Known = Callable[[str, str], Caller]


def key() -> str:
    return uuid4().hex


async def campaign(operator: Caller, **terms: Any) -> tuple[str, str]:
    """A campaign of its own for each test: its id, and what its code carries."""
    id = f"c-{uuid4().hex[:8]}"
    plain = {"name": "spring", "kind": "amount", "amount_fen": 300, "words": "3 yuan off"}
    said = await operator("POST", "/api/v1/campaigns", {"id": id, "terms": {**plain, **terms}})
    assert said.status == 201, said.json
    return id, said.json["code"]


def outcome(said: Said) -> str:
    return "ok" if said.status == 201 else str(said.json["details"].get("refused", said.code))


async def claim(owner: Caller, code: str) -> Said:
    return await owner("POST", "/api/v1/own/coupons", {"code": code}, Idempotency_Key=key())


async def held(quarter: Quarter, account: str) -> list[str]:
    answer = await quarter.ask(Ref("account", account), AccountQuery())
    assert isinstance(answer, AccountAnswer)
    return [each.coupon for each in answer.face.coupons]


@pytest.mark.feature("MKT-08")
@pytest.mark.parametrize(
    ("limits", "people", "granted", "why"),
    [
        ({"total": 20}, 50, 20, "coupons_gone"),
        ({"per_day": 7}, 50, 7, "day_limit"),
        ({"per_person": 3}, 1, 3, "person_limit"),
        ({"per_person_per_day": 2}, 1, 2, "person_day_limit"),
        ({"until_us": 1}, 50, 0, "campaign_over"),
        ({"from_us": 1 << 52}, 50, 0, "campaign_closed"),
    ],
)
async def test_each_limit_alone_holds_when_50_claims_come_at_once(
    operator: Caller, known: Known, quarter: Quarter, limits: dict[str, int], people: int, granted: int, why: str
) -> None:
    id, code = await campaign(operator, **limits)
    owners = [known(f"o{n % people}", "owner") for n in range(50)]
    said = await asyncio.gather(*(claim(owner, code) for owner in owners))
    assert Counter(map(outcome, said)) == Counter({"ok": granted, why: 50 - granted}) - Counter()
    assert (await operator.get(f"/api/v1/campaigns/{id}")).json["issued"] == granted
    (line,) = [e for e in (await operator.get("/api/v1/campaigns?limit=500")).json["items"] if e["id"] == id]
    assert line["issued"] == granted


async def test_a_day_later_there_are_coupons_again(operator: Caller, known: Known, quarter: Quarter) -> None:
    _, code = await campaign(operator, per_person_per_day=1)
    anna = known("anna", "owner")
    assert [outcome(await claim(anna, code)) for _ in range(2)] == ["ok", "person_day_limit"]
    await quarter.after(24 * 60)
    assert outcome(await claim(anna, code)) == "ok"


@pytest.mark.feature("MKT-09", "OWN-12")
async def test_the_code_gives_whoever_scans_it_one_coupon_with_its_rule(
    operator: Caller, known: Known, quarter: Quarter
) -> None:
    id, code = await campaign(operator, per_person=1, good_days=10)
    anna = known("anna", "owner")
    first, again = [await anna("POST", "/api/v1/own/coupons", {"code": code}, Idempotency_Key="scan") for _ in range(2)]
    assert first.status == 201, first.json
    assert (first.status, first.json) == (201, again.json)
    coupon = first.json
    assert (coupon["campaign"], coupon["words"], coupon["amount_fen"]) == (id, "3 yuan off", 300)
    assert abs(coupon["until_us"] - quarter.clock() - 10 * DAY_US) < 60_000_000
    assert coupon["id"] in await held(quarter, "anna")
    assert outcome(await claim(anna, code)) == "person_limit"
    assert (await claim(anna, f"{id}.guessed")).code == "not_found"
    assert (await claim(anna, "nothing.at-all")).code == "not_found"
    await quarter.ask(Ref("account", "anna"), BindPlate("京A12345"))
    session = await quarter.parked("京A12345", "7/b1")
    assert await quarter.due_of(session, "7/b1", 40) == 500
    assert await paid_with(anna, quarter, session, coupon["id"]) == 200


async def paid_with(anna: Caller, quarter: Quarter, session: Ref, coupon: str) -> int:
    """What anna's wallet pays for a stay with her coupon; the coupon is used up by it, once."""
    account = Ref("account", "anna")
    await quarter.ask(account, OpenTopUp("t", 5_000))
    await quarter.ask(account, Settle("t", "wechat", 5_000, quarter.clock()))
    body = {"way": "wallet", "stays": [session.key], "coupons": [coupon]}
    first, again = [await anna("POST", "/api/v1/own/payments", body, Idempotency_Key="pay") for _ in range(2)]
    assert first.status == 201, first.json
    assert (first.status, first.json["state"], again.status, again.json["fen"]) == (201, "paid", 201, first.json["fen"])
    face = quarter.stay(session).face
    assert (face.state, face.due_fen) == ("paid" if first.json["fen"] else "free", 0)
    assert face.received_fen == first.json["fen"]
    assert coupon not in await held(quarter, "anna")
    used = quarter.said(account, CouponUsed)
    assert [(fact.coupon, fact.session) for fact in used] == [(coupon, session.key)]
    return int(first.json["fen"])


@pytest.mark.feature("MKT-10")
async def test_a_plate_without_account_gets_its_coupon_when_it_is_bound(operator: Caller, quarter: Quarter) -> None:
    id, _ = await campaign(operator)
    address, plate = f"/api/v1/campaigns/{id}/gifts", "京A77771"
    coupon = (await operator("POST", address, {"plate": plate}, Idempotency_Key=key())).json["id"]
    assert await held(quarter, "dora") == []
    await quarter.ask(Ref("account", "dora"), BindPlate(plate))
    assert await held(quarter, "dora") == [coupon]
    second = (await operator("POST", address, {"plate": plate}, Idempotency_Key=key())).json["id"]
    third = (await operator("POST", address, {"account": "dora"}, Idempotency_Key=key())).json["id"]
    assert await held(quarter, "dora") == [coupon, second, third]
    for wrong in ({}, {"account": "dora", "plate": plate}):
        said = await operator("POST", address, wrong, Idempotency_Key=key())
        assert (said.code, said.json["details"]["path"]) == ("invalid_body", "$.account")


async def discounted(operator: Caller, known: Known, quarter: Quarter, **terms: Any) -> int:
    """What a stay of 10.00 costs who has claimed a coupon of these terms."""
    _, code = await campaign(operator, **terms)
    anna = known("anna", "owner")
    coupon = (await claim(anna, code)).json["id"]
    await quarter.ask(Ref("account", "anna"), BindPlate("京A12345"))
    session = await quarter.parked("京A12345", "7/b1")
    assert await quarter.due_of(session, "7/b1", 110) == 1000
    return await paid_with(anna, quarter, session, coupon)


@pytest.mark.feature("MKT-04")
@pytest.mark.parametrize(("fen", "due"), [(300, 700), (9_000, 0)])
async def test_an_amount_is_taken_off_but_not_below_zero(
    operator: Caller, known: Known, quarter: Quarter, fen: int, due: int
) -> None:
    assert await discounted(operator, known, quarter, amount_fen=fen) == due


@pytest.mark.feature("MKT-05")
@pytest.mark.parametrize(("rate", "most_fen", "due"), [("0.85", None, 850), ("0.3335", None, 334), ("0.5", 200, 800)])
async def test_a_rate_of_the_price_is_left_rounded_half_up(
    operator: Caller, known: Known, quarter: Quarter, rate: str, most_fen: int | None, due: int
) -> None:
    assert await discounted(operator, known, quarter, kind="percent", rate=rate, most_fen=most_fen) == due


@pytest.mark.feature("MKT-06")
async def test_a_full_coupon_makes_the_stay_free_and_is_used_up(
    operator: Caller, known: Known, quarter: Quarter
) -> None:
    assert await discounted(operator, known, quarter, kind="full") == 0


@pytest.mark.feature("MKT-07")
async def test_minutes_shorten_the_stay_that_is_priced(operator: Caller, known: Known, quarter: Quarter) -> None:
    assert await discounted(operator, known, quarter, kind="minutes", minutes=45) == 750


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"amount_fen": 0}, "$.terms.kind"),
        ({"kind": "percent", "rate": "1"}, "$.terms.kind"),
        ({"kind": "minutes"}, "$.terms.kind"),
        ({"zone": "Mars/North"}, "$.terms.zone"),
        ({"from_us": 9, "until_us": 8}, "$.terms.until_us"),
    ],
)
async def test_coupons_that_are_good_for_nothing_are_refused(
    operator: Caller, quarter: Quarter, wrong: dict[str, Any], path: str
) -> None:
    plain = {"name": "x", "kind": "amount", "amount_fen": 300}
    said = await operator("POST", "/api/v1/campaigns", {"id": "x", "terms": {**plain, **wrong}})
    assert (said.code, said.json["details"]["path"]) == ("invalid_body", path)


async def test_a_campaign_is_changed_and_stopped_and_keeps_its_code(
    operator: Caller, known: Known, quarter: Quarter
) -> None:
    id, code = await campaign(operator)
    address, anna = f"/api/v1/campaigns/{id}", known("anna", "owner")
    known_terms = (await operator.get(address)).json["terms"]
    said = await operator("PUT", address, {"terms": {**known_terms, "off": True}})
    assert said.json["code"] == code
    assert outcome(await claim(anna, code)) == "campaign_closed"
    other = {"id": id, "terms": {**known_terms, "name": "other"}}
    assert (await operator("POST", "/api/v1/campaigns", other)).code == "id_taken"
    assert (await operator("PUT", "/api/v1/campaigns/none", {"terms": known_terms})).code == "not_found"
