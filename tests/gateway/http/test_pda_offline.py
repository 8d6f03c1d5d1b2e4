"""What devices did without a line: accepted later, in order, each once; the city's conflicts told one by one."""

import asyncio
from typing import Any

import pytest

from actors.engine.post import Unanswered
from actors.messages.collector import CollectorAnswer, CollectorQuery
from actors.messages.forms import Message, Reply
from actors.messages.money import Settle
from actors.messages.session import PayByHand
from actors.messages.vehicle import VehicleAnswer, VehicleQuery
from actors.values import MINUTE_US, Ref
from gateway.http.asking import Post
from tests.gateway.http.callers import Clock
from tests.gateway.http.streets import Collector, Street


async def cash_of(street: Street) -> int:
    user = await street.house.users.named("li")
    assert user
    answer = await street.ask(Ref("collector", user.id), CollectorQuery())
    assert isinstance(answer, CollectorAnswer)
    return answer.face.cash_fen


async def stay(li: Collector, session: str) -> dict[str, Any]:
    lot, _, own = session.partition("/")
    return dict(await li.get(f"sections/{lot}/stays/{own}"))


def outcomes(said: Any) -> list[tuple[str, str]]:
    return [(each["outcome"], each["code"]) for each in said["items"]]


@pytest.mark.feature("PDA-11")
async def test_a_batch_is_applied_in_order_each_once_and_conflicts_are_told(
    street: Street, li: Collector, clock: Clock
) -> None:
    begun = clock()
    await street.came("L0-0", 40)
    start = {"id": "o1", "kind": "plate", "at_us": begun + MINUTE_US, "bay": "L0-0", "plate": "川P00001"}
    pay = {"id": "o2", "kind": "pay", "at_us": begun + 30 * MINUTE_US, "of": "o1", "fen": 250, "shift": li.shift}
    leave = {"id": "o3", "kind": "exit", "at_us": begun + 31 * MINUTE_US, "bay": "L0-0"}
    odd = {"id": "o4", "kind": "exit", "at_us": begun + 32 * MINUTE_US, "bay": "nowhere"}
    cash = await cash_of(street)
    first = await li.batch(start, pay)
    whole = await li.batch(start, pay, leave, odd)
    assert outcomes(first) == [("applied", "")] * 2
    assert outcomes(whole) == [("applied", "")] * 3 + [("refused", "not_found")]
    assert [each["again"] for each in whole["items"]] == [True, True, False, False]
    assert whole["conflicts"] == 1
    session = whole["items"][0]["details"]["session"]
    left = await stay(li, session)
    assert (left["plate"], left["exit_us"], left["received_fen"]) == ("川P00001", begun + 31 * MINUTE_US, 250)
    assert left["entry_us"] <= begun + MINUTE_US, "the sensor's, not the device's"
    assert await cash_of(street) - cash == 250
    late = {**pay, "id": "o6", "of": "o5", "at_us": begun + 34 * MINUTE_US}
    ahead = {**start, "id": "o7", "at_us": clock() + 60 * MINUTE_US}
    assert outcomes(await li.batch({**start, "id": "o5", "bay": "nowhere"}, late, ahead)) == [
        ("refused", "not_found"),
        ("refused", "earlier_refused"),
        ("refused", "clock_ahead"),
    ]
    again = await asyncio.gather(*(li.batch(start, pay, leave, odd) for _ in range(3)))
    assert all(each["again"] for said in again for each in said["items"])
    assert await cash_of(street) - cash == 250
    other = await li.batch({**pay, "fen": 9_999})
    assert outcomes(other) == [("refused", "id_taken")], "one id is one operation"


async def test_a_batch_that_came_twice_at_once_is_applied_once(street: Street, li: Collector, clock: Clock) -> None:
    await street.came("L0-1", 40)
    entry = await li.plate("L0-1", "川P00002")
    session, cash = entry.json["session"], await cash_of(street)
    pay = {"id": "t1", "kind": "pay", "at_us": clock(), "session": session, "fen": 500, "shift": li.shift}
    said = await asyncio.gather(*(li.batch(pay) for _ in range(5)))
    assert {outcome for each in said for outcome in outcomes(each)} == {("applied", "")}
    assert await cash_of(street) - cash == 500
    assert (await stay(li, session))["received_fen"] == 500


async def test_where_the_city_does_not_answer_the_rest_waits_and_goes_on(
    street: Street, li: Collector, clock: Clock
) -> None:
    await street.came("L0-1", 20)
    operations = [
        {"id": "w1", "kind": "plate", "at_us": clock(), "bay": "L0-1", "plate": "川P00003"},
        {"id": "w2", "kind": "exit", "at_us": clock(), "bay": "L0-1"},
    ]
    street.house.post = None
    said = await li.batch(*operations)
    assert outcomes(said) == [("waiting", "not_reachable"), ("waiting", "")]
    street.house.post = street.post
    said = await li.batch(*operations)
    assert outcomes(said) == [("applied", ""), ("applied", "")]


async def test_offline_cash_for_a_stay_paid_online_meanwhile_becomes_credit(
    street: Street, li: Collector, clock: Clock
) -> None:
    await street.came("L0-2", 59)
    session = (await li.plate("L0-2", "川P00004")).json["session"]
    quoted = clock()
    await street.ask(Ref("session", session), Settle("online-1", "wechat", 500, clock(), "", "w1"))
    cash = await cash_of(street)
    pay = {"id": "c1", "kind": "pay", "at_us": quoted, "session": session, "fen": 500, "shift": li.shift}
    said = await li.batch(pay)
    assert outcomes(said) == [("conflict", "paid_meanwhile")]
    assert said["items"][0]["details"]["credit_fen"] == "500"
    assert await cash_of(street) - cash == 500, "the collector has it in hand all the same"
    assert await credit(street, "川P00004") == 500
    left = await li.leave("L0-2")
    assert (left.json["state"], left.json["due_fen"]) == ("paid", 0)


class Breaking(Post):
    """A line that breaks after so many payments by hand."""

    def __init__(self, post: Post, after: int) -> None:
        self._post, self._left = post, after

    async def ask(self, ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        if isinstance(message, PayByHand):
            self._left -= 1
            if self._left < 0:
                raise Unanswered("the line broke")
        return await self._post.ask(ref, message, key)


async def owes_only(street: Street, li: Collector, plate: str, fen: int) -> None:
    """The vehicle has heard that it owes only so much now."""
    for _ in range(200):
        if (await li.get(f"plates/{plate}/arrears"))["fen"] == fen:
            return
    raise AssertionError("still more")


async def credit(street: Street, plate: str) -> int:
    for _ in range(200):
        answer = await street.ask(Ref("vehicle", plate), VehicleQuery())
        assert isinstance(answer, VehicleAnswer)
        if answer.face.credit_fen:
            return answer.face.credit_fen
    return 0


async def test_what_was_said_of_a_vehicle_that_has_left_does_not_go_to_the_next_one(
    street: Street, li: Collector, clock: Clock
) -> None:
    begun = clock()
    await street.came("L0-0", 20)
    await street.see("L0-0", False)
    clock.ahead_us += 20 * MINUTE_US
    await street.came("L0-0", 20)
    await street.told()
    said = await li.batch(
        {"id": "n1", "kind": "plate", "at_us": begun + 5 * MINUTE_US, "bay": "L0-0", "plate": "川P00005"},
        {"id": "n2", "kind": "exit", "at_us": begun + 30 * MINUTE_US, "bay": "L0-0"},
    )
    assert outcomes(said) == [("conflict", "left_meanwhile"), ("refused", "another_stay")]
    assert (await stay(li, said["items"][0]["details"]["session"]))["plate"] == "川P00005"
    now = await li.get("bays/L0-0/stay")
    assert (now["plate"], now["state"]) == ("", "unplated")


async def test_a_device_has_each_open_stays_schedule_for_a_day(street: Street, li: Collector, clock: Clock) -> None:
    await street.came("L0-0", 10)
    session = (await li.plate("L0-0", "川P00006")).json["session"]
    (one,) = [each for each in (await li.get("sections/L0/schedules"))["items"] if each["session"] == session]
    steps = one["steps"]
    assert [step["due_fen"] for step in steps[:3]] == [0, 250, 500]
    assert steps[-1]["until_us"] >= clock() + 24 * 60 * MINUTE_US - MINUTE_US
    for minutes in (4, 8, 25, 70):
        clock.ahead_us += minutes * MINUTE_US
        now = await li.get("bays/L0-0/stay")
        step = next(each for each in steps if clock() <= each["until_us"])
        assert step["due_fen"] == now["due_fen"]


async def test_arrears_taken_offline_settle_the_oldest_first_and_the_rest_is_credit(
    street: Street, li: Collector, clock: Clock
) -> None:
    plate = "川P00007"
    for _ in range(2):
        await street.came("L0-1", 59)
        await li.plate("L0-1", plate)
        await li.leave("L0-1")
        await street.see("L0-1", False)
    await street.passes(70)
    for _ in range(200):
        if (await li.get(f"plates/{plate}/arrears"))["fen"] == 1000:
            break
    take = {"id": "r1", "kind": "recover", "at_us": clock(), "plate": plate, "fen": 1200, "shift": li.shift}
    street.house.post = Breaking(street.post, after=1)
    assert outcomes(await li.batch(take)) == [("waiting", "outcome_unknown")]
    street.house.post = street.post
    await owes_only(street, li, plate, 500)
    said = await li.batch(take)
    assert outcomes(said) == [("conflict", "paid_meanwhile")]
    assert sorted(said["items"][0]["details"].values()) == ["500", "700"]
    assert await credit(street, plate) == 200
    for _ in range(200):
        if not (await li.get(f"plates/{plate}/arrears"))["items"]:
            return
    raise AssertionError("still owed")
