"""Collectors sign in on one device, begin shifts on sections that are theirs alone, and hand their cash over."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from actors.values import MINUTE_US
from gateway.http.session import WRONG_MOST
from storage.schema.books import ledger_lines
from tests.gateway.http.callers import Caller, Clock
from tests.gateway.http.houses import PASSWORD
from tests.gateway.http.streets import PDA, Collector, Street


async def hire(street: Street, caller: Caller, name: str, device: str = "") -> Collector:
    await street.hired(name)
    return Collector(street, caller, name, device or f"device-{name}")


@pytest.mark.feature("PDA-02")
async def test_a_right_pair_gives_a_token_and_wrong_ones_lock(street: Street, caller: Caller, clock: Clock) -> None:
    li = await hire(street, caller, "li-tries")
    assert (await li.sign_in()).json["session"]["access_token"]
    assert (await li.caller.get(f"{PDA}/shifts")).status == 200
    for n in range(WRONG_MOST):
        said = await li.sign_in("wrong")
        assert said.code == ("account_locked" if n == WRONG_MOST - 1 else "wrong_credentials")
    locked = await li.sign_in()
    assert (locked.code, locked.status) == ("account_locked", 429), "not even the right one helps"
    assert 0 < int(locked.headers["Retry-After"]) <= 15 * 60
    clock.ahead_us += 16 * MINUTE_US
    assert (await li.sign_in()).status == 200


@pytest.mark.feature("PDA-03")
async def test_a_second_device_hears_the_name_of_the_first_which_stays(street: Street, caller: Caller) -> None:
    li = await hire(street, caller, "li-twice", "red")
    await li.sign_in()
    second = await Collector(street, caller, "li-twice", "blue").sign_in()
    assert (second.status, second.code) == (409, "online_elsewhere")
    assert second.json["details"]["device_name"] == "PDA of red"
    assert (await li("POST", "presence", {"device": "red"})).status == 200
    assert (await li("POST", "sign-out", {"device": "red"})).status == 200
    assert (await Collector(street, caller, "li-twice", "blue").sign_in()).status == 200


@pytest.mark.feature("PDA-24")
async def test_of_two_who_sign_in_at_once_one_gets_all_and_the_other_hears_who(street: Street, caller: Caller) -> None:
    both = [await hire(street, caller, name) for name in ("li-race", "wu-race")]
    for each in both:
        await each.sign_in()
    said = await asyncio.gather(both[0].begin("L0", "L1"), both[1].begin("L1", "L0"))
    assert sorted(each.status for each in said) == [201, 409]
    winner = both[0 if said[0].status == 201 else 1]
    (lost,) = [each for each in said if each.status == 409]
    assert (lost.code, lost.json["details"]["name"]) == ("section_taken", winner.name)
    assert (await winner.end()).status == 200
    loser = both[1 if winner is both[0] else 0]
    assert (await loser.begin("L0", "L1")).status == 201, "nothing of the lost race is left behind"
    await loser.end()


@pytest.mark.feature("PDA-14")
async def test_signing_in_and_out_with_place_and_picture_is_attendance(
    street: Street, caller: Caller, operator: Caller
) -> None:
    li = await hire(street, caller, "li-works")
    await li.sign_in()
    began = await li.begin("L0", lon=104.1, lat=30.6, picture="e-in")
    assert began.json["closed_us"] is None
    assert (await li.begin("L0")).json["id"] == began.json["id"], "said again it is the same shift"
    assert (await li.begin("L1")).code == "shift_open"
    await li("POST", "shift/end", {"device": li.device, "lon": 104.2, "place": "对面", "picture": "e-out"})
    assert (await li.end()).code == "no_shift"
    await street.told()
    (row,) = [row for row in (await operator.get("/api/v1/attendance")).json["items"] if row["name"] == "li-works"]
    assert (row["lots"], row["opened_place"], row["opened_picture"], row["opened_lon"]) == (
        "L0",
        "口岸路",
        "e-in",
        104.1,
    )
    assert (row["closed_place"], row["closed_picture"], row["closed_lon"]) == ("对面", "e-out", 104.2)
    assert row["opened_us"] <= row["closed_us"]


async def test_a_supervisor_ends_a_shift_and_the_sessions_of_its_device(
    street: Street, caller: Caller, operator: Caller
) -> None:
    li = await hire(street, caller, "li-gone")
    session = (await li.sign_in()).json["session"]
    await li.begin("L1")
    user = await street.house.users.named("li-gone")
    assert user
    said = await operator("POST", f"/api/v1/collectors/{user.id}/sign-out", {"reason": "went home"})
    assert (said.json["by"], said.json["why"]) == ("operator", "went home")
    assert (await li.begin("L1")).code == "not_online"
    again = await caller("POST", "/api/v1/session/refresh", {"refresh_token": session["refresh_token"]})
    assert again.code == "session_over"
    wu = await hire(street, caller, "wu-next")
    await wu.sign_in()
    assert (await wu.begin("L1")).status == 201
    await street.told()
    assert [row["id"] for row in (await wu.get("sections"))["items"]] == ["L1"]
    freed = await operator("POST", "/api/v1/sections/L1/release", {"reason": "wrong section"})
    assert freed.json["collector"] is None
    for _ in range(100):
        if not (await wu.get("sections"))["items"]:
            break
    else:
        raise AssertionError("the section is still shown as theirs")


@pytest.mark.feature("EXT-30")
async def test_cash_is_counted_by_both_and_the_difference_is_booked(
    street: Street, caller: Caller, engine: AsyncEngine
) -> None:
    li = await hire(street, caller, "li-cash")
    await li.sign_in()
    await li.begin("L0")
    await street.came("L0-0", 60)
    session = (await li.plate("L0-0")).json["session"]
    assert (await li.pay(session, 500)).status == 200
    assert (await li("POST", "cash", {"counted_fen": 450})).json["offered_fen"] == 450
    cashier = await caller.signed_in("cashier", PASSWORD)
    user = await street.house.users.named("li-cash")
    assert user
    path = f"/api/v1/collectors/{user.id}/cash"
    assert (await cashier("POST", path, {"counted_fen": 500})).code == "count_differs"
    took = await cashier("POST", path, {"counted_fen": 450}, Idempotency_Key="take-1")
    again = await cashier("POST", path, {"counted_fen": 450}, Idempotency_Key="take-1")
    assert took.json["cash_fen"] == again.json["cash_fen"] == 0
    await street.told()
    (row,) = [r for r in (await cashier.get("/api/v1/hand-overs")).json["items"] if r["collector"] == user.id]
    assert (row["counted_fen"], row["expected_fen"], row["operator"]) == (450, 500, "north")
    assert 0 < row["offered_us"] <= row["at_us"]
    async with engine.connect() as connection:
        fens = await connection.execute(select(ledger_lines.c.account, ledger_lines.c.fen))
        lines = [tuple(line) for line in fens if line.account in ("bank", "over_short", f"cash:{user.id}")]
    assert sorted(lines) == [("bank", 450), (f"cash:{user.id}", -500), (f"cash:{user.id}", 500), ("over_short", 50)]
    cashier_user = await street.house.users.named("cashier")
    assert cashier_user
    assert row["by"] == cashier_user.id
    await li.end()
