"""Lanes that are cut off from the city: each does what its lot has said; the city learns of it once, and prices it."""

import asyncio
from collections import Counter
from time import monotonic

import pytest

from actors.messages.forms import Fact, Message, Reply
from actors.messages.lane_facts import CarEntered, CarLeft, SeatRung
from actors.messages.payment import ProviderSaid, QueryOrder
from actors.messages.session import SessionQuery
from actors.messages.session_facts import SessionLeft
from actors.messages.session_shown import SessionAnswer
from actors.values import Ref
from gateway.lanes.lane import HASTEN_AFTER_S, LOOK_EVERY_S
from tests.gateway.http.gated import LOT, OTHER, PLATE, Gated, engine, home, mall
from tests.gateway.http.owned import Provider
from tests.gateway.lanes.yard import WAIT_S

__all__ = ["engine", "home", "mall"]

WAIT_MS, WITHIN_S = 200, 1.0
HERE = Ref("lot", LOT)


async def owes(mall: Gated, session: str) -> int:
    answer = await mall.town.ask(Ref("session", session), SessionQuery())
    assert isinstance(answer, SessionAnswer)
    return answer.due_fen


def once(mall: Gated, fact: type[Fact]) -> Counter[str]:
    """How often each plate did this."""
    return Counter(each.plate for each in mall.town.said(HERE, fact))  # type: ignore[attr-defined]


async def told(mall: Gated) -> None:
    """The line is whole, and the city knows what the lanes did alone."""
    mall.line.broken = ""
    async with asyncio.timeout(WAIT_S):
        await mall.yard.site.drained()


@pytest.mark.feature("EXT-19")
@pytest.mark.parametrize("broken", ["cut", "silent"])
async def test_a_lane_that_opens_alone_tells_each_passage_once_and_it_is_priced(mall: Gated, broken: str) -> None:
    mall.ruled(wait_ms=WAIT_MS, entry_fallback="open", exit_fallback="open")
    await mall.learned()
    await mall.enters()
    await mall.later(50)
    session = mall.inside()[PLATE]
    mall.line.broken = broken
    for plate, lane in ((OTHER, "in"), (PLATE, "out")):
        began, opened = monotonic(), len(mall.yard.opened(f"bar-{lane}"))
        await mall.yard.sees(plate, lane)
        await mall.yard.until(lambda lane=lane, opened=opened: len(mall.yard.opened(f"bar-{lane}")) > opened)
        assert monotonic() - began < WITHIN_S
    assert len(mall.yard.site.logbook.untold()) == 2
    assert once(mall, CarEntered) == {PLATE: 1}, "the city knows nothing of it yet"
    await mall.later(30)
    await told(mall)
    assert once(mall, CarEntered) == {PLATE: 1, OTHER: 1}
    assert once(mall, CarLeft) == {PLATE: 1}
    assert len(mall.town.said(Ref("session", session), SessionLeft)) == 1
    assert await owes(mall, session) == 500, "priced as of when it passed, and owed"
    assert await owes(mall, mall.inside()[OTHER]) == 500, "the entry counts from when it passed"


@pytest.mark.feature("EXT-19")
@pytest.mark.parametrize("broken", ["cut", "silent"])
@pytest.mark.parametrize(("fallback", "rings"), [("hold", 0), ("seat", 1)])
async def test_a_lane_that_holds_or_rings_keeps_shut_and_goes_on_when_the_city_is_back(
    mall: Gated, broken: str, fallback: str, rings: int
) -> None:
    mall.ruled(wait_ms=WAIT_MS, entry_fallback=fallback, exit_fallback=fallback)
    await mall.learned()
    await mall.enters()
    await mall.later(50)
    mall.line.broken = broken
    for plate, lane in ((OTHER, "in"), (PLATE, "out")):
        began = monotonic()
        await mall.reads(plate, lane, "please_wait")
        assert monotonic() - began < WITHIN_S
    assert mall.yard.opened("bar-out") == []
    assert len(mall.yard.opened("bar-in")) == 1, "only the car that the city let in"
    assert mall.yard.site.logbook.untold() == []
    mall.line.broken = ""
    assert (await mall.shows("out", "pay")).fen == 500
    await mall.yard.until(lambda: len(mall.yard.opened("bar-in")) == 2)
    assert Counter(rung.lane for rung in mall.town.said(HERE, SeatRung)) == Counter(
        {mall.lanes[lane]: rings for lane in ("in", "out") if rings}
    )
    await mall.pays(mall.inside()[PLATE], 500)
    await mall.shows("out", "goodbye")
    assert once(mall, CarLeft) == {PLATE: 1}


async def test_a_provider_whose_notification_does_not_come_is_asked_while_the_car_stands_there(
    mall: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider = Provider(mall.house, monkeypatch)
    await mall.enters()
    await mall.later(50)
    shown = await mall.reads(PLATE, "out", "pay")
    car = (await mall.get(f"/gate-codes/{shown.code}", ""))["car"]
    begun = await mall.post(f"/gate-codes/{shown.code}/payment", {"bill": car["bill"]}, "")
    payment = Ref("payment", begun.json["payment"])
    assert len(provider.orders) == 1
    stands_still = mall.town.now
    monkeypatch.setattr(mall.town, "_clock", lambda: stands_still)  # so the payment's own wake, after 3 s, never rings
    answers = mall.town.ask

    async def ask(ref: Ref, message: Message, key: str | None = None, timeout_s: float = 5.0) -> Reply | None:
        reply = await answers(ref, message, key, timeout_s)
        if any(to == payment and isinstance(request, QueryOrder) for to, request in mall.town.asked):
            mall.town.asked.clear()
            paid = ProviderSaid("paid", 500, "CNY", "m1", "w1", stands_still, "o1")
            mall.town.say(payment, paid)
        return reply

    monkeypatch.setattr(mall.town, "ask", ask)
    monkeypatch.setattr(mall.line, "ask", ask)
    await mall.shows("out", "goodbye")
    assert len(mall.yard.opened("bar-out")) == 1
    assert HASTEN_AFTER_S + LOOK_EVERY_S <= 3.0
