"""Fleets over HTTP: staff see what a storm of false departures has left, and reverse it in bulk."""

from typing import Any

import msgspec
import pytest
from sqlalchemy import insert

from actors.engine.post import Unanswered
from actors.messages.fleet import DecideHeld, HeldDecided
from actors.messages.forms import Message, Reply
from actors.values import Ref
from gateway.http.fleets import DECIDED_MOST
from gateway.http.house import House
from storage.schema.derived import device_states
from tests.actors.kinds.test_fleet import FLEET, Town
from tests.gateway.http.callers import Caller

SICK = "/api/v1/fleets/yun-json:2.1"


class Told:
    """Actors in this process instead of a post; each key is one command."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.said: dict[str, Reply | None] = {}
        self.decisions = 0
        self.lost = 0
        """Of which decision the answer is lost, when one more departure came after the first; 0: of none."""

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        if key is not None and key in self.said:
            return self.said[key]
        reply = self.town.world.say(ref, message)
        if key is not None:
            self.said[key] = reply
        if isinstance(message, DecideHeld):
            self.decisions += 1
            if self.lost and self.decisions == 1:
                self.town.see(0, True, 110)
                self.town.see(0, False, 111)
            if self.decisions == self.lost:
                raise Unanswered(ref, key or "")
        return reply


@pytest.fixture(scope="module")
async def engine(engine: Any) -> Any:
    """Two of six devices have said their firmware."""
    async with engine.begin() as connection:
        for device, firmware in (("d-L0-0", "2.1"), ("d-L0-1", "2.1"), ("d-L0-2", "2.0")):
            row = {"device_id": device, "lot_id": "L0", "lost": 0, "late": 0, "drift_us": 0, "frames": 1}
            await connection.execute(insert(device_states), row | {"firmware": firmware})
    return engine


@pytest.fixture
def town(house: House) -> Town:
    """A town in which a storm has just been."""
    town = Town(30).stormy()
    house.post = Told(town)
    return town


async def test_fleets_are_told_apart_by_firmware_the_sick_one_first(operator: Caller, town: Town) -> None:
    items = (await operator.get("/api/v1/fleets")).json["items"]
    assert [(each["id"], each["devices"]) for each in items] == [
        ("yun-json:2.1", 2),
        ("yun-json", 3),
        ("yun-json:2.0", 1),
    ]
    sick = items[0]
    assert sick["quarantined_us"]
    assert sick["held"] == town.fleet().face.held
    assert items[1]["quarantined_us"] is None


@pytest.mark.feature("EXT-23")
async def test_staff_preview_in_pages_and_reverse_in_bulk(operator: Caller, viewer: Caller, town: Town) -> None:
    total, seen, after = town.fleet().face.held, [], ""
    while after is not None:
        page = (await operator.get(f"{SICK}/held?limit=7&after={after}")).json
        seen += page["items"]
        after = page["next"]
    assert len(seen) == total
    assert {"session", "bay", "exit_us", "ended"} == set(seen[0])
    said = {"verdict": "reverse", "reason": "firmware 2.1"}
    assert (await viewer("POST", f"{SICK}/decide", said)).status == 403
    done = await operator("POST", f"{SICK}/decide", said, Idempotency_Key="once")
    assert (done.status, done.json) == (200, {"decided": total, "left": 0})
    again = await operator("POST", f"{SICK}/decide", said, Idempotency_Key="once")
    assert again.json == done.json, "pressed twice, it is done once"
    assert {town.stay(bay).exit_us for bay in range(1, 30)} == {None}
    assert {town.shown(bay) for bay in range(1, 30)} == {"occupied"}
    lifted = await operator("POST", f"{SICK}/lift", {"reason": "repaired"})
    assert (lifted.status, lifted.json["quarantined_us"], lifted.json["held"]) == (200, None, 0)


async def test_one_command_decides_on_all_that_were_held_and_on_none_that_came_since(
    operator: Caller, house: House
) -> None:
    """More than two batches; the answer to the second is lost, and asking again goes on from there."""
    town = Town(1_100).stormy()
    house.post = told = Told(town)
    held = town.fleet().face.held
    assert held > 2 * DECIDED_MOST
    told.lost = 2
    said = {"verdict": "reverse", "reason": "firmware 2.1"}
    first = await operator("POST", f"{SICK}/decide", said, Idempotency_Key="all")
    assert (first.status, first.code) == (504, "outcome_unknown")
    again = await operator("POST", f"{SICK}/decide", said, Idempotency_Key="all")
    assert (again.status, again.json) == (200, {"decided": held, "left": 1})
    assert [len(each.sessions) for each in town.world.said(FLEET, HeldDecided)] == [500, 500, held - 1000]
    assert {town.shown(bay) for bay in range(1, 1_100)} == {"occupied"}
    assert town.shown(0) == "verify", "it left after the command, and nobody has decided on it"


async def test_some_are_confirmed_by_name(operator: Caller, town: Town) -> None:
    said = {"verdict": "confirm", "reason": "seen by a collector", "sessions": ["7/5-1", "7/6-1", "nobody"]}
    assert (await operator("POST", f"{SICK}/decide", said)).json == {"decided": 2, "left": 0}
    assert town.stay(5).exit_us is not None
    assert town.stay(7).exit_us is None
    wrong = await operator("POST", f"{SICK}/decide", {**said, "verdict": "perhaps"})
    assert (wrong.status, wrong.code) == (400, "invalid_body")


async def test_fleets_that_do_not_answer_are_said_to_be_unknown(operator: Caller) -> None:
    items = (await operator.get("/api/v1/fleets")).json["items"]
    assert {each["reachable"] for each in items} == {False}
    said = await operator.get(f"{SICK}/held")
    assert (said.status, said.code) == (503, "not_reachable")
    assert msgspec.json.encode(items)
