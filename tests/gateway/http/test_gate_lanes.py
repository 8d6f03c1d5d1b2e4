"""Cars at lanes: a camera speaks by MQTT, barrier and screen hear it; people do their part over HTTP."""

import asyncio
from typing import Any

import pytest

from actors.messages.lane_facts import CarTurnedAway
from actors.messages.ownership import BindOwner
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.values import HOUR_US, Ref
from tests.gateway.http.gated import LOT, OTHER, PLATE, Gated, engine, home, mall
from tests.gateway.lanes.yard import WAIT_S

__all__ = ["engine", "home", "mall"]


async def stay(mall: Gated, session: str) -> SessionAnswer:
    """A stay as its actor says."""
    answer = await mall.town.ask(Ref("session", session), SessionQuery())
    assert isinstance(answer, SessionAnswer)
    return answer


async def listed(mall: Gated, plate: str, which: str, hours: float, **more: Any) -> None:
    """Staff put a plate on a list from now on, for so many hours."""
    now = mall.clock()
    body = {"list": which, "from_us": now, "until_us": now + int(hours * HOUR_US), **more}
    said = await mall.post(f"/vehicles/{plate}/lists", body, "operator")
    assert said.status in (200, 201), said.json


@pytest.mark.feature("OFF-03")
async def test_who_may_come_in_finds_the_gate_open_and_who_may_not_reads_why(mall: Gated) -> None:
    mall.ruled(capacity=2, refuse_arrears=True)
    await mall.enters()
    assert list(mall.inside()) == [PLATE]
    await listed(mall, "粤B00001", "black", 1)
    assert (await mall.reads("粤B00001", "in", "black")).plate == "粤B00001"
    mall.ruled(capacity=2)
    await mall.enters(OTHER)
    await mall.later(50)
    await mall.reads(OTHER, "out", "pay")
    lifted = {"reason": "jam", "picture": await mall.picture()}
    assert (await mall.post(f"/lanes/{mall.lanes['out']}/lift", lifted)).status == 204
    await mall.yard.until(lambda: mall.yard.opened("bar-out"))
    mall.ruled(capacity=1, refuse_arrears=True)
    await mall.later(120)
    owing = await mall.reads(OTHER, "in", "arrears")
    assert owing.fen == 500
    mall.ruled(capacity=1)
    await mall.reads("粤B00002", "in", "full")
    assert len(mall.yard.opened("bar-in")) == 2, "only those two came in"
    assert [fact.why for fact in mall.town.said(Ref("lot", LOT), CarTurnedAway)] == ["black", "arrears", "full"]
    assert list(mall.inside()) == [PLATE]


@pytest.mark.feature("OFF-04")
async def test_the_exit_shows_the_price_and_stays_shut_until_it_is_paid(mall: Gated) -> None:
    await mall.enters()
    await mall.enters(OTHER)
    await mall.later(10)
    await mall.reads(OTHER, "out", "goodbye")
    assert len(mall.yard.opened("bar-out")) == 1, "within the free time"
    await mall.later(80)
    shown = await mall.reads(PLATE, "out2", "pay")
    assert shown.fen == 1000
    there = await mall.get(f"/gate-codes/{shown.code}", "")
    assert there["car"]["due_fen"] == 1000
    assert mall.yard.opened("bar-out2") == []
    await mall.pays(mall.inside()[PLATE], 1000)
    await mall.shows("out2", "goodbye")
    assert len(mall.yard.opened("bar-out2")) == 1
    assert mall.inside() == {}
    assert (await mall.get(f"/gate-codes/{shown.code}", ""))["car"] is None, "nothing is due any more"


@pytest.mark.feature("OFF-05")
async def test_who_prepaid_leaves_within_the_limit_and_pays_on_from_the_payment_after_it(mall: Gated) -> None:
    for plate in (PLATE, OTHER):
        await mall.enters(plate)
    await mall.later(90)
    for plate in (PLATE, OTHER):
        (bill,) = (await mall.get(f"/plates/{plate}/bills", ""))["items"]
        assert bill["due_fen"] == 1000
        await mall.pays(mall.inside()[plate], 1000)
        assert (await mall.get(f"/plates/{plate}/bills", ""))["items"] == []
    await mall.later(10)
    await mall.reads(PLATE, "out", "goodbye")
    await mall.later(60)
    (bill,) = (await mall.get(f"/plates/{OTHER}/bills", ""))["items"]
    assert bill["due_fen"] == 500, "from the payment on, by the tariff"
    assert (await mall.reads(OTHER, "out", "pay")).fen == 500
    code = (await mall.get(f"/lanes/{mall.lanes['out']}/code", "operator"))["code"]
    assert (await mall.get(f"/gate-codes/{code}", ""))["car"]["due_fen"] == 500


@pytest.mark.feature("ARR-08")
async def test_arrears_in_one_lot_keep_the_gate_of_another_shut_until_they_are_paid(mall: Gated) -> None:
    mall.ruled(refuse_arrears=True)
    street = await mall.owes_on_the_street(PLATE, 90)
    refused = await mall.reads(PLATE, "in", "arrears")
    assert (refused.plate, refused.fen) == (PLATE, 1000)
    assert (mall.yard.opened("bar-in"), mall.inside()) == ([], {})
    paid = await mall.post(f"/arrears/{street}/payments", {"channel": "cash", "fen": 1000}, "cashier")
    assert (paid.status, paid.json["due_fen"]) == (200, 0), paid.json
    await mall.enters()
    assert list(mall.inside()) == [PLATE]
    assert (await mall.shows("in", "welcome")).fen == 0


async def test_where_arrears_keep_nobody_out_the_screen_still_says_how_much(mall: Gated) -> None:
    await mall.owes_on_the_street(PLATE, 90)
    welcome = await mall.reads(PLATE, "in", "welcome")
    assert (welcome.plate, welcome.fen) == (PLATE, 1000)
    assert (len(mall.yard.opened("bar-in")), list(mall.inside())) == (1, [PLATE])
    assert (await mall.reads(OTHER, "in", "welcome")).fen == 0


async def test_a_lane_that_let_a_car_out_alone_tells_its_picture(mall: Gated) -> None:
    mall.ruled(exit_fallback="open")
    await mall.learned()
    await mall.enters()
    picture, mall.line.broken = await mall.picture(), "cut"
    await mall.reads(PLATE, "out", "goodbye", picture=picture)
    mall.line.broken = ""
    async with asyncio.timeout(WAIT_S):
        await mall.yard.site.drained()
    (row,) = (await mall.get("/lane-passages?direction=out"))["items"]
    assert (row["plate"], row["outcome"], row["why"], row["picture"]) == (PLATE, "out", "alone", picture)


@pytest.mark.feature("REC-03")
async def test_each_vehicle_that_a_lane_saw_is_a_record_with_picture_lane_and_time(mall: Gated) -> None:
    entry, exit_ = await mall.picture(), await mall.picture()
    came = mall.clock()
    await mall.enters(picture=entry)
    await listed(mall, "粤B00001", "black", 1)
    await mall.reads("粤B00001", "in", "black")
    await mall.later(90)
    went = mall.clock()
    await mall.reads(PLATE, "out2", "pay", picture=exit_)
    (waiting,) = (await mall.get("/lane-passages?direction=out"))["items"]
    session = mall.inside()[PLATE]
    assert (waiting["outcome"], waiting["session"], waiting["picture"]) == ("waiting", session, exit_)
    await mall.pays(session, 1000)
    await mall.shows("out2", "goodbye")
    rows = (await mall.get("/lane-passages"))["items"]
    assert [(row["lane"], row["entering"], row["plate"], row["outcome"]) for row in rows] == [
        (mall.lanes["out2"], False, PLATE, "out"),
        (mall.lanes["in"], True, "粤B00001", "away"),
        (mall.lanes["in"], True, PLATE, "in"),
    ]
    assert [(row["picture"], row["why"]) for row in rows] == [(exit_, ""), ("", "black"), (entry, "")]
    assert came <= rows[2]["seen_us"] <= rows[1]["seen_us"] < went <= rows[0]["seen_us"]
    (only,) = (await mall.get("/lane-passages?direction=in&plate=" + PLATE))["items"]
    assert only == rows[2]
    assert (await mall.get(f"/lane-passages?from_us={went}"))["items"] == rows[:1]
    pages, after = [], ""
    while after is not None:
        page = await mall.get(f"/lane-passages?limit=1&after={after}")
        pages += page["items"]
        after = page["next"]
    assert pages == rows
    said = await mall.as_("service").get("/api/v1/lane-passages?after=bm90IGEga2V5")
    assert (said.status, said.code) == (400, "invalid_query")


@pytest.mark.feature("VEH-02")
async def test_a_black_plate_stays_out_for_its_time_and_the_desk_is_alerted(mall: Gated) -> None:
    await listed(mall, PLATE, "black", 1, reason="fled")
    await mall.reads(PLATE, "in", "black")
    async with asyncio.timeout(WAIT_S):
        while not (alert := (await mall.get("/gate-queue"))["items"][0])["rung"]:
            pass
    assert (alert["plate"], alert["why"], alert["rung"]) == (PLATE, "black", True)
    assert mall.yard.opened("bar-in") == []
    await mall.later(61)
    await mall.enters()
    assert (await mall.get("/gate-queue"))["items"] == []


@pytest.mark.feature("VEH-03")
async def test_a_white_plate_comes_and_goes_free_and_pays_when_its_time_is_over(mall: Gated) -> None:
    await listed(mall, PLATE, "white", 5)
    await mall.enters()
    await mall.later(120)
    session = mall.inside()[PLATE]
    await mall.reads(PLATE, "out", "goodbye")
    assert (await stay(mall, session)).due_fen == 0
    await mall.later(240)
    await mall.enters()
    await mall.later(90)
    assert (await mall.reads(PLATE, "out", "pay")).fen == 1000


@pytest.mark.feature("EXT-05")
async def test_a_locked_car_finds_no_open_gate_and_its_owner_is_told(mall: Gated) -> None:
    owner = (await mall.house.users.named("owner")).id  # type: ignore[union-attr]
    await mall.enters()
    mall.town.say(Ref("vehicle", PLATE), BindOwner(owner), at=mall.clock())
    locked = Ref("vehicle", PLATE)
    said = await mall.as_("owner", owner)("POST", f"/api/v1/own/plates/{PLATE}/lock", {"on": True})
    assert said.status == 204, said.json
    await mall.later(5)
    await mall.reads(PLATE, "out", "locked")
    assert mall.yard.opened("bar-out") == []
    assert list(mall.inside()) == [PLATE]
    assert [type(fact).__name__ for fact in mall.town.facts[locked]].count("LockedCarTried") == 1
    await mall.told()
    async with mall.engine.connect() as connection:
        told = (await connection.exec_driver_sql("SELECT account, template FROM notices")).all()
    assert (owner, "locked_car") in [tuple(row) for row in told], told


@pytest.mark.feature("EXT-01")
async def test_one_wrong_sign_proposes_the_right_stay_and_two_candidates_go_to_the_desk(mall: Gated) -> None:
    await mall.enters("粤B12345")
    await mall.later(30)
    code = (await mall.get(f"/lanes/{mall.lanes['out']}/code", "operator"))["code"]
    assert (await mall.reads("粤B1234S", "out", "pay")).fen == 500
    car = (await mall.get(f"/gate-codes/{code}", ""))["car"]
    assert (car["plate"], car["due_fen"]) == ("粤B****5", 500)
    await mall.enters("粤B12346")
    await mall.later(30)
    await mall.reads("粤B1234G", "out2", "several")
    (queued,) = (await mall.get("/gate-queue"))["items"]
    assert (queued["plate"], queued["why"], queued["lane"]) == ("粤B1234G", "several", mall.lanes["out2"])
    assert {each["plate"] for each in queued["among"]} == {"粤B12345", "粤B12346"}
    chosen = next(each for each in queued["among"] if each["plate"] == "粤B12346")
    said = {"n": queued["n"], "verdict": "stay", "session": chosen["session"], "reason": "seen on the picture"}
    done = await mall.post(f"/lanes/{mall.lanes['out2']}/decision", said)
    assert (done.status, done.json["how"], done.json["due_fen"]) == (200, "pay", 500)
    assert (await mall.shows("out2", "pay")).fen == 500
    await mall.pays(chosen["session"], 500)
    await mall.shows("out2", "goodbye")
    assert len(mall.yard.opened("bar-out2")) == 1
    again = await mall.post(f"/lanes/{mall.lanes['out2']}/decision", said)
    assert (again.status, again.json["details"]["refused"]) == (409, "car_gone")


@pytest.mark.feature("EXT-22")
async def test_an_exit_without_an_entry_is_decided_by_the_rule_or_the_desk_and_never_free(mall: Gated) -> None:
    await mall.reads(PLATE, "out", "no_entry")
    (queued,) = (await mall.get("/gate-queue"))["items"]
    wrong = {"n": queued["n"], "verdict": "let_in", "reason": "x"}
    said = await mall.post(f"/lanes/{mall.lanes['out']}/decision", wrong)
    assert (said.status, said.json["details"]["refused"]) == (409, "wrong_verdict")
    verdict = {"n": queued["n"], "verdict": "unknown", "fen": 1500, "reason": "ticket lost"}
    done = await mall.post(f"/lanes/{mall.lanes['out']}/decision", verdict)
    assert (done.json["how"], done.json["due_fen"]) == ("pay", 1500)
    await mall.shows("out", "pay")
    assert mall.yard.opened("bar-out") == []
    await mall.pays(done.json["session"], 1500)
    await mall.shows("out", "goodbye")
    mall.ruled(exit_without_entry="least", unknown_fen=2000)
    assert (await mall.reads(OTHER, "out", "pay")).fen == 2000
    await mall.told()
    assert "no_entry" in (await stay(mall, mall.inside()[OTHER])).face.flags


async def test_the_desk_lets_a_refused_car_in_and_sends_another_back(mall: Gated) -> None:
    await listed(mall, PLATE, "black", 5)
    for n, (verdict, says) in enumerate((("keep_out", "kept_out"), ("let_in", "welcome"))):
        await mall.reads(PLATE, "in", "black")
        (queued,) = (await mall.get(f"/gate-queue?lot={LOT}"))["items"]
        body = {"n": queued["n"], "verdict": verdict, "reason": "spoke with the driver"}
        done = await mall.post(f"/lanes/{mall.lanes['in']}/decision", body)
        assert done.status == 200, done.json
        await mall.shows("in", says)
        assert (await mall.get("/gate-queue"))["items"] == []
        assert len(mall.yard.opened("bar-in")) == n
    (car,) = (await mall.get(f"/lots/{LOT}/inside?plate=b123"))["items"]
    assert car["plate"] == PLATE
    assert "let_in_by_desk" in (await stay(mall, car["session"])).face.flags
    assert (await mall.get(f"/lots/{LOT}/inside?plate=A"))["items"] == []


async def test_a_driver_does_not_pay_for_the_time_that_the_desk_took(mall: Gated) -> None:
    await mall.enters("粤B12345")
    await mall.enters("粤B12346")
    await mall.later(55)
    await mall.reads("粤B1234G", "out", "several")
    await mall.later(9)
    (queued,) = (await mall.get("/gate-queue"))["items"]
    session = queued["among"][0]["session"]
    body = {"n": queued["n"], "verdict": "stay", "session": session, "reason": "picture"}
    done = await mall.post(f"/lanes/{mall.lanes['out']}/decision", body)
    assert (done.json["how"], done.json["due_fen"]) == ("pay", 500)
    await mall.later(4)
    await mall.pays(session, 500)
    await mall.shows("out", "goodbye")
    gone = {"n": 1, "verdict": "stay", "session": session, "reason": "x"}
    said = await mall.post(f"/lanes/{mall.lanes['out']}/decision", gone)
    assert (said.code, said.json["details"]["refused"]) == ("refused", "car_gone")
