"""Topics that concern few: pushed when a fee changes, a fact concerns them or a message comes, and to nobody else."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from actors.values import MINUTE_US, SECOND_US
from gateway.live.concerns import Concerns
from gateway.live.private import Private
from gateway.live.server import LiveSettings
from gateway.notices.sender import Sender, sandboxes
from storage.notices.outbox import NoticeOutbox
from tests.gateway.http.conftest import address, caller, clock, house
from tests.gateway.http.owned import PLATE, Owned, bound, city, engine, home, town
from tests.gateway.live.stage import TOKENS, Bearer, Client, Stage, opened

__all__ = ["address", "caller", "city", "clock", "engine", "home", "house", "town"]

STAY = "L0/L0-0-1"


class Screens(Stage):
    """The live line of a city with actors: what they record is on the stream after `news`."""

    def __init__(self, city: Owned) -> None:
        self.concerns = Concerns(city.town, city.house.own.inbox.newest)
        super().__init__(LiveSettings(port=0), private=Private(self.concerns, city.clock))
        self.city = city
        self.passed = 0

    async def news(self) -> None:
        """What the actors have recorded since is committed, and on its way to everybody."""
        await self.city.town.project(self.city.engine)
        told = self.city.town.told[self.passed :]
        self.passed = len(self.city.town.told)
        for each in told:
            await self.commit({}, [(each.ref, each.fact)])
        await self.tick()


@pytest.fixture
async def screens(city: Owned) -> AsyncIterator[Screens]:
    TOKENS["owner"] = Bearer(frozenset({"own.read", "self.read"}), user=city.user)
    TOKENS["collector"] = Bearer(frozenset({"sessions.read", "self.read"}), user="c")
    async with Screens(city) as stage:
        yield stage
    del TOKENS["owner"], TOKENS["collector"]


def body(line: Client, topic: str) -> dict[str, Any]:
    return line.topics[topic][2]


def deltas(line: Client, topic: str) -> int:
    return len([each for each in line.heard if each["t"] == "delta" and each["topic"] == topic])


@pytest.mark.feature("OWN-06")
async def test_a_fee_is_pushed_when_it_changes_and_not_between(city: Owned, screens: Screens) -> None:
    await bound(city)
    await city.parked("L0-0")
    topic = f"fee/{STAY}"
    line = await opened(screens, "collector")
    await line.sub(topic)
    shown = body(line, topic)
    assert (shown["due_fen"], shown["then_fen"], shown["plate"]) == (0, 250, PLATE)
    for fen in (250, 500, 750):
        holds = body(line, topic)["holds_until_us"]
        for before in (MINUTE_US, SECOND_US):
            city.clock.ahead_us += max(0, holds - before - city.clock())
            await screens.live._private.look()  # type: ignore[union-attr]
        seen = deltas(line, topic)
        city.clock.ahead_us += SECOND_US
        await line.until(lambda fen=fen: body(line, topic)["due_fen"] == fen)  # type: ignore[misc]
        assert deltas(line, topic) == seen + 1, "nothing was pushed before the fee changed"
    said = (await city.get("/own/stays"))["items"][0]
    assert said["due_fen"] == body(line, topic)["due_fen"]


@pytest.mark.feature("OWN-24")
async def test_an_owner_sees_his_cars_come_pay_and_go(city: Owned, screens: Screens) -> None:
    await bound(city)
    topic, messages = f"own/{city.user}", f"messages/{city.user}"
    line = await opened(screens, "owner")
    await line.sub(topic, messages)
    assert body(line, topic)["stays"] == {}
    await city.parked("L0-0")
    await screens.news()
    await line.until(lambda: STAY in body(line, topic)["stays"])
    await city.later(40)
    await screens.news()
    await city.left("L0-0")
    await screens.news()
    await line.until(lambda: STAY not in body(line, topic)["stays"] or body(line, topic)["stays"][STAY][0] == "unpaid")
    sender = Sender(NoticeOutbox(city.engine, "g"), sandboxes(city.engine, city.clock))
    while await sender.look():
        pass
    await line.until(lambda: len(body(line, messages)["latest"]) == 3)
    kinds = [each[1] for each in body(line, messages)["latest"]]
    assert (kinds[0], sorted(kinds)) == ("exit", ["entry", "exit", "plate_bound"])
    (left,) = [each for each in (await city.get("/messages"))["items"] if each["kind"] == "exit"]
    assert "5.00 元" in left["body"]
    await city.funded(700)
    await screens.news()
    await line.until(lambda: body(line, topic)["balance_fen"] == 700)


@pytest.mark.feature("PDA-37")
async def test_a_message_of_the_office_arrives_and_is_unread_until_it_is_opened(city: Owned, screens: Screens) -> None:
    topic = f"messages/{city.user}"
    line = await opened(screens, "owner")
    await line.sub(topic)
    assert body(line, topic) == {"unread": 0, "latest": []}
    said = {"to": [city.user], "title": "停水", "body": "今晚"}
    assert (await city.staff("POST", "/api/v1/messages", said)).status == 201
    await line.until(lambda: body(line, topic)["unread"] == 1)
    id = body(line, topic)["latest"][0][0]
    assert (await city.owner("PATCH", f"/api/v1/messages/{id}", {})).status == 200
    await line.until(lambda: body(line, topic)["unread"] == 0)


@pytest.mark.parametrize(
    ("token", "topic", "why"),
    [
        ("owner", "own/somebody", "forbidden"),
        ("owner", "messages/somebody", "forbidden"),
        ("owner", f"fee/{STAY}", "forbidden"),
        ("collector", "own/c", "forbidden"),
        ("collector", "fee/L0/none-1", "unknown_topic"),
        ("collector", "fee/L0", "unknown_topic"),
        ("watcher", "messages/u", "forbidden"),
    ],
)
async def test_what_is_not_ones_own_is_not_followed(screens: Screens, token: str, topic: str, why: str) -> None:
    line = await opened(screens, token)
    await line.say({"t": "sub", "topic": topic})
    await line.until(lambda: bool(line.of(topic, "gone")))
    assert line.of(topic, "gone")[0]["code"] == why


async def test_who_comes_back_missed_nothing(city: Owned, screens: Screens) -> None:
    await bound(city)
    topic = f"own/{city.user}"
    first, second = await opened(screens, "owner"), await opened(screens, "owner")
    await first.sub(topic)
    await second.sub(topic)
    epoch, seq, _ = first.topics[topic]
    await first.say({"t": "unsub", "topic": topic})
    await city.funded(700)
    await screens.news()
    await second.until(lambda: body(second, topic)["balance_fen"] == 700)
    await first.say({"t": "sub", "topic": topic, "epoch": epoch, "seq": seq})
    await first.until(lambda: body(first, topic)["balance_fen"] == 700)
    assert first.topics[topic] == second.topics[topic]


async def test_what_nobody_follows_is_forgotten_and_a_broken_stream_makes_all_anew(
    city: Owned, screens: Screens
) -> None:
    await bound(city)
    topic = f"own/{city.user}"
    line = await opened(screens, "owner")
    await line.sub(topic)
    await city.funded(300)
    await screens.restart_views()
    await line.until(lambda: body(line, topic)["balance_fen"] == 300)
    await line.say({"t": "unsub", "topic": topic}, {"t": "ping", "id": 1})
    await line.until(lambda: line.heard[-1]["t"] == "pong")
    screens.beat()
    assert screens.live._private is not None
    assert screens.live._private.position(topic) is None
