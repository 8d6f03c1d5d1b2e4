"""Bays over HTTP: registered, changed, listed, and asked after at their actors."""

import asyncio

import pytest

from actors.engine.post import Full, NotDone, Unanswered
from actors.messages.bay import BayAnswer, BayFace, BayQuery
from actors.messages.forms import Refused
from actors.values import Ref
from gateway.http.house import House
from tests.gateway.http.callers import Caller, Said

BAYS = "/api/v1/bays"


def bay(number: str, **other: object) -> dict[str, object]:
    return {"number": number, "lot": "L0", "type": "standard", "lon": 144.95, "lat": -37.81, **other}


async def made(operator: Caller, number: str) -> Said:
    said = await operator("POST", BAYS, bay(number))
    assert said.status == 201
    return said


@pytest.mark.feature("ONS-02")
async def test_a_bay_number_is_unique_in_the_city(operator: Caller) -> None:
    first = await made(operator, "A-1")
    again = await operator("POST", BAYS, bay("A-1", lot="L1"))
    assert (again.status, again.code) == (409, "bay_number_taken")
    other = await made(operator, "A-2")
    renamed = await operator("PATCH", f"{BAYS}/{other.json['id']}", {"version": 1, "number": "A-1"})
    assert (renamed.status, renamed.code) == (409, "bay_number_taken")
    kept = await operator.get(f"{BAYS}?q=A-")
    assert [(one["id"], one["number"]) for one in sorted(kept.json["items"], key=lambda one: one["number"])] == [
        (first.json["id"], "A-1"),
        (other.json["id"], "A-2"),
    ]


async def test_of_two_who_register_one_number_at_once_one_is_refused(operator: Caller) -> None:
    said = await asyncio.gather(*(operator("POST", BAYS, bay("B-1")) for _ in range(4)))
    assert sorted(one.status for one in said) == [201, 409, 409, 409]


async def test_a_new_bay_reads_as_it_was_written(operator: Caller) -> None:
    said = await operator("POST", BAYS, bay("C-1", bearing=12.5))
    assert said.json | {"id": ""} == bay("C-1", bearing=12.5, charging=False) | {
        "id": "",
        "version": 1,
        "state": "unknown",
        "since_us": None,
        "changed_us": None,
        "device": None,
    }
    assert (await operator.get(f"{BAYS}/{said.json['id']}")).json == said.json


async def test_the_same_key_again_is_the_same_bay(operator: Caller) -> None:
    first = await operator("POST", BAYS, bay("D-1"), Idempotency_Key="k-1")
    again = await operator("POST", BAYS, bay("D-1"), Idempotency_Key="k-1")
    assert (first.status, again.status) == (201, 201)
    assert first.json == again.json
    other = await operator("POST", BAYS, bay("D-2"), Idempotency_Key="k-1")
    assert (other.status, other.code) == (409, "id_taken")
    bad = await operator("POST", BAYS, bay("D-3"), Idempotency_Key="no spaces")
    assert (bad.status, bad.code) == (400, "invalid_key")


async def test_a_bay_lies_in_a_lot_that_there_is(operator: Caller) -> None:
    said = await operator("POST", BAYS, bay("E-1", lot="nowhere"))
    assert (said.status, said.code) == (409, "unknown_parent")


async def test_a_change_names_the_version_it_saw(operator: Caller) -> None:
    id = (await made(operator, "F-1")).json["id"]
    said = await operator("PATCH", f"{BAYS}/{id}", {"version": 1, "type": "disabled", "bearing": None})
    assert (said.json["type"], said.json["version"], said.json["number"]) == ("disabled", 2, "F-1")
    late = await operator("PATCH", f"{BAYS}/{id}", {"version": 1, "type": "standard"})
    assert (late.status, late.code) == (409, "version_conflict")


async def test_a_made_and_a_changed_bay_hasten_their_orders(operator: Caller, house: House) -> None:
    called: list[int] = []
    house.ordered = lambda: called.append(1)
    id = (await made(operator, "N-1")).json["id"]
    assert len(called) == 1
    await operator("PATCH", f"{BAYS}/{id}", {"version": 1, "type": "disabled"})
    assert len(called) == 2


async def test_a_new_bay_is_on_the_map(operator: Caller) -> None:
    before = await operator.get("/api/v1/map/bays")
    await made(operator, "G-1")
    after = await operator.get("/api/v1/map/bays", If_None_Match=before.headers["ETag"])
    assert after.status == 200
    assert "G-1" in {one["properties"]["number"] for one in after.json["features"]}


class Actors:
    """A post behind which every actor gives this answer."""

    def __init__(self, answer: BayFace | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[Ref, object]] = []

    async def ask(self, ref: Ref, message: object, key: str | None = None, timeout_s: float = 5.0) -> BayAnswer:
        self.asked.append((ref, message))
        if isinstance(self.answer, Exception):
            raise self.answer
        return BayAnswer(self.answer)


async def test_a_fresh_reading_asks_the_actor(viewer: Caller, house: House) -> None:
    face = BayFace("NL0-0", "standard", "occupied", 5, 6, "d-L0-0", True, 0)
    house.post = actors = Actors(face)
    said = await viewer.get(f"{BAYS}/L0-0?fresh=true")
    assert actors.asked == [(Ref("bay", "L0/L0-0"), BayQuery())]
    assert [said.json[name] for name in ("state", "since_us", "changed_us", "device")] == ["occupied", 5, 6, "d-L0-0"]
    assert (await viewer.get(f"{BAYS}/L0-0")).json["state"] == "unknown"


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (NotDone(Refused("not_now", "Not now", {"until": "5"})), 409, "refused"),
        (Unanswered("late"), 504, "outcome_unknown"),
        (Full("10,000 wait"), 503, "busy"),
        (None, 503, "not_reachable"),
    ],
    ids=["refused", "unanswered", "full", "no post"],
)
async def test_an_actor_that_gives_no_answer_is_told_apart(
    viewer: Caller, house: House, answer: Exception | None, status: int, code: str
) -> None:
    house.post = Actors(answer) if answer else None
    said = await viewer.get(f"{BAYS}/L0-0?fresh=true")
    assert (said.status, said.code) == (status, code)
    if code == "refused":
        assert said.json["details"] == {"refused": "not_now", "until": "5"}
    if status == 503:
        assert said.headers["Retry-After"] == "1"
