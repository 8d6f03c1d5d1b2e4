"""What people do with gates over HTTP: lanes of the register, barriers lifted, gates forced open, codes scanned."""

from typing import Any

import pytest

from actors.engine.post import Full
from actors.messages.payment import ProviderSaid
from actors.messages.session import SessionQuery
from actors.messages.session_shown import SessionAnswer
from actors.values import MINUTE_US, Ref
from gateway.lanes.codes import Codes
from tests.gateway.http.gated import LOT, OTHER, PLATE, WAYS, Gated, engine, home, mall
from tests.gateway.http.owned import Provider

__all__ = ["engine", "home", "mall"]


@pytest.fixture
def provider(mall: Gated, monkeypatch: pytest.MonkeyPatch) -> Provider:
    return Provider(mall.house, monkeypatch)


async def stay(mall: Gated, session: str) -> SessionAnswer:
    """A stay as its actor says."""
    answer = await mall.town.ask(Ref("session", session), SessionQuery())
    assert isinstance(answer, SessionAnswer)
    return answer


async def test_lanes_are_registered_changed_and_reach_their_lot(mall: Gated) -> None:
    lane = mall.lanes["in"]
    rows = (await mall.get(f"/lanes?lot={LOT}", "operator"))["items"]
    assert {row["id"]: row["direction"] for row in rows} == {mall.lanes[name]: way for name, way in WAYS.items()}
    new = {"lot": LOT, "name": "north", "direction": "both", "camera": "cam-in"}
    made = await mall.post("/lanes", new, "operator", key="north")
    again = await mall.post("/lanes", new, "operator", key="north")
    assert (made.status, again.status) == (201, 201)
    assert made.json == again.json == await mall.get(f"/lanes/{made.json['id']}", "operator")
    other = await mall.post("/lanes", {**new, "name": "south"}, "operator", key="north")
    assert (other.status, other.code) == (409, "id_taken")
    for device, code in (("cam-else", "device_elsewhere"), ("nothing", "unknown_parent")):
        said = await mall.post("/lanes", {**new, "camera": device}, "operator")
        assert (said.status, said.code) == (409, code)
    change = {"version": 1, "name": "Einfahrt", "barrier": None}
    said = await mall.as_("operator")("PATCH", f"/api/v1/lanes/{lane}", change)
    assert (said.status, said.json["name"], said.json["barrier"], said.json["version"]) == (200, "Einfahrt", None, 2)
    late = await mall.as_("operator")("PATCH", f"/api/v1/lanes/{lane}", change)
    assert (late.status, late.code) == (409, "version_conflict")
    assert (await mall.post("/lanes", new, "viewer")).status == 403
    await mall.delivered()
    assert mall.town.actors[Ref("lot", LOT)].lanes[lane].name == "Einfahrt"  # type: ignore[attr-defined]


@pytest.mark.feature("EXT-21")
async def test_every_barrier_lifted_by_hand_has_who_why_and_picture_and_people_are_counted(mall: Gated) -> None:
    await mall.enters()
    await mall.later(50)
    await mall.reads(PLATE, "out", "pay")
    lift, session = f"/lanes/{mall.lanes['out']}/lift", mall.inside()[PLATE]
    for body in ({"picture": "p"}, {"reason": "jam"}, {"reason": "", "picture": "p"}):
        said = await mall.post(lift, body)
        assert (said.status, said.code) == (400, "invalid_body")
    said = await mall.post(lift, {"reason": "jam", "picture": "nowhere"})
    assert (said.status, said.code) == (409, "unknown_picture")
    assert (await mall.post(lift, {"reason": "jam", "picture": "p"}, "cashier")).status == 403
    assert mall.yard.opened("bar-out") == []
    picture = await mall.picture()
    for _ in range(2):
        said = await mall.post(lift, {"reason": "jam", "picture": picture}, name="lin", key="once")
        assert said.status == 204, said.json
    await mall.shows("out", "goodbye")
    assert len(mall.yard.opened("bar-out")) == 1, "pressed twice, and told by its lane: opened once"
    assert (await stay(mall, session)).due_fen == 500, "what was not paid is owed"
    second = await mall.picture()
    await mall.post(f"/lanes/{mall.lanes['in']}/lift", {"reason": "ambulance", "picture": second}, name="lin")
    await mall.post(f"/lanes/{mall.lanes['in']}/lift", {"reason": "broken", "picture": second}, name="wang")
    first, rest = (await mall.get("/gate-lifts?limit=1")), []
    rest = (await mall.get(f"/gate-lifts?limit=5&after={first['next']}"))["items"]
    shown = [(row["person"], row["reason"], row["lane"], row["picture"]) for row in (*first["items"], *rest)]
    assert shown == [
        ("wang", "broken", mall.lanes["in"], second),
        ("lin", "ambulance", mall.lanes["in"], second),
        ("lin", "jam", mall.lanes["out"], picture),
    ]
    assert rest[-1]["session"] == session
    assert len((await mall.get("/gate-lifts?person=lin"))["items"]) == 2
    people = (await mall.get(f"/gate-lifts/people?lot={LOT}"))["items"]
    assert [(row["person"], row["lifts"], row["lanes"]) for row in people] == [("lin", 2, 2), ("wang", 1, 1)]
    assert (await mall.get("/gate-lifts/people?until_us=1"))["items"] == []


async def forced(mall: Gated, path: str, open: bool, why: str) -> Any:
    """One command that was confirmed."""
    first = await mall.post(path, {"open": open, "reason": why}, name="chief")
    assert (first.status, first.code) == (409, "needs_confirmation")
    confirm = first.json["details"]["confirm"]
    other = await mall.post(path, {"open": not open, "reason": why, "confirm": confirm}, name="chief")
    assert other.code == "needs_confirmation", "a confirmation is good for what it confirms"
    done = await mall.post(path, {"open": open, "reason": why, "confirm": confirm}, name="chief")
    assert done.status == 200, done.json
    return done.json["items"]


def moved(mall: Gated, barrier: str) -> list[str]:
    """What a barrier was told."""
    return [said.order for device, said in mall.yard.heard if device == barrier]


@pytest.mark.feature("EXT-20")
@pytest.mark.parametrize(("rule", "unseen", "seen_fen"), [("keep", None, 500), ("owe", 500, 500), ("free", 0, 0)])
async def test_all_gates_of_a_region_open_and_the_stays_of_that_time_are_listed(
    mall: Gated, rule: str, unseen: int | None, seen_fen: int
) -> None:
    mall.ruled(emergency=rule)
    waits, seen, stayed, late = PLATE, OTHER, "粤C00001", "粤C00002"
    for plate in (waits, seen, stayed):
        await mall.enters(plate)
    await mall.later(50)
    await mall.reads(waits, "out", "pay")
    sessions = mall.inside()
    (lot,) = await forced(mall, "/regions/cbd/gates", True, "fire")
    assert (lot["lot"], lot["done"], lot["barriers"], lot["inside"]) == (LOT, True, 3, 3)
    for lane in ("in", "out", "out2"):
        await mall.yard.until(lambda lane=lane: "stay_open" in moved(mall, f"bar-{lane}"))
    await mall.later(1)
    await mall.enters(late)
    await mall.reads(seen, "out2", "goodbye")
    running = (await mall.get("/emergencies"))["items"]
    assert [(row["lot_id"], row["person"], row["reason"], row["until_us"]) for row in running] == [
        (LOT, "chief", "fire", None)
    ]
    await mall.later(5)
    sessions |= mall.inside()
    await forced(mall, f"/lots/{LOT}/gates", False, "over")
    await mall.yard.until(lambda: moved(mall, "bar-in")[-1] == "work")
    (row,) = (await mall.get(f"/emergencies?lot={LOT}"))["items"]
    assert (row["ended_by"], row["ended_why"]) == ("chief", "over")
    path = f"/emergency-stays?lot={LOT}&from_us={row['from_us']}"
    page = await mall.get(f"{path}&limit=3")
    items = page["items"] + (await mall.get(f"{path}&after={page['next']}"))["items"]
    review = {each["plate"]: each for each in items}
    assert {plate: each["code"] for plate, each in review.items()} == {
        waits: "left_emergency",
        seen: "left_emergency",
        stayed: "emergency",
        late: "emergency",
    }
    assert review[late]["exit_us"] is None
    assert [(await stay(mall, sessions[plate])).due_fen for plate in (waits, seen)] == [seen_fen, seen_fen]
    assert (review[stayed]["exit_us"] is None) == (unseen is None)
    if unseen is not None:
        assert review[stayed]["exit_us"] == row["from_us"]
        assert review[stayed]["due_fen"] == unseen
    assert sorted(mall.inside()) == sorted([late] if unseen is not None else [late, stayed])
    assert (await mall.get(f"/emergency-stays?lot={LOT}&from_us=1"))["items"] == []


async def test_a_lot_that_does_not_answer_hides_no_other_and_is_named(
    mall: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    await mall.reads("", "in", "no_plate")
    made = await mall.post("/lanes", {"lot": "L1", "name": "far", "direction": "in"}, "operator")
    assert made.status == 201
    answers = mall.town.ask

    async def ask(ref: Ref, *said: Any) -> Any:
        if ref == Ref("lot", "L1"):
            raise Full
        return await answers(ref, *said)

    monkeypatch.setattr(mall.town, "ask", ask)
    queue = await mall.get("/gate-queue?region=cbd")
    assert ([car["why"] for car in queue["items"]], queue["silent"]) == (["no_plate"], ["L1"])
    items = await forced(mall, "/regions/cbd/gates", True, "fire")
    assert [(each["lot"], each["done"], each["why"]) for each in items] == [(LOT, True, ""), ("L1", False, "busy")]


async def test_a_lot_without_gates_has_none_to_open(mall: Gated) -> None:
    said = await mall.post("/lots/L1/gates", {"open": True, "reason": "fire"})
    assert (said.status, said.code) == (409, "no_gates")


@pytest.mark.feature("OFF-06")
async def test_a_car_without_a_plate_comes_and_leaves_with_one_phone(mall: Gated) -> None:
    way_in, way_out = [
        f"/gate-codes/{(await mall.get(f'/lanes/{mall.lanes[lane]}/code', 'operator'))['code']}"
        for lane in ("in", "out")
    ]
    far = await mall.post(f"{way_in}/entry", {}, "")
    assert (far.status, far.code, far.json["details"]["why"]) == (409, "turned_away", "no_car")
    await mall.reads("", "in", "no_plate")
    came = await mall.post(f"{way_in}/entry", {}, "", key="mine")
    assert came.status == 201, came.json
    again = await mall.post(f"{way_in}/entry", {}, "", key="mine")
    assert again.json == came.json, "sent twice, one car came in"
    await mall.yard.until(lambda: mall.yard.opened("bar-in"))
    assert len(mall.yard.opened("bar-in")) == 1
    ((plate, session),) = mall.inside().items()
    assert plate.startswith("~"), "an identity of its own, and no real plate"
    await mall.later(50)
    await mall.reads("", "out", "no_plate")
    stranger = await mall.post(f"{way_out}/exit", {"identity": "another"}, "")
    assert (stranger.status, stranger.json["details"]["why"]) == (409, "not_inside")
    asked = await mall.post(f"{way_out}/exit", {"identity": came.json["identity"]}, "")
    assert (asked.status, asked.json["car"]["due_fen"]) == (200, 500)
    assert mall.yard.opened("bar-out") == []
    await mall.pays(session, 500)
    await mall.yard.until(lambda: mall.yard.opened("bar-out"))
    assert mall.inside() == {}


@pytest.mark.feature("OWN-10")
async def test_the_static_code_finds_the_car_at_its_lane_and_the_code_on_the_screen_expires(
    mall: Gated, provider: Provider
) -> None:
    static = {
        lane: f"/gate-codes/{(await mall.get(f'/lanes/{mall.lanes[lane]}/code', 'operator'))['code']}"
        for lane in ("out", "out2")
    }
    for plate in (PLATE, OTHER):
        await mall.enters(plate)
    await mall.later(50)
    assert (await mall.get(static["out"], ""))["car"] is None, "nobody stands there"
    shown = {lane: await mall.reads(plate, lane, "pay") for lane, plate in (("out", PLATE), ("out2", OTHER))}
    cars = {lane: (await mall.get(path, ""))["car"] for lane, path in static.items()}
    assert {lane: car["plate"] for lane, car in cars.items()} == {"out": "粤B****5", "out2": "粤A****7"}
    wrong = await mall.post(f"{static['out']}/payment", {"bill": cars["out2"]["bill"]}, "")
    assert (wrong.status, wrong.code) == (404, "not_found")
    begun = await mall.post(f"{static['out']}/payment", {"bill": cars["out"]["bill"]}, "", key="pay")
    assert (begun.status, begun.json["fen"]) == (201, 500), begun.json
    again = await mall.post(f"{static['out']}/payment", {"bill": cars["out"]["bill"]}, "", key="pay")
    assert again.json["payment"] == begun.json["payment"]
    _paid(mall, begun.json["payment"])
    await mall.shows("out", "goodbye")
    assert len(mall.yard.opened("bar-out")) == 1
    dynamic = f"/gate-codes/{shown['out2'].code}"
    assert (await mall.get(dynamic, ""))["car"] == cars["out2"]
    await mall.later(6)
    over = await mall.door.get(f"/api/v1{dynamic}")
    assert (over.status, over.code) == (410, "code_expired")
    late = await mall.post(f"{dynamic}/payment", {"bill": cars["out2"]["bill"]}, "")
    assert (late.status, late.code) == (410, "code_expired")
    await mall.shows("out2", "quote_lapsed")
    fresh = await mall.reads(OTHER, "out2", "pay")
    car = (await mall.get(f"/gate-codes/{fresh.code}", ""))["car"]
    paying = await mall.post(f"/gate-codes/{fresh.code}/payment", {"bill": car["bill"]}, "")
    _paid(mall, paying.json["payment"])
    await mall.yard.until(lambda: mall.yard.opened("bar-out2"))


def _paid(mall: Gated, payment: str) -> None:
    now = mall.clock()
    said = ProviderSaid("paid", 500, "CNY", "m1", f"w{payment}", now, "o1")
    mall.town.say(Ref("payment", payment), said, at=now)


async def test_a_code_that_is_not_ours_means_nothing(mall: Gated) -> None:
    codes = Codes(mall.house.identity)
    price = codes.of_price(f"{LOT}/~1", mall.clock() + MINUTE_US)
    forged = price[:-1] + ("1" if price[-1] == "0" else "0")
    for code in ("x", "x.y", forged, codes.of_lane(LOT, "in").replace(".", "A.")):
        said = await mall.door.get(f"/api/v1/gate-codes/{code}")
        assert (said.status, said.code) == (404, "code_unknown")
    said = await mall.post(f"/gate-codes/{price}/entry", {}, "")
    assert (said.status, said.code) == (404, "code_unknown"), "nobody comes in by the code of a price"
    said = await mall.door.get(f"/api/v1/gate-codes/{price}")
    assert (said.status, said.json["details"]["refused"]) == (409, "session_unknown"), "ours, of a stay that never was"
